import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Api } from '../../src/apis/api.ts'
import { dashscope } from '../../src/apis/dashscope.ts'
import { ollama } from '../../src/apis/ollama.ts'
import type { RequestRecord } from '../../src/model/record.ts'
import { type SimulatedServer, startSimulatedServer } from '../../src/server/simulated.ts'
import { fastKnobs } from '../server/client.ts'
import { planFor } from '../support/ask.ts'
import { load } from '../support/load.ts'
import { startRawServer } from '../support/raw-server.ts'

const sum = (records: readonly RequestRecord[], count: (record: RequestRecord) => number | undefined): number =>
  records.reduce((total, record) => total + (count(record) ?? Number.NaN), 0)

describe.each([
  ['/api/v1/services/aigc/text-generation/generation', dashscope],
  ['/api/chat', ollama],
  ['/api/generate', ollama],
] as readonly (readonly [string, Api])[])('requests to %s', (path, api) => {
  let server: SimulatedServer
  beforeAll(async () => {
    server = await startSimulatedServer({ knobs: { ...fastKnobs, outputTokens: 6 } })
  })
  afterAll(() => server.close())

  const metric = async (name: string): Promise<number> =>
    Number(new RegExp(`^vllm:${name}{[^}]*} (.*)$`, 'm').exec(await (await fetch(`${server.url}/metrics`)).text())?.[1])

  test.each([true, false])('counts are those of the server; streamed: %s', async stream => {
    const before = [await metric('prompt_tokens_total'), await metric('generation_tokens_total')]
    const plan = planFor(server.url + path, { number: 12, load: { kind: 'closed', concurrency: 4 } })
    const { records } = await load(
      {
        ...plan,
        request: { ...plan.request, chosen: { stream } },
        dataset: { ...plan.dataset, chat: !path.endsWith('/generate') },
      },
      { api },
    )
    expect(records.map(({ failure }) => failure)).toEqual(Array(12).fill(undefined))
    expect(records.every(({ isStream, tokenSource }) => isStream === stream && tokenSource === 'usage')).toBe(true)
    const [prompts = 0, outputs = 0] = before
    expect(sum(records, record => record.inputTokens)).toBe((await metric('prompt_tokens_total')) - prompts)
    expect(sum(records, record => record.outputTokens)).toBe((await metric('generation_tokens_total')) - outputs)
    if (stream) expect(sum(records, record => record.chunkCount)).toBe(sum(records, record => record.outputTokens))
  })
})

test('a body that asks for a stream in its own way goes with its header, and is read as one without a type', async () => {
  const event = { output: { text: 'A', finish_reason: 'stop' }, usage: { input_tokens: 1, output_tokens: 1 } }
  const text = `data:${JSON.stringify(event)}\n\n`
  const server = await startRawServer(
    socket => void socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${text.length}\r\n\r\n${text}`),
  )
  const { records } = await load(planFor(server.url), { api: dashscope })
  const plain = planFor(server.url)
  await load({ ...plain, request: { ...plain.request, chosen: { stream: false } } }, { api: dashscope })
  await server.close()
  expect(records).toMatchObject([{ isStream: true, failure: undefined, chunkCount: 1 }])
  expect(server.seen.map(({ head }) => /x-dashscope-sse: (\w+)/i.exec(head)?.[1])).toEqual(['enable', undefined])
})
