import fc from 'fast-check'
import { expect, test } from 'vitest'
import { holm } from '../../src/stats/holm.ts'

test('the smallest is held against level / n, the next against level / (n − 1), until one is kept', () => {
  const outcomes = holm([0.01, 0.04, 0.03, 0.005], 0.05)
  expect(outcomes.map(({ isRejected }) => isRejected)).toEqual([true, false, false, true])
  expect(outcomes.map(({ level }) => 0.05 / level)).toEqual([3, 2, 2, 4])
})

test('one that is kept also keeps all above it, which alone would have passed', () => {
  expect(holm([0.02, 0.026, 0.03], 0.05).map(({ isRejected }) => isRejected)).toEqual([false, false, false])
})

test('a test is rejected exactly where its probability is at most the level that it was left with', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 0.2, noNaN: true }), { maxLength: 20 }), probabilities => {
      const outcomes = holm(probabilities, 0.05)
      expect(outcomes.map(({ isRejected }) => isRejected)).toEqual(
        probabilities.map((probability, index) => probability <= (outcomes[index]?.level ?? 0)),
      )
    }),
  )
})
