import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Generation, LocalModel } from '../../../src/server/local/local-model.ts'
import { type LocalServer, openLocalServer } from '../../../src/server/local/local-wire.ts'
import { ask, eventsOf, eventually } from '../client.ts'
import { byteTokenizer, firstSpecialId } from './byte-tokenizer.ts'

const endId = firstSpecialId

/** Says the same to everybody, byte by byte, each when `next` lets it. */
class Parrot implements LocalModel {
  readonly name = 'parrot'
  readonly tokenizer = byteTokenizer()
  readonly contextTokens = 100
  readonly vocabularySize = 400
  readonly endIds = [endId]
  readonly asked: Generation[] = []
  underWay = 0
  says: readonly number[] = [...Buffer.from('héy'), endId]
  next: (token: number) => Promise<void> = async () => {}

  async generate(generation: Generation, onToken: (id: number) => boolean): Promise<void> {
    this.asked.push(generation)
    this.underWay++
    try {
      for (let token = 0; token < generation.maxTokens; token++) {
        await this.next(token)
        const id = this.says[token % this.says.length] as number
        const isOver = generation.endIds.includes(id)
        if (!onToken(id) || isOver) return
      }
    } finally {
      this.underWay--
    }
  }
}

let model: Parrot
let server: LocalServer
beforeEach(async () => {
  model = new Parrot()
  server = await openLocalServer(0)
})
afterEach(() => server.close())

const chatPath = '/v1/chat/completions'
const textPath = '/v1/completions'
const chat = { model: 'parrot', messages: [{ role: 'user', content: 'hi' }] }
const text = { model: 'parrot', prompt: 'hi' }

/** A promise, and how to resolve it. */
const gate = () => {
  let open = (): void => {}
  const opened = new Promise<void>(resolve => {
    open = resolve
  })
  return { open: () => open(), opened }
}

describe('an answer of a local model', () => {
  beforeEach(() => server.serve(model))

  test('streamed, is a role chunk, a chunk for each token with text, the finish, usage and [DONE]', async () => {
    const body = { ...chat, stream: true, stream_options: { include_usage: true } }
    const answer = await ask(server, chatPath, body)
    expect(answer.status).toBe(200)
    expect(answer.headers.get('content-type')).toBe('text/event-stream; charset=utf-8')
    const events = eventsOf(answer.text)
    expect(events.pop()).toBe('[DONE]')
    expect(events.map(({ choices }) => choices)).toEqual([
      [{ index: 0, delta: { role: 'assistant', content: '' }, finish_reason: null }],
      [{ index: 0, delta: { content: 'h' }, finish_reason: null }],
      // Two bytes, and nothing before the second.
      [{ index: 0, delta: { content: 'é' }, finish_reason: null }],
      [{ index: 0, delta: { content: 'y' }, finish_reason: null }],
      [{ index: 0, delta: {}, finish_reason: 'stop' }],
      [],
    ])
    expect(events.at(-1).usage).toEqual({ prompt_tokens: 9, completion_tokens: 5, total_tokens: 14 })
    for (const event of events) {
      expect(event).toMatchObject({ id: events[0].id, object: 'chat.completion.chunk', model: 'parrot' })
    }
  })

  test('of /v1/completions, streamed, has no role chunk, and no usage unless it is asked for', async () => {
    const events = eventsOf((await ask(server, textPath, { ...text, stream: true, max_tokens: 3 })).text)
    expect(events.pop()).toBe('[DONE]')
    expect(events.map(({ choices }) => [choices[0].text, choices[0].finish_reason])).toEqual([
      ['h', null],
      ['é', null],
      ['', 'length'],
    ])
    expect(events.some(event => 'usage' in event)).toBe(false)
  })

  test('in one piece has text, finish reason and usage', async () => {
    expect((await ask(server, chatPath, { ...chat, max_completion_tokens: 4 })).json).toMatchObject({
      object: 'chat.completion',
      choices: [{ index: 0, message: { role: 'assistant', content: 'héy' }, finish_reason: 'length' }],
      usage: { prompt_tokens: 9, completion_tokens: 4, total_tokens: 13 },
    })
    expect((await ask(server, textPath, { ...text, max_tokens: 9 })).json).toMatchObject({
      object: 'text_completion',
      choices: [{ index: 0, text: 'héy', finish_reason: 'stop' }],
      // The mark at the beginning of a text is a token of the prompt, the end mark one of the output.
      usage: { prompt_tokens: 3, completion_tokens: 5, total_tokens: 8 },
    })
  })

  test('ends before a stop string, whose beginning is held back until it is none', async () => {
    const choice = async (change: object) => (await ask(server, textPath, { ...text, ...change })).json.choices[0]
    expect(await choice({ stop: 'éy' })).toMatchObject({ text: 'h', finish_reason: 'stop' })
    expect(await choice({ stop: ['éyx', 'nothing'] })).toMatchObject({ text: 'héy', finish_reason: 'stop' })
    expect(await choice({ stop: 'hé', min_tokens: 3, max_tokens: 4 })).toMatchObject({ finish_reason: 'length' })
    expect(await choice({ stop_token_ids: ['121'] })).toMatchObject({ text: 'hé', finish_reason: 'stop' })
    expect(await choice({ ignore_eos: true, max_tokens: 8 })).toMatchObject({ text: 'héyhé', finish_reason: 'length' })
  })

  test('comes token by token, as the model has them', async () => {
    const gates = model.says.map(gate)
    model.next = async token => gates[token]?.opened
    gates[0]?.open()
    const response = await fetch(server.url + chatPath, {
      method: 'POST',
      body: JSON.stringify({ ...chat, stream: true }),
    })
    const reader = (response.body as ReadableStream<Uint8Array>).getReader()
    const read = async (): Promise<string> => Buffer.from((await reader.read()).value ?? []).toString()
    expect(await read()).toContain('"content":"h"')
    // Half a character: nothing yet.
    gates[1]?.open()
    gates[2]?.open()
    expect(await read()).toContain('"content":"é"')
    gates[3]?.open()
    expect(await read()).toContain('"content":"y"')
    gates[4]?.open()
    expect(await read()).toContain('"finish_reason":"stop"')
  })
})

