import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isCarried, samplesNeeded, uncarriedLevels } from '../../src/stats/sample-rule.ts'

describe('a percentile is carried from so many samples on', () => {
  test.each([
    [50, 11],
    [75, 24],
    [90, 64],
    [95, 130],
    [99, 662],
    [25, 24],
    [10, 64],
    [5, 130],
    [1, 662],
  ])('p%d: %d', (percent, count) => {
    expect(samplesNeeded(percent)).toBe(count)
    expect(isCarried(percent, count)).toBe(true)
    expect(isCarried(percent, count - 1)).toBe(false)
  })

  test('below the median as many as as far above it', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4999 }), hundredths => {
        expect(samplesNeeded(hundredths / 100)).toBe(samplesNeeded((10_000 - hundredths) / 100))
      }),
    )
  })

  test.each([1e-18, 1e-300, 5e-324])(
    'and a level that no number of samples carries is found out at once: p%d',
    percent => {
      expect(samplesNeeded(percent)).toBe(2 ** 53)
    },
  )

  test('min and max are always carried, and so is what has no value', () => {
    expect([isCarried('min', 1), isCarried('max', 1), isCarried(99, 0)]).toEqual([true, true, true])
  })
})

/** P(Binomial(n, share) = k) by its definition. */
const binomial = (n: number, k: number, share: number): number => {
  let ways = 1
  for (let i = 0; i < k; i++) ways *= (n - i) / (i + 1)
  return ways * share ** k * (1 - share) ** (n - k)
}

const riskOf = (n: number, share: number): number => binomial(n, 0, share) + binomial(n, 1, share)

test('with that many samples fewer than two lie beyond the percentile in 1 of 100 cases, with one less in more', () => {
  fc.assert(
    fc.property(fc.double({ min: 0.05, max: 99.95, noNaN: true }), percent => {
      const share = Math.min(percent, 100 - percent) / 100
      const count = samplesNeeded(percent)
      expect(riskOf(count, share)).toBeLessThanOrEqual(0.01 * (1 + 1e-9))
      expect(riskOf(count - 1, share)).toBeGreaterThan(0.01 * (1 - 1e-9))
    }),
  )
})

test('a level of one in a billion is found without counting to it', () => {
  expect(samplesNeeded(100 - 1e-7)).toBeGreaterThan(6e9)
})

test('each series has its own samples', () => {
  const values = [1, 1, 1, 1]
  const table = {
    levels: ['min', 50, 99, 'max'] as const,
    rows: [
      { series: 'latency' as const, count: 20, values },
      { series: 'ttft' as const, count: 5, values },
      { series: 'itl' as const, count: 700, values },
      { series: 'tpot' as const, count: 0, values: [undefined, undefined, undefined, undefined] },
    ],
  }
  expect([...uncarriedLevels(table)]).toEqual([
    ['latency', [99]],
    ['ttft', [50, 99]],
  ])
})
