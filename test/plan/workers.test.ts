import { describe, expect, test } from 'vitest'
import type { ArgumentsInput } from '../../src/arguments/arguments-input.ts'
import { lines, plans } from './plans.ts'

const workersOf = (input: ArgumentsInput, cores: number): readonly number[] =>
  plans(input, { cores }).map(({ workers }) => workers)

const open = { openLoop: true, duration: 60 }

describe('threads of a run', () => {
  test.each<[given: ArgumentsInput, cores: number, workers: readonly number[]]>([
    // auto: one, until one core would be full
    [{ parallel: [1, 500, 501, 1000, 1001] }, 16, [1, 1, 2, 2, 3]],
    [{ parallel: 10_000 }, 16, [15]],
    [{ parallel: 10_000 }, 2, [1]],
    [{ parallel: 10_000 }, 1, [1]],
    [{ parallel: 10_000, number: 600 }, 16, [2]],
    // rate x 5 s, where no cap is lower
    [{ ...open, rate: [100, 101, 1000] }, 16, [1, 2, 10]],
    [{ ...open, rate: 1000, number: 400 }, 16, [1]],
    [{ rate: [10, 10_000], parallel: 800, duration: 60 }, 16, [1, 2]],
    [{ workers: 'auto', parallel: 1000 }, 16, [2]],
    // as many as asked for, whatever the cores
    [{ workers: 4, parallel: 8 }, 2, [4]],
    [{ workers: '4', parallel: 8 }, 2, [4]],
    [{ workers: 4, ...open, rate: 1 }, 2, [4]],
    [{ workers: 1, parallel: 10_000 }, 16, [1]],
    // but no more than can have anything to do
    [{ workers: 4, parallel: [1, 3, 8] }, 2, [1, 3, 4]],
    [{ workers: 4, parallel: 8, number: 2 }, 2, [2]],
    [{ workers: 4, parallel: 8, debug: true }, 2, [1]],
    [{ parallel: 1000, debug: true }, 16, [1]],
  ])('%j on %i cores: %j', (given, cores, workers) => {
    expect(workersOf(given, cores)).toEqual(workers)
  })
})

describe('what is said of them', () => {
  const number = 20_000

  test.each<[given: ArgumentsInput, said: readonly string[]]>([
    [{ parallel: 500, number }, []],
    [
      { parallel: [500, 1000, 1500], number },
      ['--workers auto: 1 2 3 worker threads (1 for each 500 streams expected, of 8 cores)'],
    ],
    [{ workers: 4, parallel: 8, number }, []],
    [{ workers: 1, parallel: 8, number }, []],
    [
      { workers: 4, parallel: [1, 3, 8], number },
      ['--workers 4: 1 3 4 worker threads, no more than requests can be in flight'],
    ],
    [
      { workers: 4, parallel: 8, number, debug: true },
      ['--debug traces one thread only: 1 worker thread sends, not 4'],
    ],
    [{ parallel: 1000, number, debug: true }, ['--debug traces one thread only: 1 worker thread sends, not 2']],
    [{ parallel: 8, number, debug: true }, []],
    [
      { workers: 2, parallel: 1, number: 1, debug: true },
      ['--workers 2: 1 worker thread, no more than requests can be in flight'],
    ],
  ])('%j', (given, said) => {
    expect(lines(given, { cores: 8 }).filter(line => line.includes('worker'))).toEqual(said)
  })
})
