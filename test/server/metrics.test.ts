import fc from 'fast-check'
import { afterEach, expect, test } from 'vitest'
import { EngineMetrics } from '../../src/server/engine-metrics.ts'
import { Histogram } from '../../src/server/histogram.ts'
import type { SimulationKnobs } from '../../src/server/knobs.ts'
import { type SimulatedServer, startSimulatedServer } from '../../src/server/simulated.ts'
import { ask, eventually, fastKnobs, truthOf } from './client.ts'

const servers: SimulatedServer[] = []
afterEach(async () => {
  await Promise.all(servers.splice(0).map(server => server.close()))
})

const start = async (knobs: Partial<SimulationKnobs>): Promise<SimulatedServer> => {
  const server = await startSimulatedServer({ knobs: { ...fastKnobs, ...knobs } })
  servers.push(server)
  return server
}

const textOf = async (server: SimulatedServer): Promise<string> => (await fetch(`${server.url}/metrics`)).text()

/** Samples by name and labels, `vllm:` and the labels that all have left out. */
const samplesIn = (text: string): ReadonlyMap<string, number> =>
  new Map(
    text
      .split('\n')
      .filter(line => line.startsWith('vllm:'))
      .map(line => {
        const [, name = '', labels = '', value = ''] =
          /^vllm:(\w+)\{engine="0",model_name="mini",?(.*)\} (\S+)$/.exec(line) ?? []
        return [labels === '' ? name : `${name} ${labels}`, Number(value)] as const
      }),
  )

const body = { model: 'm', messages: [{ role: 'user', content: 'hello you' }], max_tokens: 5, ignore_eos: true }
const path = '/v1/chat/completions'

test('after a run the counts are exact, and times are those of the truth', async () => {
  const server = await start({ modelId: 'mini', itlMs: 4, prefillBaseMs: 10, outputTokens: 3, outputSpread: 0 })
  const ids = Array.from({ length: 6 }, (_, index) => `r${index}`)
  await Promise.all(ids.slice(0, 4).map((id, index) => ask(server, path, { ...body, stream: index % 2 === 0 }, id)))
  await Promise.all(
    ids.slice(4).map(id => ask(server, path, { ...body, max_tokens: 20, ignore_eos: false, stream: true }, id)),
  )
  const samples = samplesIn(await textOf(server))
  const tokens = 4 * 5 + 2 * 3
  expect(Object.fromEntries([...samples].filter(([name]) => !/_bucket|_sum/.test(name)))).toEqual({
    num_requests_running: 0,
    num_requests_waiting: 0,
    prompt_tokens_total: 6 * 3,
    generation_tokens_total: tokens,
    'request_success_total finished_reason="stop"': 2,
    'request_success_total finished_reason="length"': 4,
    'request_success_total finished_reason="abort"': 0,
    'request_success_total finished_reason="error"': 0,
    time_to_first_token_seconds_count: 6,
    time_per_output_token_seconds_count: tokens - 6,
    inter_token_latency_seconds_count: tokens - 6,
    e2e_request_latency_seconds_count: 6,
  })
  // Only streams have the time of each token in the truth; the others share their steps.
  const truths = await Promise.all(ids.map(id => truthOf(server, id)))
  const latencySec =
    truths.reduce((sum, truth) => sum + (truth.scheduledMs.at(-1) as number) - truth.receivedMs, 0) / 1000
  expect(samples.get('e2e_request_latency_seconds_sum')).toBeCloseTo(latencySec, 5)
  const parts = ['time_to_first_token_seconds_sum', 'inter_token_latency_seconds_sum'].map(
    name => samples.get(name) ?? 0,
  )
  expect(parts.reduce((sum, part) => sum + part, 0)).toBeCloseTo(latencySec, 5)
  expect(samples.get('time_to_first_token_seconds_bucket le="0.005"')).toBe(0)
  expect(samples.get('time_to_first_token_seconds_bucket le="2560.0"')).toBe(6)
  expect(samples.get('inter_token_latency_seconds_bucket le="+Inf"')).toBe(tokens - 6)
})

