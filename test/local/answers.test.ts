import { request } from 'node:http'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hubAccess } from '../../src/hub/access.ts'
import { startLocalServer } from '../../src/server/local/start-local.ts'
import type { SpawnedServer } from '../../src/server/spawn.ts'
import { ask, eventsOf, type Payload } from '../server/client.ts'
import { createPlaces } from './place.ts'
import { idOf, sentence, sentenceText, sentenceTokens, type TinyModelOptions } from './tiny-model.ts'

const places = createPlaces()
const servers: SpawnedServer[] = []
const home = process.cwd()

const start = async (options?: TinyModelOptions): Promise<SpawnedServer> => {
  const server = await startLocalServer({
    model: places.model(options),
    port: 0,
    access: hubAccess('local', {}),
    tell: { say: () => {}, show: () => {}, progress: () => {} },
    signal: new AbortController().signal,
  })
  servers.push(server)
  return server
}

let quick: SpawnedServer
let slow: SpawnedServer
beforeAll(async () => {
  // The child looks for packages from here.
  process.chdir(places.project())
  ;[quick, slow] = await Promise.all([start(), start({ labourSize: 700, template: 'file' })])
})
afterAll(async () => {
  process.chdir(home)
  await Promise.all(servers.map(server => server.close()))
})

const chatPath = '/v1/chat/completions'
const textPath = '/v1/completions'
const chat = { model: 'tiny', messages: [{ role: 'user', content: 'hi' }], temperature: 0 }
const text = { model: 'tiny', prompt: 'hi', temperature: 0, max_tokens: 100 }

const textOf = async (body: object, server = quick): Promise<Payload> => {
  const { json } = await ask(server, textPath, { ...text, ...body })
  return [json.choices[0].text, json.choices[0].finish_reason, json.usage.completion_tokens]
}

/** The sentence as it is told: a token each, and the fox with its last byte. */
const told = [...sentence.slice(0, 5), '🦊', ...sentence.slice(9)]

describe('a model that transformers.js runs', () => {
  test('answers a chat in its template, and counts exactly', async () => {
    const { json } = await ask(quick, chatPath, chat)
    expect(json.choices).toEqual([
      { index: 0, message: { role: 'assistant', content: sentenceText }, finish_reason: 'stop' },
    ])
    // <|user|> h i <|assistant|>
    const usage = { prompt_tokens: 4, completion_tokens: sentenceTokens, total_tokens: 4 + sentenceTokens }
    expect(json.usage).toEqual(usage)
  })

  test('streams one chunk for each token, and a character of several tokens whole', async () => {
    const body = { ...chat, stream: true, stream_options: { include_usage: true } }
    const events = eventsOf((await ask(quick, chatPath, body)).text)
    expect(events.pop()).toBe('[DONE]')
    const deltas = events.flatMap(({ choices }) => choices).map(({ delta }) => delta.content)
    expect(deltas).toEqual(['', ...told, undefined])
    expect(events.at(-1).usage.completion_tokens).toBe(sentenceTokens)
  })

  test.each<[what: string, body: object, expected: [text: string, reason: string, tokens: number]]>([
    ['goes on from a text', { prompt: 'The quick' }, [sentenceText.slice('The quick'.length), 'stop', 13]],
    [
      'goes on from token ids',
      { prompt: [idOf('The'), idOf(' quick')] },
      [sentenceText.slice('The quick'.length), 'stop', 13],
    ],
    ['ends at max_tokens', { max_tokens: 3 }, ['The quick brown', 'length', 3]],
    ['ends at a stop string', { stop: ['own f', 'x'] }, ['The quick br', 'stop', 4]],
    ['ends at a stop token', { stop_token_ids: [idOf(' fox')] }, ['The quick brown', 'stop', 4]],
    ['is as long as min_tokens wants', { min_tokens: 16 }, [sentenceText + sentenceText, 'stop', 29]],
    [
      'goes on after its end with ignore_eos',
      { ignore_eos: true, max_tokens: 17 },
      [`${sentenceText}The quick`, 'length', 17],
    ],
    [
      'fills its context',
      { ignore_eos: true, max_tokens: 1000, prompt: Array(251).fill(1) },
      ['The quick brown fox ', 'length', 5],
    ],
    ['takes the likeliest with top_k 1', { temperature: 2, top_k: 1 }, [sentenceText, 'stop', sentenceTokens]],
    ['takes the likeliest with a small top_p', { temperature: 1, top_p: 0.1 }, [sentenceText, 'stop', sentenceTokens]],
  ])('%s', async (_, body, expected) => {
    expect(await textOf(body)).toEqual(expected)
  })

  test('draws the same with the same seed, and something else with another', async () => {
    const wild = { temperature: 5, max_tokens: 12, ignore_eos: true }
    const [first, again, other] = [
      await textOf({ ...wild, seed: 1 }),
      await textOf({ ...wild, seed: 1 }),
      await textOf({ ...wild, seed: 2 }),
    ]
    expect(again).toEqual(first)
    expect(other[0]).not.toBe(first[0])
    expect((await textOf(wild))[0]).not.toBe((await textOf(wild))[0])
  })

  test('says something else when it repeats itself too much', async () => {
    const looping = { ignore_eos: true, max_tokens: 150 }
    const [plain] = await textOf(looping)
    expect(plain).toBe(sentenceText.repeat(10))
    expect((await textOf({ ...looping, frequency_penalty: 2 }))[0]).not.toBe(plain)
  })

  test('refuses what it cannot do in the protocol’s own words', async () => {
    const { status, json } = await ask(quick, textPath, { ...text, prompt: [100_000] })
    expect(status).toBe(400)
    expect(json.error).toMatchObject({ type: 'invalid_request_error', param: 'prompt', code: 400 })
  })

  test('reads a template that is a file of its own, and does without one', async () => {
    expect((await ask(slow, chatPath, { ...chat, max_tokens: 1 })).json.usage.prompt_tokens).toBe(4)
    const plain = await start({ template: 'none', file: 'model_quantized.onnx' })
    const { json } = await ask(plain, chatPath, chat)
    expect(json.usage.prompt_tokens).toBe(2)
    expect(json.choices[0].message.content).toBe(sentenceText)
  })
})

