import { expect, test } from 'vitest'
import { tryPairs } from './gate-pairs.ts'

/** The short form of `npm run test:stats`, where there are a thousand. */
test('the default tolerances of a baseline let equal runs pass, and see one that is a fifth slower', () => {
  const { failingEqual, failingSlower } = tryPairs({ requests: 300, concurrency: 8, tokenSpread: 0.4 }, 8)
  expect(failingEqual).toBe(0)
  expect(failingSlower).toBe(8)
})
