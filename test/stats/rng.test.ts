import fc from 'fast-check'
import { expect, test } from 'vitest'
import { rngFor } from '../../src/stats/rng.ts'

const draws = (count: number, ...key: [number, ...(number | string)[]]): number[] => {
  const rng = rngFor(...key)
  return Array.from({ length: count }, () => rng.float())
}

/** Pearson's statistic of counts that should all be equal. */
const chiSquare = (counts: readonly number[]): number => {
  const mean = counts.reduce((sum, count) => sum + count, 0) / counts.length
  return counts.reduce((sum, count) => sum + (count - mean) ** 2 / mean, 0)
}

test('the same seed and stream draw the same numbers', () => {
  fc.assert(
    fc.property(fc.integer(), fc.array(fc.oneof(fc.integer(), fc.string())), (seed, stream) => {
      expect(draws(5, seed, ...stream)).toEqual(draws(5, seed, ...stream))
    }),
  )
})

test('a seed keeps its meaning from version to version', () => {
  const rng = rngFor(42, 'random', 0)
  expect(Array.from({ length: 6 }, () => rng.integer(0, 999_999))).toEqual([
    661169, 213182, 999535, 374343, 45008, 562979,
  ])
})

test('streams that look alike are different streams', () => {
  const keys: [number, ...(number | string)[]][] = [
    [1],
    [11],
    [1, 1],
    [1, '1'],
    [1, 'a', 1],
    [1, 'a1'],
    [1, 1, 'a'],
    [2, 'a', 1],
    [-1],
    [0.5],
  ]
  expect(new Set(keys.map(key => draws(1, ...key)[0])).size).toBe(keys.length)
})

test('a float lies in [0, 1) and uses its low bits', () => {
  const numbers = draws(10_000, 7)
  expect(numbers.every(number => number >= 0 && number < 1)).toBe(true)
  expect(new Set(numbers.map(number => (number * 2 ** 53) % 1024)).size).toBeGreaterThan(1000)
})

test('an integer reaches both ends of its range and nothing beyond', () => {
  fc.assert(
    fc.property(fc.integer(), fc.integer({ min: -1e9, max: 1e9 }), fc.nat(3), (seed, min, width) => {
      const rng = rngFor(seed)
      const seen = new Set(Array.from({ length: 200 }, () => rng.integer(min, min + width)))
      expect([...seen].sort((a, b) => a - b)).toEqual(Array.from({ length: width + 1 }, (_, step) => min + step))
    }),
  )
})

// Bounds: the 0.001 and 0.999 quantiles of chi-square with 99 degrees of freedom.
test.each([
  ['within one stream', () => draws(100_000, 3)],
  [
    'over the first numbers of streams 0, 1, 2, …',
    () => Array.from({ length: 100_000 }, (_, i) => rngFor(3, 'item', i).float()),
  ],
  [
    'over the first numbers of seeds 0, 1, 2, …',
    () => Array.from({ length: 100_000 }, (_, seed) => rngFor(seed).float()),
  ],
])('numbers are spread evenly %s', (_where, sample) => {
  const counts = Array.from({ length: 100 }, () => 0)
  for (const number of sample()) {
    const bin = Math.floor(number * 100)
    counts[bin] = (counts[bin] ?? 0) + 1
  }
  expect(chiSquare(counts)).toBeGreaterThan(61)
  expect(chiSquare(counts)).toBeLessThan(149)
})

test('neighbouring streams do not resemble each other', () => {
  const pairs = Array.from(
    { length: 20_000 },
    (_, i) => [rngFor(5, i).float() - 0.5, rngFor(5, i + 1).float() - 0.5] as const,
  )
  const correlation = pairs.reduce((sum, [a, b]) => sum + a * b, 0) / pairs.length / (1 / 12)
  expect(Math.abs(correlation)).toBeLessThan(0.03)
})
