import { describe, expect, test } from 'vitest'
import { Arguments } from '../../src/arguments/arguments.ts'
import type { ArgumentsInput } from '../../src/arguments/arguments-input.ts'
import { ArgumentsError } from '../../src/errors.ts'

const argumentsOf = (input: ArgumentsInput): Arguments => new Arguments({ url: 'http://127.0.0.1:8000', ...input })

const open = { openLoop: true }

describe('loads that cannot be are one line', () => {
  test.each<[ArgumentsInput, string]>([
    [{ rate: 0 }, '--rate must be a number above 0, or -1 for "not paced", got 0'],
    [{ rate: [5, -2] }, '--rate must be a number above 0, or -1 for "not paced", got -2'],
    [{ rate: 'fast' }, '--rate must be a number of at most 1000000, got fast'],
    [{ rate: [] }, '--rate needs a value; give one or leave the flag out'],
    [{ ...open, rate: [5, -1] }, '--open-loop needs every --rate above 0, got 5 -1; change the others'],
    [{ ...open, rate: 0 }, '--rate must be a number above 0, or -1 for "not paced", got 0'],
    [
      { number: [10, 20, 30], parallel: [1, 4] },
      '--number has 3 values and --parallel has 2; give one --number per --parallel (got 10 20 30 | 1 4)',
    ],
    [
      { rate: [5, 6, 7], parallel: [1, 4], number: [10, 20] },
      '--rate has 3 values and --parallel has 2; give one --rate per --parallel (got 5 6 7 | 1 4)',
    ],
    [
      { rate: [5, 6], parallel: [1, 4], number: [1, 2, 3] },
      '--number has 3 values and --parallel has 2; give one --number per --parallel (got 1 2 3 | 1 4)',
    ],
    [
      { rate: [5, 6], parallel: 4, number: [1, 2, 3] },
      '--number has 3 values and --rate has 2; give one --number per --rate (got 1 2 3 | 5 6)',
    ],
    [
      { ...open, rate: [5, 6], number: [1, 2, 3] },
      '--number has 3 values and --rate has 2; give one --number per --rate (got 1 2 3 | 5 6)',
    ],
    [
      { duration: 60, warmupNum: 0.2 },
      '--warmup-num 0.2 is a share of --number, which --duration leaves open; give --number, or a count from 1 on',
    ],
    [{ duration: 0 }, '--duration must be a number above 0 and at most 2000000, got 0'],
    [{ grace: -1, duration: 5 }, '--grace must be a number from 0 to 2000000, got -1'],
    [{ rampUp: -1 }, '--ramp-up must be a number from 0 to 2000000, got -1'],
    [{ warmupNum: 'all' }, '--warmup-num must be a number, got all'],
    [{ arrival: 'uniform' as 'poisson' }, '--arrival is one of poisson, constant; got uniform'],
  ])('%j', (input, message) => {
    expect(() => argumentsOf(input)).toThrow(new ArgumentsError(message))
  })
})

describe('what is given in vain is told, and what is not is not', () => {
  test.each<[ArgumentsInput, readonly string[]]>([
    [
      { ...open, rate: 5, parallel: [1, 10] },
      ['--parallel 1 10 has no effect: with --open-loop nothing caps the requests in flight'],
    ],
    [{ ...open, rate: 5 }, []],
    [{ rate: 5, parallel: [1, 10] }, []],
    [{ arrival: 'constant' }, ['--arrival constant has no effect: it spaces the requests of a --rate above 0']],
    [{ arrival: 'poisson', rate: -1 }, ['--arrival poisson has no effect: it spaces the requests of a --rate above 0']],
    [{ arrival: 'constant', rate: [-1, 5] }, []],
    [{ rampUp: 60, duration: 60 }, ['--ramp-up 60 is not below --duration 60: there will be no steady figures']],
    [{ rampUp: 59, duration: 60 }, []],
    [{ rampUp: 60 }, []],
    [{ grace: 30 }, ['--grace 30 has no effect: it begins when --duration is over, which is not given']],
    [{ grace: 30, duration: 60 }, []],
  ])('%j', (input, warnings) => {
    expect(argumentsOf(input).warnings).toEqual(warnings)
  })
})

test.each<[ArgumentsInput]>([
  [{ warmupNum: 0.2 }],
  [{ warmupNum: 0.2, duration: 60, number: 10 }],
  [{ warmupNum: 3, duration: 60 }],
  [{ warmupNum: -1, duration: 60 }],
  [{ rate: 5, parallel: [1, 2], number: [3, 4] }],
  // In an open loop the length of --parallel does not matter.
  [{ ...open, rate: [5, 6], parallel: [1, 2, 3], number: [3, 4] }],
])('%j is no mistake', input => {
  expect(() => argumentsOf(input)).not.toThrow()
})
