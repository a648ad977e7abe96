import { expect, test } from 'vitest'
import type { ArgumentsInput } from '../../src/arguments/arguments-input.ts'
import { loadDataset } from '../../src/datasets/load-dataset.ts'
import { lines } from './plans.ts'

const told = async (dataset: string, input: ArgumentsInput): Promise<readonly string[]> =>
  lines({ dataset, number: 1, ...input }, { dataset: await loadDataset(dataset) })

test.each<[dataset: string, input: ArgumentsInput, line: string]>([
  [
    'custom_multi_turn',
    { multiTurn: true, minTurns: 3 },
    '--min-turns 3 has no effect: --dataset custom_multi_turn has conversations as long as recorded',
  ],
  [
    'trie_code_qa',
    { multiTurn: true, maxTokens: [8, 16] },
    '--max-tokens 8 16 has no effect: each turn of --dataset trie_code_qa has its own output limit',
  ],
  [
    'workload_trace',
    { openLoop: true, model: 'foo' },
    '--model fills only what a recorded body lacks; --extra-args wins, and model_override of --dataset-args',
  ],
  [
    'workload_trace',
    { openLoop: true, maxTokens: 99, stream: false },
    '--max-tokens, --no-stream fill only what a recorded body lacks; --extra-args wins, and model_override of --dataset-args',
  ],
])('with --dataset %s, %j is told to do little', async (dataset, input, line) => {
  expect(await told(dataset, input)).toEqual([line])
})

test.each<[dataset: string, input: ArgumentsInput]>([
  ['custom_multi_turn', { multiTurn: true, maxTurns: 3, maxTokens: 8 }],
  ['random_multi_turn', { multiTurn: true, minTurns: 3, maxTokens: 8 }],
  ['swe_smith', { multiTurn: true, minTurns: 3 }],
  ['trie_code_qa', { multiTurn: true, maxTurns: 3 }],
  ['workload_trace', { openLoop: true, extraArgs: { max_tokens: 3 } }],
  ['openqa', { model: 'foo', maxTokens: 8 }],
])('with --dataset %s, nothing is said of %j', async (dataset, input) => {
  expect(await told(dataset, input)).toEqual([])
})
