import { expect, test } from 'vitest'
import { withUsualPatience } from '../../src/run/connection-test.ts'
import { planFor } from '../support/ask.ts'

test('without a word of the user the connection test waits for two minutes, and twice that for the end', () => {
  const plan = planFor('http://127.0.0.1:1/v1/chat/completions')
  const timeoutsOf = (timeouts: { connectMs: number; readMs: number; totalMs: number }) =>
    withUsualPatience({ ...plan, target: { ...plan.target, timeouts } }).target.timeouts
  const usual = { connectMs: 600_000, readMs: 600_000, totalMs: 21_600_000 }
  expect(timeoutsOf(usual)).toEqual({ connectMs: 120_000, readMs: 120_000, totalMs: 240_000 })
  const short = { connectMs: 1000, readMs: 2000, totalMs: 3000 }
  expect(timeoutsOf(short)).toEqual(short)
})
