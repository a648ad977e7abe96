import { describe, expect, test } from 'vitest'
import { Arguments } from '../../src/arguments/arguments.ts'
import type { ArgumentsInput } from '../../src/arguments/arguments-input.ts'
import { ArgumentsError } from '../../src/errors.ts'
import type { SweepFacts } from '../../src/plan/sweep.ts'
import { chatUrl, firstPlan, plans } from './plans.ts'

describe('what does not go with the dataset is one line', () => {
  test.each<[ArgumentsInput, Partial<SweepFacts['dataset']>, string]>([
    [{ openLoop: true }, {}, '--open-loop needs --rate; give the requests per second, or leave out --open-loop'],
    [
      { dataset: 'swe_smith' },
      { isMultiTurn: true },
      '--dataset swe_smith holds conversations of several turns; give --multi-turn',
    ],
    [
      { dataset: 'openqa', multiTurn: true },
      { isMultiTurn: false },
      '--multi-turn needs conversations, and --dataset openqa has none; give one such as custom_multi_turn',
    ],
    [
      { dataset: 'custom_multi_turn', multiTurn: true, applyChatTemplate: false },
      { isMultiTurn: true },
      '--multi-turn sends the history as chat messages; leave out --no-apply-chat-template',
    ],
    [
      { dataset: 'workload_trace' },
      { hasArrivals: true },
      '--dataset workload_trace has times of its own; give --open-loop, which sends at them',
    ],
  ])('%j', (input, dataset, message) => {
    expect(() => plans(input, { dataset })).toThrow(new ArgumentsError(message))
  })
})

test('a plugin may hold conversations without saying so', () => {
  expect(firstPlan({ dataset: './mine.mjs', multiTurn: true, maxTurns: 3 }, { dataset: {} }).dataset).toMatchObject({
    minTurns: 1,
    maxTurns: 3,
    args: {},
  })
})

test('options of both spellings reach the dataset, the newer ones first', () => {
  const { dataset } = firstPlan({
    datasetArgs: '{"a": 1, "b": 2}',
    multiTurnArgs: '{"b": 3, "c": 4, "num_workers": 2}',
  })
  expect(dataset.args).toEqual({ a: 1, b: 2, c: 4 })
})

test.each<[ArgumentsInput, number]>([
  [{}, 0],
  [{ numWorkers: '1' }, 1],
  [{ datasetArgs: '{"num_workers": 2}' }, 2],
  [{ multiTurnArgs: '{"num_workers": 4}' }, 4],
  [{ multiTurnArgs: '{"num_workers": 4}', datasetArgs: '{"num_workers": 2}' }, 2],
  [{ datasetArgs: '{"num_workers": 2}', numWorkers: 0 }, 0],
])('%j asks for %i threads that make prompts', (input, numWorkers) => {
  expect(new Arguments({ url: chatUrl, ...input }).values.numWorkers).toBe(numWorkers)
})

test.each<[ArgumentsInput]>([[{ numWorkers: '-1' }], [{ datasetArgs: '{"num_workers": -1}' }]])(
  '%j is refused',
  input => {
    expect(() => new Arguments({ url: chatUrl, ...input })).toThrow(/^--num-workers must be .*-1/)
  },
)

test.each<[ArgumentsInput, readonly string[]]>([
  [{ multiTurnArgs: '{"c": 4}' }, ['--multi-turn-args is read as --dataset-args, its newer spelling']],
  [
    { multiTurnArgs: '{"b": 3, "num_workers": 2}', datasetArgs: '{"b": 2}' },
    [
      '--multi-turn-args is read as --dataset-args, its newer spelling; both set b: --dataset-args wins',
      'num_workers of --multi-turn-args is read as --num-workers',
    ],
  ],
  [{ datasetArgs: '{"num_workers": 2}' }, ['num_workers of --dataset-args is read as --num-workers']],
  [
    { datasetArgs: '{"num_workers": 2}', numWorkers: 3 },
    ['num_workers of --dataset-args has no effect beside --num-workers'],
  ],
])('%j is told as it was typed', (input, warnings) => {
  expect(new Arguments({ url: chatUrl, ...input }).warnings).toEqual(warnings)
})
