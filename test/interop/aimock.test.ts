import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { JsonObject } from '../../src/model/json.ts'
import { createCli, fileOf, jsonOf } from '../support/cli.ts'
import { resultRows } from '../support/rows.ts'
import { type ForeignServer, startAimock } from './servers.ts'

const cli = createCli()
const run = 'parallel_2_number_4'
let server: ForeignServer

beforeAll(async () => {
  server = await startAimock('fixtures.json')
})
afterAll(() => server?.close())

/** One benchmark of four requests with this prompt; what it left behind. */
const perf = async (api: string, prompt: string, ...more: readonly string[]) => {
  const flags = ['--url', server.url, '--api', api, '--model', 'm', '--prompt', prompt, '--parallel', '2']
  const { directory, code, stdout, stderr } = await cli.run(['perf', ...flags, '--number', '4', ...more])
  const summary = jsonOf(directory, run, 'benchmark_summary.json')
  return { code, stdout, stderr, summary, rows: resultRows(fileOf(directory, run, 'benchmark_data.db')) }
}

/** Paths and bodies of the four measured requests that the server got last. */
const journal = async (): Promise<readonly Noted[]> =>
  ((await (await fetch(`${server.url}/__aimock/journal?limit=100`)).json()) as Noted[]).slice(-4)

interface Noted {
  readonly path: string
  readonly body: JsonObject
}

const generating = ['openai', 'openai_responses', 'anthropic', 'ollama']

describe.concurrent('what may run beside others', () => {
  describe.each(generating)('%s', api => {
    test('streams: five chunks of text each', async () => {
      const { code, summary, rows } = await perf(api, 'count')
      expect(code).toBe(0)
      expect(summary).toMatchObject({ 'Success Requests': 4, 'Stream Requests': 4, 'Avg Chunks/Request': 5 })
      for (const row of rows) {
        expect(row.failure_kind).toBe(null)
        expect(row.ttft as number).toBeGreaterThan(0)
        expect(row.ttft as number).toBeLessThanOrEqual(row.latency as number)
      }
    })

    test('answers in one piece', async () => {
      const { code, summary } = await perf(api, 'count', '--no-stream')
      expect(code).toBe(0)
      expect(summary).toMatchObject({ 'Success Requests': 4, 'Non-Stream Requests': 4, 'Avg TTFT (ms)': null })
    })

    test('refuses with its own words', async () => {
      const { code, stdout, summary } = await perf(api, 'boom', '--no-test-connection')
      expect(code).toBe(1)
      expect(summary).toMatchObject({ 'Failed Requests': 4 })
      expect(stdout).toMatch(/http_429.*no more today/)
    })
  })

  test.each([
    ['openai', [11, 5]],
    ['openai_responses', [11, 5]],
  ])('%s: usage is what the server says', async (api, [input, output]) => {
    const { summary } = await perf(api, 'count')
    expect(summary).toMatchObject({
      'Avg Input Tokens': input,
      'Avg Output Tokens': output,
      'Token Sources': { usage: 4 },
    })
  })

  test.each(['openai', 'openai_responses', 'anthropic'])('%s: reasoning comes before the answer', async api => {
    const { rows } = await perf(api, 'think')
    for (const row of rows) expect(row.ttfat as number).toBeGreaterThanOrEqual(row.ttft as number)
  })

  test('embeddings: one vector for a text', async () => {
    const { code, summary, stdout } = await perf('openai_embedding', 'count')
    expect(code).toBe(0)
    expect(summary).toMatchObject({ 'Success Requests': 4, 'Non-Stream Requests': 4 })
    expect(stdout).not.toContain('TTFT')
  })
})

test.each(generating)(
  '%s: takes as long as its profile says: 200 ms to the first chunk, 20 ms between two',
  { retry: 2 },
  async api => {
    const { summary } = await perf(api, 'slow')
    // Timers of a busy machine: the truth is known to some ms only.
    expect(summary['Avg TTFT (ms)']).toBeGreaterThan(195)
    expect(summary['Avg TTFT (ms)']).toBeLessThan(300)
    expect(summary['Avg ITL (ms)']).toBeGreaterThan(15)
    expect(summary['Avg ITL (ms)']).toBeLessThan(30)
  },
)

test.each([
  ['openai', '/v1/chat/completions', { messages: [{ role: 'user', content: 'count' }], max_tokens: 9, stream: true }],
  ['openai_responses', '/v1/responses', { max_output_tokens: 9, stream: true }],
  ['anthropic', '/v1/messages', { messages: [{ role: 'user', content: 'count' }], max_tokens: 9, stream: true }],
  [
    'ollama',
    '/api/chat',
    { messages: [{ role: 'user', content: 'count' }], stream: true, options: { num_predict: 9 } },
  ],
])('%s: what the server got', async (api, path, body) => {
  await perf(api, 'count', '--max-tokens', '9')
  const got = await journal()
  expect(got.map(entry => entry.path)).toEqual([path, path, path, path])
  // It notes the bodies of other protocols in the words of chat completions.
  if (api === 'openai') expect(got[0]?.body).toMatchObject({ model: 'm', ...body })
})