test('while it runs, places and queue are told', async () => {
  const server = await start({ modelId: 'mini', itlMs: 60_000, maxBatch: 2 })
  const abandoned = new AbortController()
  const post = (): Promise<unknown> =>
    fetch(server.url + path, { method: 'POST', body: JSON.stringify(body), signal: abandoned.signal }).catch(() => {})
  const answers = [post(), post(), post()]
  // A prefill takes no time here, so two have their first token.
  await eventually(async () => samplesIn(await textOf(server)).get('generation_tokens_total') === 2)
  await eventually(async () => samplesIn(await textOf(server)).get('num_requests_waiting') === 1)
  const running = samplesIn(await textOf(server))
  expect([running.get('num_requests_running'), running.get('prompt_tokens_total')]).toEqual([2, 6])
  abandoned.abort()
  await Promise.all(answers)
  await eventually(async () => samplesIn(await textOf(server)).get('num_requests_running') === 0)
  const samples = samplesIn(await textOf(server))
  expect(samples.get('request_success_total finished_reason="abort"')).toBe(3)
  expect(samples.get('e2e_request_latency_seconds_count')).toBe(0)
})

test('streams that fail midway count as errors, refusals and HTTP 500 not at all', async () => {
  const server = await start({ modelId: 'mini', errorRate: 1, seed: 3 })
  let midway = 0
  for (let count = 0; count < 12; count++) {
    const { status } = await ask(server, path, { ...body, stream: true })
    if (status === 200) midway++
  }
  await ask(server, path, { model: 'm' })
  const samples = samplesIn(await textOf(server))
  expect(midway).toBeGreaterThan(0)
  expect(samples.get('request_success_total finished_reason="error"')).toBe(midway)
  expect(samples.get('generation_tokens_total')).toBe(3 * midway)
})

test('vectors are requests without output', async () => {
  const server = await start({ modelId: 'mini' })
  await ask(server, '/v1/embeddings', { model: 'm', input: 'hello you' })
  const samples = samplesIn(await textOf(server))
  expect(samples.get('prompt_tokens_total')).toBe(3)
  expect(samples.get('generation_tokens_total')).toBe(0)
  expect(samples.get('time_to_first_token_seconds_count')).toBe(0)
  expect(samples.get('request_success_total finished_reason="stop"')).toBe(1)
})

test('the page is in Prometheus’ text format, whatever the model is called', () => {
  const text = new EngineMetrics().text({ running: 1, queued: 2 }, 'a "quoted"\\name\nof two lines')
  const names = [...text.matchAll(/^# TYPE (vllm:\w+) (gauge|counter|histogram)$/gm)].map(([, name]) => name)
  expect(names).toEqual([
    'vllm:num_requests_running',
    'vllm:num_requests_waiting',
    'vllm:prompt_tokens_total',
    'vllm:generation_tokens_total',
    'vllm:request_success_total',
    'vllm:time_to_first_token_seconds',
    'vllm:time_per_output_token_seconds',
    'vllm:inter_token_latency_seconds',
    'vllm:e2e_request_latency_seconds',
  ])
  for (const line of text.trimEnd().split('\n')) {
    expect(line).toMatch(
      /^(# (HELP|TYPE) vllm:\w+ \S.*|vllm:\w+\{engine="0",model_name="a \\"quoted\\"\\\\name\\nof two lines".*\} \d+(\.\d+)?)$/,
    )
  }
  expect(text.endsWith('\n')).toBe(true)
})

test('a bucket holds all up to its bound, and sums are of all', () => {
  const bounds = [0.01, 0.1, 1]
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 3000 })), durationsMs => {
      const histogram = new Histogram(bounds)
      for (const durationMs of durationsMs) histogram.observe(durationMs)
      const upTo = [...bounds, Infinity].map(bound => durationsMs.filter(each => each / 1000 <= bound).length)
      expect(histogram.cumulative()).toEqual(upTo)
      expect(histogram.sumSec).toBeCloseTo(durationsMs.reduce((sum, each) => sum + each, 0) / 1000, 9)
    }),
  )
})

test.each([
  ['/health', 200, ''],
  ['/version', 200, /^\{"version":"\d+\.\d+\.\d+.*"\}$/],
])('GET %s is answered %i', async (page, status, text) => {
  const server = await start({})
  const response = await fetch(server.url + page)
  expect([response.status, await response.text()]).toEqual([
    status,
    typeof text === 'string' ? text : expect.stringMatching(text),
  ])
  expect((await fetch(server.url + page, { method: 'POST' })).status).toBe(405)
})