interface Read {
  readonly atMs: number
  readonly text: string
}

/** Every read of the answer to a streamed request, with its time since the request. */
const readsOf = (server: SpawnedServer, body: object): Promise<readonly Read[]> =>
  new Promise((resolve, reject) => {
    const startMs = performance.now()
    const reads: Read[] = []
    request(`${server.url}${chatPath}`, { method: 'POST' }, response => {
      response.on('data', data => reads.push({ atMs: performance.now() - startMs, text: data.toString() }))
      response.on('end', () => resolve(reads))
    })
      .on('error', reject)
      .end(JSON.stringify({ ...chat, stream: true, ...body }))
  })

describe('over time', () => {
  const long = { ignore_eos: true, max_tokens: 60 }

  test('tokens come as they are computed, not all at once', async () => {
    const reads = await readsOf(slow, { ...long, stop: 'nowhere' })
    // A token without text, of which there are 4 in 15, is none. Some may share a read on a busy machine.
    expect(reads.length).toBeGreaterThan(20)
    const [first, last] = [reads[0] as Read, reads.at(-1) as Read]
    expect(first.text.match(/"content":"[^"]/g)).toHaveLength(1)
    expect(first.atMs).toBeLessThan(last.atMs / 3)
  })

  test('one answer follows the other', async () => {
    const [first, second] = (await Promise.all([readsOf(slow, long), readsOf(slow, long)])).toSorted(
      (a, b) => (a.at(-1) as Read).atMs - (b.at(-1) as Read).atMs,
    )
    expect(second?.[0]?.atMs).toBeGreaterThan((first?.at(-1)?.atMs ?? 0) * 0.9)
  })

  test('who goes away is not computed for', async () => {
    const startMs = performance.now()
    await readsOf(slow, { ...long, max_tokens: 30 })
    const thirtyMs = performance.now() - startMs
    const leaving = new AbortController()
    const { body } = await fetch(slow.url + chatPath, {
      method: 'POST',
      body: JSON.stringify({ ...chat, stream: true, ignore_eos: true, max_tokens: 240 }),
      signal: leaving.signal,
    })
    await body?.getReader().read()
    leaving.abort()
    const leftMs = performance.now()
    await ask(slow, chatPath, { ...chat, max_tokens: 1 })
    // The rest of it would take eight times as long.
    expect(performance.now() - leftMs).toBeLessThan(4 * thirtyMs)
  })
})
