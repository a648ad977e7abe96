import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Scale, twoDigits, wholeNumbers } from '../../../src/stats/sla/scale.ts'
import { type Search, searchBoundary, searchOptimum } from '../../../src/stats/sla/search.ts'

/** Runs a search to its end: what it asked for, and what it answered. */
const follow = (search: Search, isGood: (value: number, good: number | undefined) => boolean) => {
  const visits: number[] = []
  let asked = search.next()
  while (asked.done !== true) {
    const { value, good } = asked.value
    visits.push(value)
    asked = search.next(isGood(value, good))
  }
  return { visits, answer: asked.value }
}

const range = (start: number, upper: number, scale: Scale = wholeNumbers, lower = 1) => ({ start, upper, lower, scale })

describe('the worked paths, where the load itself is what is measured', () => {
  test.each([
    ['at most 5', 2, (load: number) => load <= 5, [2, 4, 8, 6, 5], 5],
    ['at most 0', 8, (load: number) => load <= 0, [8, 4, 2, 1], undefined],
    ['at most 9, and another at most 6', 2, (load: number) => load <= 9 && load <= 6, [2, 4, 8, 6, 7], 6],
  ])('%s, from %i', (_, start, isGood, visits, answer) => {
    expect(follow(searchBoundary(range(start, 64)), isGood)).toEqual({ visits, answer })
  })

  test('the highest throughput, which is at 48', () => {
    const throughput = (load: number): number => 48 - Math.abs(load - 48)
    const isBetter = (load: number, best: number | undefined): boolean =>
      best === undefined || throughput(load) > throughput(best)
    expect(follow(searchOptimum(range(4, 65_536)), isBetter)).toEqual({
      visits: [4, 8, 16, 32, 64, 48, 56, 52, 50, 49],
      answer: 48,
    })
  })
})

test('the last doubling ends at the upper bound, which may be the answer', () => {
  expect(follow(searchBoundary(range(3, 10)), () => true)).toEqual({ visits: [3, 6, 10], answer: 10 })
})

test('what is good at the first value below the start is searched between the two', () => {
  expect(follow(searchBoundary(range(8, 64)), load => load <= 5)).toEqual({ visits: [8, 4, 6, 5], answer: 5 })
})

test('an optimum is not looked for below the start, nor where the start is no success', () => {
  expect(follow(searchOptimum(range(8, 64)), () => false)).toEqual({ visits: [8], answer: undefined })
})

test('rates are searched to two digits', () => {
  const { visits, answer } = follow(searchBoundary(range(1, 1000, twoDigits, 0.1)), rate => rate <= 3.37)
  expect(visits).toEqual([1, 2, 4, 3, 3.5, 3.3, 3.4])
  expect(answer).toBe(3.3)
  expect(follow(searchBoundary(range(1, 1000, twoDigits, 0.1)), rate => rate < 0.1)).toEqual({
    visits: [1, 0.5, 0.25, 0.13, 0.1],
    answer: undefined,
  })
})

describe('any search', () => {
  const bounds = fc
    .tuple(fc.integer({ min: 1, max: 3000 }), fc.integer({ min: 1, max: 3000 }), fc.integer({ min: 1, max: 3000 }))
    .map(values => values.toSorted((a, b) => a - b) as [number, number, number])

  test('finds the last good whole number, within its bounds, and measures none twice', () => {
    fc.assert(
      fc.property(bounds, fc.integer({ min: 0, max: 3500 }), ([lower, start, upper], last) => {
        const { visits, answer } = follow(
          searchBoundary(range(start, upper, wholeNumbers, lower)),
          load => load <= last,
        )
        expect(answer).toBe(last < lower ? undefined : Math.min(last, upper))
        expect(new Set(visits).size).toBe(visits.length)
        expect(visits.every(value => value >= lower && value <= upper)).toBe(true)
        expect(visits.length).toBeLessThan(30)
      }),
    )
  })

  test('finds the last good rate to two digits, within its bounds, and measures none twice', () => {
    fc.assert(
      fc.property(bounds, fc.integer({ min: 0, max: 350_000 }), (whole, hundredths) => {
        const [lower, start, upper] = whole.map(value => value / 10) as [number, number, number]
        const last = hundredths / 1000
        const search = searchBoundary(range(start, upper, twoDigits, lower))
        const { visits, answer } = follow(search, rate => rate <= last)
        expect(new Set(visits).size).toBe(visits.length)
        expect(visits.every(value => value >= lower && value <= upper)).toBe(true)
        if (answer === undefined) {
          expect(last).toBeLessThan(lower)
          return
        }
        expect(answer).toBeLessThanOrEqual(last)
        // The next value of two digits would not do, or is out of bounds.
        const step = 10 ** (Math.floor(Math.log10(answer)) - 1)
        if (answer < upper) expect(answer + 1.01 * step).toBeGreaterThan(Math.min(last, upper) - 1e-9)
      }),
    )
  })

  test('finds the best value where throughput first grows and then falls', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 500 }), fc.integer({ min: 1, max: 500 }), (start, offset) => {
        const peak = start + offset
        const throughput = (load: number): number => -Math.abs(load - peak)
        const isBetter = (load: number, best: number | undefined): boolean =>
          best === undefined || throughput(load) > throughput(best)
        const { visits, answer } = follow(searchOptimum(range(start, 65_536)), isBetter)
        expect(visits).toContain(answer)
        // Halving trusts that what is no better lies beyond the peak, as the original does.
        expect(Math.max(...visits.map(throughput))).toBe(throughput(answer as number))
        expect(new Set(visits).size).toBe(visits.length)
      }),
    )
  })
})
