import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { percentile } from '../../src/stats/percentile.ts'
import { Samples } from '../../src/stats/samples.ts'
import { Tally } from '../../src/stats/tally.ts'

const levels = [0, 1, 5, 10, 25, 50, 75, 90, 95, 99, 100]
const upTo = (n: number): number[] => Array.from({ length: n }, (_, index) => index + 1)

describe('K03: percentiles interpolate linearly', () => {
  test.each([
    { values: upTo(10), expected: [1, 1.09, 1.45, 1.9, 3.25, 5.5, 7.75, 9.1, 9.55, 9.91, 10] },
    { values: upTo(100), expected: [1, 1.99, 5.95, 10.9, 25.75, 50.5, 75.25, 90.1, 95.05, 99.01, 100] },
    { values: [1, 2], expected: [1, 1.01, 1.05, 1.1, 1.25, 1.5, 1.75, 1.9, 1.95, 1.99, 2] },
    { values: [7.125], expected: levels.map(() => 7.125) },
    { values: [], expected: levels.map(() => undefined) },
  ])('$values.length values', ({ values, expected }) => {
    const found = levels.map(level => percentile(values, level))
    for (const [i, want] of expected.entries()) {
      if (want === undefined) expect(found[i]).toBeUndefined()
      else expect(found[i]).toBeCloseTo(want, 10)
    }
  })
})

const wholeNumbers = fc.array(fc.oneof(fc.nat(5000), fc.integer({ min: 1_100_000, max: 3_000_000 })), {
  maxLength: 300,
})

describe('Tally', () => {
  test('agrees with a sorted list on sum, mean, ends and every percentile', () => {
    fc.assert(
      fc.property(wholeNumbers, fc.double({ min: 0, max: 100, noNaN: true }), (values, percent) => {
        const tally = tallyOf(values)
        const sorted = values.toSorted((a, b) => a - b)
        const sum = values.reduce((a, b) => a + b, 0)
        expect(tally.count).toBe(values.length)
        expect(tally.sum).toBe(sum)
        expect(tally.mean).toBe(values.length === 0 ? undefined : sum / values.length)
        expect(tally.min).toBe(sorted[0])
        expect(tally.max).toBe(sorted.at(-1))
        expect(tally.percentile(percent)).toBe(percentile(sorted, percent))
        expect(tally.countAbove(2500)).toBe(values.filter(value => value > 2500).length)
      }),
    )
  })

  test('merged tallies equal one tally of everything', () => {
    fc.assert(
      fc.property(wholeNumbers, wholeNumbers, (left, right) => {
        const merged = tallyOf(left)
        merged.merge(tallyOf(right))
        const whole = tallyOf([...left, ...right])
        expect([merged.count, merged.sum]).toEqual([whole.count, whole.sum])
        expect(levels.map(p => merged.percentile(p))).toEqual(levels.map(p => whole.percentile(p)))
      }),
    )
  })

  test('values round the limits of its stores are all counted', () => {
    const values = [0, 1023, 1024, 2 ** 20 - 1, 2 ** 20, 2 ** 20 + 1]
    const tally = tallyOf(values.toReversed())
    expect([0, 20, 40, 60, 80, 100].map(percent => tally.percentile(percent))).toEqual(values)
  })

  test('a value above the dense range that comes after a percentile was read is still counted', () => {
    const tally = tallyOf([5_000_000])
    expect(tally.max).toBe(5_000_000)
    tally.add(7_000_000)
    expect([tally.min, tally.max]).toEqual([5_000_000, 7_000_000])
  })

  test.each([-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY])('%d is refused, not silently lost', value => {
    expect(() => new Tally().add(value)).toThrow(RangeError)
  })
})

describe('Samples', () => {
  const doubles = fc.array(fc.double({ min: 0, max: 1e6, noNaN: true }), { maxLength: 200 })

  test('sum and percentiles are the same to the last digit in any order and any split', () => {
    fc.assert(
      fc.property(doubles, doubles, fc.double({ min: 0, max: 100, noNaN: true }), (left, right, percent) => {
        const whole = samplesOf([...left, ...right].reverse())
        const merged = samplesOf(left)
        merged.merge(samplesOf(right))
        expect(merged.sum).toBe(whole.sum)
        expect(merged.count).toBe(whole.count)
        expect(merged.percentile(percent)).toBe(whole.percentile(percent))
      }),
    )
  })

  test('without values there is no mean', () => {
    expect(new Samples().mean).toBeUndefined()
  })

  test('a value added after a percentile was read counts', () => {
    const samples = samplesOf([1, 2])
    expect(samples.percentile(100)).toBe(2)
    samples.add(0.5)
    expect([samples.percentile(0), samples.mean]).toEqual([0.5, 3.5 / 3])
  })
})

const tallyOf = (values: readonly number[]): Tally => {
  const tally = new Tally()
  for (const value of values) tally.add(value)
  return tally
}

const samplesOf = (values: readonly number[]): Samples => {
  const samples = new Samples()
  for (const value of values) samples.add(value)
  return samples
}
