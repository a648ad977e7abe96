import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { ArgumentsInput } from '../../src/arguments/arguments-input.ts'
import type { LoadShape } from '../../src/model/run-plan.ts'
import { firstPlan, plans } from './plans.ts'

const names = (input: ArgumentsInput) => plans(input).map(({ name }) => name)
const open = { openLoop: true }

describe('lists are paired, and a single value goes with all of the others', () => {
  const closed = (concurrency: number, ratePerSec?: number): LoadShape =>
    ratePerSec === undefined
      ? { kind: 'closed', concurrency }
      : { kind: 'closed', concurrency, pacing: { ratePerSec, arrival: 'poisson' } }
  const opened = (ratePerSec: number, arrival: 'poisson' | 'constant' = 'poisson'): LoadShape => ({
    kind: 'open',
    pacing: { ratePerSec, arrival },
  })

  test.each<[ArgumentsInput, readonly (readonly [LoadShape, number])[]]>([
    [{ number: 7 }, [[closed(1), 7]]],
    [
      { parallel: [1, 10], number: [10, 20] },
      [
        [closed(1), 10],
        [closed(10), 20],
      ],
    ],
    [
      { parallel: 4, number: [8, 9], rate: 2 },
      [
        [closed(4, 2), 8],
        [closed(4, 2), 9],
      ],
    ],
    [
      { parallel: 4, number: 8, rate: [5, -1, 0.5] },
      [
        [closed(4, 5), 8],
        [closed(4), 8],
        [closed(4, 0.5), 8],
      ],
    ],
    [
      { parallel: [1, 2], number: [30, 40], rate: [5, 6] },
      [
        [closed(1, 5), 30],
        [closed(2, 6), 40],
      ],
    ],
    [{ rate: -1, number: 8 }, [[closed(1), 8]]],
    [
      { ...open, rate: [5, 6], number: [30, 40], arrival: 'constant' },
      [
        [opened(5, 'constant'), 30],
        [opened(6, 'constant'), 40],
      ],
    ],
    [
      { ...open, rate: 5, number: [30, 40] },
      [
        [opened(5), 30],
        [opened(5), 40],
      ],
    ],
    // Nothing of --parallel counts here, nor its length.
    [{ ...open, rate: 5, number: 30, parallel: [1, 2, 3] }, [[opened(5), 30]]],
  ])('%j', (input, points) => {
    expect(plans(input).map(({ load, number }) => [load, number])).toEqual(points)
  })
})

describe('names of runs', () => {
  test.each<[ArgumentsInput, readonly string[]]>([
    [{ parallel: 10, number: 100 }, ['parallel_10_number_100']],
    // One rate is no difference between the runs.
    [{ parallel: 10, number: 100, rate: 5 }, ['parallel_10_number_100']],
    [
      { parallel: 10, number: 100, rate: [5, 0.5, -1] },
      ['parallel_10_rate_5.0_number_100', 'parallel_10_rate_0.5_number_100', 'parallel_10_rate_-1.0_number_100'],
    ],
    [{ ...open, rate: [5, 12.25], number: 100 }, ['rate_5.0_number_100', 'rate_12.25_number_100']],
    [{ parallel: 10, duration: 60 }, ['parallel_10_duration_60']],
    [{ parallel: 10, duration: 60, number: 100 }, ['parallel_10_number_100']],
    [{ ...open, rate: 5, duration: 0.5 }, ['rate_5.0_duration_0.5']],
    // Repeated points get a directory of their own.
    [{ parallel: [3, 3, 3], number: 5 }, ['parallel_3_number_5', 'parallel_3_number_5_2', 'parallel_3_number_5_3']],
    [{ ...open, rate: [1, 1], duration: 2 }, ['rate_1.0_duration_2', 'rate_1.0_duration_2_2']],
  ])('%j', (input, expected) => {
    expect(names(input)).toEqual(expected)
  })
})

describe('requests where no number is given', () => {
  test.each<[ArgumentsInput, readonly (number | undefined)[]]>([
    // Ten times the concurrency, at least 20.
    [{ parallel: [1, 2, 10] }, [20, 20, 100]],
    // Or what comes in 30 s, where that is less.
    [{ parallel: 10, rate: [1, 2, 50, -1, 0.01] }, [30, 60, 100, 100, 20]],
    // 30 s at the rate, rounded up, but not for noise in the last digit of a double.
    [{ ...open, rate: [0.1, 2, 1.01, 8.3, 64.4] }, [20, 60, 31, 249, 1932]],
    // As many as the time allows.
    [{ parallel: [1, 10], duration: 60 }, [undefined, undefined]],
    [{ ...open, rate: 5, duration: 60 }, [undefined]],
  ])('%j', (input, numbers) => {
    expect(plans(input).map(({ number }) => number)).toEqual(numbers)
  })

  test('a finite built-in set is sent once, unless a prompt stands in for it or a duration is given', () => {
    const eight = { dataset: { size: 8 } }
    expect(plans({ parallel: [1, 8] }, eight).map(({ number }) => number)).toEqual([8, 8])
    expect(firstPlan({ ...open, rate: 50 }, eight).number).toBe(8)
    expect(firstPlan({ prompt: 'hello' }, eight).number).toBe(20)
    expect(firstPlan({ number: 3 }, eight).number).toBe(3)
    expect(firstPlan({ duration: 3 }, eight).number).toBeUndefined()
  })
})

test('names are unique, pairs keep their order, and the offset moves on by what was sent', () => {
  const point = fc.record({
    parallel: fc.integer({ min: 1, max: 3 }),
    rate: fc.constantFrom(0.5, 5, 10),
    number: fc.integer({ min: 1, max: 3 }),
  })
  const more = fc.record(
    { duration: fc.constantFrom(1, 60), warmupNum: fc.constantFrom(-1, 0, 1, 2.5), datasetOffset: fc.nat(100) },
    { requiredKeys: [] },
  )
  const shape = fc.record({ openLoop: fc.boolean(), hasNumber: fc.boolean(), hasRate: fc.boolean() })
  fc.assert(
    fc.property(fc.array(point, { minLength: 1, maxLength: 9 }), more, shape, (points, rest, has) => {
      const runs = plans({
        ...rest,
        openLoop: has.openLoop,
        parallel: points.map(({ parallel }) => parallel),
        ...(has.openLoop || has.hasRate ? { rate: points.map(({ rate }) => rate) } : {}),
        ...(has.hasNumber ? { number: points.map(({ number }) => number) } : {}),
      })
      expect(runs.length).toBe(points.length)
      expect(new Set(runs.map(({ name }) => name)).size).toBe(runs.length)
      let offset = rest.datasetOffset ?? 0
      for (const [index, { load, number, warmupNumber, dataset }] of runs.entries()) {
        const wanted = points[index]
        if (load.kind === 'closed') expect(load.concurrency).toBe(wanted?.parallel)
        if (load.pacing) expect(load.pacing.ratePerSec).toBe(wanted?.rate)
        if (has.hasNumber) expect(number).toBe(wanted?.number)
        expect(dataset.offset).toBe(offset)
        offset += warmupNumber + (number ?? 0)
      }
    }),
  )
})