describe('several requests', () => {
  beforeEach(() => server.serve(model))

  test('are answered one after the other, in their order', async () => {
    const first = gate()
    model.next = () => first.opened
    const answers = [1, 2, 3].map(async maxTokens => {
      await eventually(async () => model.asked.length > 0 || maxTokens === 1)
      return ask(server, textPath, { ...text, max_tokens: maxTokens })
    })
    await eventually(async () => model.underWay === 1)
    // What is no generation is answered meanwhile.
    expect((await (await fetch(`${server.url}/v1/models`)).json()) as object).toMatchObject({
      object: 'list',
      data: [{ id: 'parrot', object: 'model' }],
    })
    expect((await ask(server, textPath, { ...text, prompt: 5 })).status).toBe(400)
    expect(model.asked).toHaveLength(1)
    first.open()
    const tokens = (await Promise.all(answers)).map(({ json }) => json.usage.completion_tokens)
    expect(tokens).toEqual([1, 2, 3])
    expect(model.asked).toHaveLength(3)
  })

  test('of a client that goes away end after the token under way, and those that wait never begin', async () => {
    const held = gate()
    model.next = () => held.opened
    model.says = [97]
    const leaving = new AbortController()
    const request = { method: 'POST', body: JSON.stringify({ ...text, max_tokens: 90, stream: true }) }
    const gone = [1, 2].map(() => fetch(server.url + textPath, { ...request, signal: leaving.signal }).catch(String))
    await eventually(async () => model.underWay === 1)
    leaving.abort()
    await Promise.all(gone)
    let latest = 0
    model.next = async token => {
      latest = token
      await new Promise(resolve => setTimeout(resolve, 20))
    }
    held.open()
    await eventually(async () => model.underWay === 0)
    expect(latest).toBeLessThan(45)
    expect((await ask(server, textPath, { ...text, max_tokens: 1 })).status).toBe(200)
    expect(model.asked).toHaveLength(2)
  })
})

describe('what goes wrong', () => {
  test('is status 503 while the model is loading', async () => {
    const answer = await ask(server, chatPath, chat)
    expect([answer.status, answer.json.error.message]).toEqual([503, 'the model is still loading'])
  })

  test('in the model is status 500, or, in a stream that has begun, an error event', async () => {
    server.serve(model)
    model.next = async token => {
      if (token === 2) throw new Error('out of range')
    }
    const whole = await ask(server, textPath, text)
    expect([whole.status, whole.json.error.message]).toEqual([500, 'Error: out of range'])
    const events = eventsOf((await ask(server, textPath, { ...text, stream: true })).text)
    expect(events.map(event => event.error?.message ?? event.choices?.[0].text ?? event)).toEqual([
      'h',
      'Error: out of range',
      '[DONE]',
    ])
    model.next = async () => {}
    expect((await ask(server, textPath, text)).status).toBe(200)
  })

  test('is an error of the protocol for other paths and methods, and for no JSON', async () => {
    server.serve(model)
    expect((await ask(server, '/v1/embeddings', text)).json.error).toMatchObject({ code: 404 })
    expect((await fetch(server.url + chatPath)).status).toBe(405)
    expect((await ask(server, chatPath, '{')).json.error).toMatchObject({ type: 'invalid_request_error', code: 400 })
  })

  test('is EADDRINUSE for a port in use', async () => {
    await expect(openLocalServer(Number(new URL(server.url).port))).rejects.toMatchObject({ code: 'EADDRINUSE' })
  })
})
