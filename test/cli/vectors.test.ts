import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { JsonObject } from '../../src/model/json.ts'
import { type SimulatedServer, startSimulatedServer } from '../../src/server/simulated.ts'
import { loadTokenizer } from '../../src/tokenizers/index.ts'
import { fastKnobs } from '../server/client.ts'
import { createCli, fileOf, jsonOf, words } from '../support/cli.ts'
import { resultRows } from '../support/rows.ts'
import { wordsTokenizerPath } from '../tokenizers/paths.ts'

const cli = createCli()
const run = 'parallel_2_number_4'
const fiveTokens = `--tokenizer-path ${wordsTokenizerPath} --min-prompt-length 5 --max-prompt-length 5`

let server: SimulatedServer
let directory: string
beforeAll(async () => {
  const tokenizer = await loadTokenizer(wordsTokenizerPath)
  server = await startSimulatedServer({ knobs: fastKnobs, tokenizer })
  directory = cli.freshDirectory()
  writeFileSync(join(directory, 'texts.txt'), 'the old cat\na new house\nthe river\n')
  const query = { query: 'the old cat', passages: ['a house', 'the river'] }
  writeFileSync(join(directory, 'queries.json'), JSON.stringify([query]))
})
afterAll(() => server.close())

const texts = (count: number): unknown => Array.from({ length: count }, () => expect.any(String))
const told = 'is an option of the dataset and is not sent'
const ranked = { query: 'the old cat', documents: ['a house', 'the river'] }
const body = (of: object): JsonObject => ({ model: 'simulated', ...of })

/** Command line, address, body of the first request, mean of the prompt's tokens, and a part of what is said. */
const cases: readonly (readonly [string, string, JsonObject, number | null, string])[] = [
  ['embedding --dataset embedding --dataset-path texts.txt', '', body({ input: 'the old cat' }), 2.75, 'go to'],
  [
    `openai_embedding --dataset embedding_batch --dataset-path texts.txt --extra-args {"batch_size":3,"dimensions":2}`,
    '/v1',
    body({ input: ['the old cat', 'a new house', 'the river'], dimensions: 2 }),
    8,
    `batch_size of --extra-args ${told}`,
  ],
  [`embedding --dataset random_embedding ${fiveTokens}`, '', body({ input: expect.any(String) }), 5, 'go to'],
  [
    `embedding --dataset random_embedding ${fiveTokens} --tokenize-prompt`,
    '',
    body({ input: Array.from({ length: 5 }, () => expect.any(Number)) }),
    5,
    'go to',
  ],
  [
    `embedding --dataset random_embedding_batch ${fiveTokens} --dataset-args {"batch_size":4}`,
    '',
    body({ input: texts(4) }),
    20,
    'go to',
  ],
  [
    'openai_rerank --dataset rerank --dataset-path queries.json --extra-args {"top_n":1}',
    '',
    body({ ...ranked, top_n: 1 }),
    10,
    '/v1/rerank',
  ],
  [
    `rerank --dataset random_rerank ${fiveTokens} --extra-args {"num_documents":3}`,
    '',
    body({ query: expect.any(String), documents: texts(3) }),
    90,
    `num_documents of --extra-args ${told}`,
  ],
  ['rerank --dataset rerank --dataset-path queries.json', '/v2/rerank', body(ranked), null, 'answered in'],
  [
    'rerank --dataset rerank --dataset-path queries.json --query-template {"query":"%p","texts":"%d"}',
    '/rerank',
    body({ query: 'the old cat', texts: ranked.documents }),
    null,
    'answered in',
  ],
  [
    'rerank --prompt river',
    '',
    body({ query: 'river', documents: ['This is a test document for reranking.'] }),
    8,
    '--prompt has no documents',
  ],
]

describe.concurrent('embeddings and rerankers', () => {
  test.each(cases)('--api %s at %s', async (line, path, first, inputTokens, said) => {
    const outputs = cli.freshDirectory()
    const options = `--url ${server.url}${path} --model simulated --parallel 2 --number 4 --outputs-dir ${outputs}`
    const { code, stderr } = await cli.run(['perf', '--api', ...words(line), ...words(options)], { directory })
    expect({ code, stderr }).toMatchObject({ code: 0, stderr: expect.stringContaining(said) })
    const summary = jsonOf(outputs, run, 'benchmark_summary.json')
    expect(summary).toMatchObject({ 'Success Requests': 4, 'Non-Stream Requests': 4, 'Avg Input Tokens': inputTokens })
    const rows = resultRows(fileOf(outputs, run, 'benchmark_data.db'))
    expect(JSON.parse(String(rows.find(({ record_index }) => record_index === 0)?.request))).toEqual(first)
    expect(rows.map(row => row.completion_tokens)).toEqual([null, null, null, null])
    const kept = first.input === undefined ? 'full' : 'failed'
    expect(jsonOf(outputs, run, 'benchmark_args.json')).toMatchObject({ save_responses: kept })
    expect(new Set(rows.map(row => row.response_messages === null))).toEqual(new Set([kept === 'failed']))
  })
})
