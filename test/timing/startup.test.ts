import { expect, test } from 'vitest'
import { measureStartup } from '../bench/startup.mjs'

test('help takes at most three times a bare Node, the first request at most six times', async () => {
  const { bare, version, help, firstRequest } = await measureStartup(5)
  expect(version / bare).toBeLessThan(2)
  expect(help / bare).toBeLessThan(3)
  expect(firstRequest / bare).toBeLessThan(6)
})
