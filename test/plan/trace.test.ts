import { describe, expect, test } from 'vitest'
import { Arguments } from '../../src/arguments/arguments.ts'
import type { ArgumentsInput } from '../../src/arguments/arguments-input.ts'
import { ArgumentsError } from '../../src/errors.ts'
import { numberRule, planPoints } from '../../src/plan/points.ts'
import { checkTraceFlags, shortTraceLine } from '../../src/plan/trace.ts'
import { planWorkers } from '../../src/plan/workers.ts'
import { chatUrl, firstPlan } from './plans.ts'

const valuesOf = (input: ArgumentsInput) =>
  new Arguments({ url: chatUrl, dataset: 'workload_trace', openLoop: true, ...input }).values

describe('the records of a trace', () => {
  test.each<[ArgumentsInput, size: number, number: number, warmup: number]>([
    [{}, 100, 100, 0],
    [{ number: 30 }, 100, 30, 0],
    [{ number: 300 }, 100, 100, 0],
    // The warm-up counts among them.
    [{ warmupNum: 5 }, 100, 95, 5],
    [{ number: 30, warmupNum: 5 }, 100, 25, 5],
    [{ number: 30, warmupNum: 0.1 }, 100, 27, 3],
    [{ number: 300, warmupNum: 0.1 }, 100, 90, 10],
    // It may end before its last record.
    [{ duration: 60 }, 100, 100, 0],
    [{ duration: 60, number: 30, warmupNum: 1 }, 100, 29, 1],
  ])('%j of %i: %i measured after %i', (input, size, number, warmup) => {
    const [point] = planPoints(valuesOf(input), size)
    expect(point).toMatchObject({ load: { kind: 'trace' }, number, warmupNumber: warmup })
  })

  test('several numbers make a sweep, with names by what is taken', () => {
    const names = planPoints(valuesOf({ number: [10, 300], warmupNum: 2 }), 100).map(({ name }) => name)
    expect(names).toEqual(['rate_-1.0_number_10', 'rate_-1.0_number_100'])
  })

  test('before the file is read their number is open', () => {
    expect(planPoints(valuesOf({}), undefined)).toMatchObject([{ load: { kind: 'trace' }, number: undefined }])
  })

  test.each<[ArgumentsInput, size: number, message: string]>([
    [{ warmupNum: 7 }, 7, '--warmup-num 7 takes all 7 records of the trace, which leaves none to measure; give fewer'],
    [
      { warmupNum: 9, number: 3 },
      7,
      '--warmup-num 9 takes all 3 records of the trace, which leaves none to measure; give fewer',
    ],
    [
      { warmupNum: 0.5 },
      1,
      '--warmup-num 0.5 takes the only record of the trace, which leaves none to measure; give fewer',
    ],
  ])('%j of %i leaves nothing', (input, size, message) => {
    expect(() => planPoints(valuesOf(input), size)).toThrow(new ArgumentsError(message))
  })

  test('all of them are the rule where no number is given', () => {
    expect(numberRule(valuesOf({}), 100)).toBe('all records of the trace, less those of the warm-up')
    expect(numberRule(valuesOf({ number: 3 }), 100)).toBeUndefined()
  })

  test('a plan of them paces nothing', () => {
    const plan = firstPlan({ openLoop: true }, { dataset: { hasArrivals: true, size: 9 } })
    expect(plan).toMatchObject({ load: { kind: 'trace' }, number: 9, rampUpMs: 0 })
  })

  test('one thread sends them unless more are asked for', () => {
    const [point] = planPoints(valuesOf({}), 1_000_000)
    if (point === undefined) throw new Error('no point')
    expect(planWorkers(valuesOf({}), point, 64)).toBe(1)
    expect(planWorkers(valuesOf({ workers: 3 }), point, 64)).toBe(3)
  })
})

describe('flags against the times of a trace', () => {
  test.each<[ArgumentsInput, string]>([
    [
      { rate: [5, 6] },
      `--dataset workload_trace has times of its own, got --rate 5 6; leave that out (--dataset-args '{"speed": 2}' is twice as fast)`,
    ],
    [{ rampUp: 3 }, '--dataset workload_trace has times of its own, got --ramp-up 3; leave that out'],
    [
      { datasetOffset: 3 },
      '--dataset workload_trace begins with its first record, got --dataset-offset 3; leave that out',
    ],
  ])('%j is refused', (input, message) => {
    expect(() => checkTraceFlags(valuesOf(input))).toThrow(new ArgumentsError(message))
  })

  test('others are not', () => {
    expect(() => checkTraceFlags(valuesOf({ number: 3, duration: 5, warmupNum: 1 }))).not.toThrow()
  })

  test('a number above that of the records is said', () => {
    expect(shortTraceLine(valuesOf({ number: [5, 30] }), 10)).toBe(
      '--number 30: the trace has 10 records, which are sent once',
    )
    expect(shortTraceLine(valuesOf({ number: 3 }), 1)).toBe('--number 3: the trace has 1 record, which is sent once')
    expect(shortTraceLine(valuesOf({ number: 10 }), 10)).toBeUndefined()
    expect(shortTraceLine(valuesOf({}), 10)).toBeUndefined()
  })
})
