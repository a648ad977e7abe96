import fc from 'fast-check'
import { expect, test } from 'vitest'
import { warmupNumber } from '../../src/plan/warmup.ts'

test.each<[given: number, number: number | undefined, count: number]>([
  [3, 10, 3],
  [2.7, 10, 2],
  [0.2, 10, 2],
  // A share is never less than one request.
  [0.05, 10, 1],
  [0.1, 1, 1],
  [-1, 10, 0],
  [0, 10, 0],
  [1, 10, 1],
  // A count does not depend on the number, which need not be there.
  [30, 10, 30],
  [2.7, undefined, 2],
  [0, undefined, 0],
])('--warmup-num %d of %s requests is %i', (given, number, count) => {
  expect(warmupNumber(given, number)).toBe(count)
})

test('a share is a whole number from 1 to the number itself', () => {
  const share = fc.double({ min: 0, max: 1, minExcluded: true, maxExcluded: true, noNaN: true })
  fc.assert(
    fc.property(share, fc.integer({ min: 1, max: 1e6 }), (given, number) => {
      const count = warmupNumber(given, number)
      expect(Number.isInteger(count) && count >= 1 && count <= number).toBe(true)
    }),
  )
})
