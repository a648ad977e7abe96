import { expect, test } from 'vitest'
import { nowMs } from '../../src/load/clock.ts'
import { rehearse } from '../../src/load/rehearsal.ts'
import { planFor } from '../support/ask.ts'
import { pause, startRawServer } from '../support/raw-server.ts'

test('a rehearsal sends nothing to the target, ends soon, and leaves nothing open', async () => {
  let connections = 0
  const server = await startRawServer(() => {
    connections++
  })
  const plan = planFor(server.url, { number: 10_000 })
  const open = process.getActiveResourcesInfo().length
  const startMs = nowMs()
  await rehearse([plan, { ...plan, request: { ...plan.request, chosen: { stream: false } } }])
  expect(nowMs() - startMs).toBeLessThan(2000)
  const untilMs = nowMs() + 1000
  while (process.getActiveResourcesInfo().length > open && nowMs() < untilMs) await pause(5)
  expect(process.getActiveResourcesInfo().length).toBeLessThanOrEqual(open)
  expect(connections).toBe(0)
  await server.close()
})

test('no plan, no rehearsal', async () => {
  await expect(rehearse([])).resolves.toBeUndefined()
})
