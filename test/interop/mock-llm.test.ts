import { afterAll, beforeAll, expect, test } from 'vitest'
import { createCli, jsonOf } from '../support/cli.ts'
import { type ForeignServer, startMockLlm } from './servers.ts'

const cli = createCli()
let server: ForeignServer

beforeAll(async () => {
  server = await startMockLlm()
})
afterAll(() => server?.close())

test.each([[[]], [['--no-stream']]])('it says the prompt again, in one chunk and without usage %j', async more => {
  // Its one model is asked for.
  const flags = ['--url', server.url, '--prompt', 'hello', '--parallel', '4', '--number', '40', ...more]
  const { code, directory } = await cli.run(['perf', ...flags])
  expect(code).toBe(0)
  const isStream = more.length === 0
  expect(jsonOf(directory, 'parallel_4_number_40', 'benchmark_summary.json')).toMatchObject({
    'Success Requests': 40,
    'Avg Chunks/Request': isStream ? 1 : null,
    // One chunk with text and finish reason: no gap, and nothing to count tokens by but that chunk.
    'Avg ITL (ms)': null,
    'Avg TPOT (ms)': null,
    'Token Sources': isStream ? { chunks: 40 } : { none: 40 },
  })
})
