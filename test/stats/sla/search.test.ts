import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Scale, twoDigits, wholeNumbers } from '../../../src/stats/sla/scale.ts'
import { type Search, searchBoundary, searchOptimum, type ValueFinding } from '../../../src/stats/sla/search.ts'

/** Runs a search to its end: what it asked for, and what it answered. */
const follow = (search: Search, isGood: (value: number, good: number | undefined) => boolean) =>
  followFindings(search, (value, good) => (isGood(value, good) ? 'good' : 'too much'))

const followFindings = (search: Search, findingOf: (value: number, good: number | undefined) => ValueFinding) => {
  const visits: number[] = []
  let asked = search.next()
  while (asked.done !== true) {
    const { value, good } = asked.value
    visits.push(value)
    asked = search.next(findingOf(value, good))
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

/** Too little below a window of good values, too much above it. */
const window =
  (from: number, to: number) =>
  (value: number): ValueFinding =>
    value < from ? 'too little' : value > to ? 'too much' : 'good'

describe('too little load', () => {
  test.each<[string, number, [number, number], readonly number[], number | undefined]>([
    ['goes up to what is good', 2, [12, 20], [2, 4, 8, 16, 32, 24, 20, 22, 21], 20],
    ['is the left edge where twice as much is too much', 4, [5, 6], [4, 8, 6, 7], 6],
    ['is the left edge below a start that is too much', 64, [20, 21], [64, 32, 16, 24, 20, 22, 21], 21],
    ['may leave nothing before too much', 4, [6.1, 6.9], [4, 8, 6, 7], undefined],
    ['ends at the upper bound', 16, [65, 70], [16, 32, 64], undefined],
    ['is no answer at the upper bound, which may be good', 16, [64, 70], [16, 32, 64], 64],
  ])('%s', (_, start, [from, to], visits, answer) => {
    expect(followFindings(searchBoundary(range(start, 64)), window(from, to))).toEqual({ visits, answer })
  })

  test('above a good value is too much: throughput has fallen again', () => {
    const finding = (value: number): ValueFinding => (value <= 5 ? 'good' : 'too little')
    expect(followFindings(searchBoundary(range(2, 64)), finding)).toEqual({ visits: [2, 4, 8, 6, 5], answer: 5 })
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

  test('finds the upper edge of what is neither too little nor too much, where whole numbers have it', () => {
    const edges = fc.tuple(fc.integer({ min: 1, max: 3500 }), fc.integer({ min: 0, max: 500 }))
    fc.assert(
      fc.property(bounds, edges, ([lower, start, upper], [from, width]) => {
        const search = searchBoundary(range(start, upper, wholeNumbers, lower))
        const { visits, answer } = followFindings(search, window(from, from + width))
        const isThere = from <= upper && from + width >= lower
        expect(answer).toBe(isThere ? Math.min(from + width, upper) : undefined)
        expect(new Set(visits).size).toBe(visits.length)
        expect(visits.every(value => value >= lower && value <= upper)).toBe(true)
        expect(visits.length).toBeLessThan(30)
      }),
    )
  })

  test('ends within its bounds, measures none twice and answers what was good, whatever it is told', () => {
    const findings = fc.infiniteStream(fc.constantFrom<ValueFinding>('good', 'too little', 'too much'))
    fc.assert(
      fc.property(bounds, fc.constantFrom(wholeNumbers, twoDigits), findings, ([lower, start, upper], scale, told) => {
        const found = new Map<number, ValueFinding>()
        const search = searchBoundary(range(start, upper, scale, lower))
        const { visits, answer } = followFindings(search, value => {
          const finding = told.next().value as ValueFinding
          found.set(value, finding)
          return finding
        })
        expect(new Set(visits).size).toBe(visits.length)
        expect(visits.every(value => value >= lower && value <= upper)).toBe(true)
        if (answer === undefined) expect([...found.values()]).not.toContain('good')
        else expect(found.get(answer)).toBe('good')
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
