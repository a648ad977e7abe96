import { describe, expect, test } from 'vitest'
import { type PairOutcome, tryPairs } from './gate-pairs.ts'
import { recordKinds } from './record-sets.ts'

/** `npm run test:stats` tries many; what runs always only sees that nothing is badly off. */
const pairs = Number(process.env.GATE_PAIRS ?? 0)

describe('the default tolerances of a baseline', () => {
  test.skipIf(pairs > 0)('let equal runs pass, and see one that is a fifth slower', () => {
    const { failingEqual, failingSlower } = tryPairs({ requests: 300, concurrency: 8, tokenSpread: 0.4 }, 8)
    expect(failingEqual).toBe(0)
    expect(failingSlower).toBe(8)
  })

  test.runIf(pairs > 0)(`hold for ${pairs} pairs of recorded runs of all kinds`, { timeout: 1_800_000 }, () => {
    const kinds = Object.entries(recordKinds)
    const outcomes = kinds.map(([name, kind]) => {
      const outcome = tryPairs(kind, Math.ceil(pairs / kinds.length))
      process.stdout.write(`${name}: ${JSON.stringify(outcome)}\n`)
      return outcome
    })
    const sum = (of: (outcome: PairOutcome) => number): number =>
      outcomes.reduce((all, outcome) => all + of(outcome), 0)
    const all = sum(outcome => outcome.pairs)
    expect(sum(({ failingEqual }) => failingEqual) / all).toBeLessThanOrEqual(0.01)
    expect(sum(({ failingSlower }) => failingSlower) / all).toBeGreaterThanOrEqual(0.95)
  })
})
