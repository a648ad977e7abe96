import { describe, expect, test } from 'vitest'
import { createCli, jsonOf } from '../support/cli.ts'

const cli = createCli()
const url = process.env.LLAMA_SERVER_URL

/** A real engine, where one is at hand: LLAMA_SERVER_URL=http://127.0.0.1:8080 npm run test:interop */
describe.runIf(url !== undefined)('llama-server', () => {
  test.each(['openai', 'openai_responses', 'anthropic'])('%s: 32 tokens each, some sent again', async api => {
    const length = ['--max-tokens', '32', '--extra-args', '{"ignore_eos": true}']
    const flags = ['--url', url ?? '', '--api', api, '--model', 'any', '--parallel', '4', '--number', '20', ...length]
    const { code, directory } = await cli.run(['perf', ...flags], { limitMs: 25_000 })
    expect(code).toBe(0)
    expect(jsonOf(directory, 'parallel_4_number_20', 'benchmark_summary.json')).toMatchObject({
      'Success Requests': 20,
      'Token Sources': { usage: 20 },
    })
  })
})
