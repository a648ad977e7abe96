import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { rngFor } from '../../src/stats/rng.ts'
import { differenceProbability, shareDifference } from '../../src/stats/share-difference.ts'

const share = (part: number, requests: number) => ({ share: part / requests, requests })

const shares = fc
  .tuple(fc.integer({ min: 1, max: 5000 }), fc.double({ min: 0, max: 1, noNaN: true }))
  .map(([requests, part]) => share(Math.round(part * requests), requests))

describe('the difference of two shares', () => {
  test("is Newcombe's of the published examples", () => {
    // R. G. Newcombe, Statistics in Medicine 17 (1998), method 10 of table II.
    const cases = [
      [share(48, 80), share(56, 70), 0.0524, 0.3339],
      [share(3, 10), share(9, 10), 0.1705, 0.809],
      [share(0, 20), share(5, 56), -0.0811, 0.1926],
      [share(0, 10), share(10, 10), 0.6075, 1],
    ] as const
    for (const [baseline, other, from, to] of cases) {
      const found = shareDifference(baseline, other, 0.05)
      expect(found.from).toBeCloseTo(from, 2)
      expect(found.to).toBeCloseTo(to, 2)
    }
  })

  test('lies within what is possible, around what was seen, and is mirrored where the two are swapped', () => {
    fc.assert(
      fc.property(shares, shares, fc.double({ min: 1e-5, max: 0.5, noNaN: true }), (a, b, level) => {
        const { from, to } = shareDifference(a, b, level)
        const swapped = shareDifference(b, a, level)
        expect(from).toBeGreaterThanOrEqual(-1)
        expect(to).toBeLessThanOrEqual(1)
        expect(from).toBeLessThanOrEqual(b.share - a.share)
        expect(to).toBeGreaterThanOrEqual(b.share - a.share)
        expect(swapped.from).toBeCloseTo(-to, 12)
      }),
      { numRuns: 50 },
    )
  })

  test('leaves out 0 exactly at the levels from its probability on', () => {
    fc.assert(
      fc.property(shares, shares, (a, b) => {
        const probability = differenceProbability(a, b)
        const excludesZero = (level: number): boolean => {
          const { from, to } = shareDifference(a, b, level)
          return from > 0 || to < 0
        }
        if (probability < 1e-12) return
        if (probability < 0.98) expect(excludesZero(probability * 1.01)).toBe(true)
        expect(excludesZero(probability * 0.99)).toBe(false)
      }),
      { numRuns: 50 },
    )
  })

  test('of equal servers is hardly ever called at 1 %', () => {
    const rng = rngFor(1, 'shares')
    const drawn = (chance: number) =>
      share(Array.from({ length: 150 }, () => rng.float() < chance).filter(Boolean).length, 150)
    for (const chance of [0.8, 0.95]) {
      const called = Array.from({ length: 400 }, () => differenceProbability(drawn(chance), drawn(chance)) < 0.01)
      expect(called.filter(Boolean).length).toBeLessThanOrEqual(10)
    }
  })
})
