import { describe, expect, test } from 'vitest'
import { type Blocks, drawBlocks, meanError } from '../../src/stats/block-bootstrap.ts'
import { quantileError } from '../../src/stats/quantile-error.ts'
import type { RequestValues } from '../../src/stats/request-columns.ts'
import { rngFor } from '../../src/stats/rng.ts'

/** A value a request, in whole numbers. */
const valuesOf = (values: readonly number[]): RequestValues => ({
  values: Float64Array.from(values, Math.round),
  ends: Uint32Array.from(values, (_, index) => index + 1),
})

const uniform = (count: number, seed: number): readonly number[] => {
  const rng = rngFor(seed, 'uniform')
  return Array.from({ length: count }, () => rng.float() * 1e6)
}

const blocksOf = (count: number, shortest: number): Blocks => drawBlocks(count, shortest) as Blocks

/** Mean of an error over many samples, which one alone only tells roughly. */
const meanOver = (samples: number, errorOf: (seed: number) => number): number =>
  Array.from({ length: samples }, (_, seed) => errorOf(seed)).reduce((sum, error) => sum + error, 0) / samples

const uniformDeviation = 1e6 / Math.sqrt(12)

describe('the standard error', () => {
  test('of a mean of values that know nothing of each other is σ / √n', () => {
    const found = meanOver(30, seed => meanError(blocksOf(640, 4), valuesOf(uniform(640, seed))))
    const ratio = found / (uniformDeviation / Math.sqrt(640))
    expect(ratio).toBeGreaterThan(0.95)
    // Above 1, because the larger of two estimates is taken.
    expect(ratio).toBeLessThan(1.25)
  })

  test('of values that come ten alike together is that of a tenth as many', () => {
    const tenAlike = (seed: number) => valuesOf(uniform(96, seed).flatMap(value => Array<number>(10).fill(value)))
    const found = meanOver(30, seed => meanError(blocksOf(960, 20), tenAlike(seed)))
    const ratio = found / (uniformDeviation / Math.sqrt(96))
    expect(ratio).toBeGreaterThan(0.9)
    expect(ratio).toBeLessThan(1.25)
  })

  test.each([50, 90])('of p%d is √(p (1 − p) / n) / density', percent => {
    const found = meanOver(20, seed => {
      const all = valuesOf(uniform(900, seed))
      return quantileError(blocksOf(900, 1), all, { percent, sorted: all.values.toSorted() })
    })
    const share = percent / 100
    const ratio = found / (1e6 * Math.sqrt((share * (1 - share)) / 900))
    expect(ratio).toBeGreaterThan(0.85)
    expect(ratio).toBeLessThan(1.35)
  })

  test('of values that are all the same is 0', () => {
    const same = valuesOf(Array<number>(100).fill(7))
    expect(meanError(blocksOf(100, 2), same)).toBe(0)
    expect(quantileError(blocksOf(100, 2), same, { percent: 50, sorted: same.values })).toBe(0)
  })

  test('of a percentile counts all values of a request together', () => {
    const single = valuesOf(uniform(200, 1))
    const repeated: RequestValues = {
      values: Float64Array.from([...single.values].flatMap(value => Array<number>(5).fill(value))),
      ends: single.ends.map(end => 5 * end),
    }
    const errorOf = (all: RequestValues): number =>
      quantileError(blocksOf(200, 2), all, { percent: 50, sorted: all.values.toSorted() })
    expect(errorOf(repeated) / errorOf(single)).toBeCloseTo(1, 1)
  })
})

describe('blocks', () => {
  test('are five to twelve, of at least the length that was asked for', () => {
    expect([24, 25].map(count => drawBlocks(count, 5)?.whole.perReplicate)).toEqual([undefined, 5])
    expect(drawBlocks(10_000, 20)?.whole).toMatchObject({ perReplicate: 12, length: 833 })
  })

  test('are always drawn the same, and stay within the run', () => {
    const { whole, half } = blocksOf(100, 7)
    expect(blocksOf(100, 7)).toEqual({ whole, half })
    expect(Math.min(...whole.starts)).toBe(0)
    expect(Math.max(...whole.starts) + whole.length).toBe(100)
  })
})
