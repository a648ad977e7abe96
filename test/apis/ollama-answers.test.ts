import { describe, expect, test } from 'vitest'
import { emptyDraft } from '../../src/apis/api.ts'
import { ollama } from '../../src/apis/ollama.ts'
import { recordOf, streamed, timeless, whole } from '../support/transcript.ts'

const head = { model: 'llama', created_at: '2026-01-02T03:04:05.678901Z' }
const line = (fields: object): string => `${JSON.stringify({ ...head, ...fields })}\n`
const word = (content: string, more: object = {}): object => ({
  message: { role: 'assistant', content, ...more },
  done: false,
})
const last = {
  message: { role: 'assistant', content: '' },
  done: true,
  done_reason: 'stop',
  total_duration: 5_000_000,
  prompt_eval_count: 26,
  eval_count: 3,
}
const type = 'application/x-ndjson'
const noCounts = { cachedTokens: undefined, reasoningTokens: undefined }

describe('answers', () => {
  test('a stream with thinking', async () => {
    const lines = [word('', { thinking: 'hm' }), word('A'), word(' B\u2028'), last]
    const record = await recordOf(ollama, streamed(type, lines.map(line)))
    expect(timeless(record)).toEqual({
      isStream: true,
      chunkCount: 3,
      hasFirstToken: true,
      eventsPerReadMax: 1,
      inputTokens: 26,
      outputTokens: 3,
      ...noCounts,
      tokenSource: 'usage',
      statusCode: 200,
      failure: undefined,
      events: lines.map(each => ({ ...head, ...each })),
    })
    expect(record.gapsUs).toHaveLength(2)
    expect(record.gapsUs.every(gapUs => gapUs > 15_000)).toBe(true)
    expect((record.ttfatUs as number) - (record.ttftUs as number)).toBe(record.gapsUs[0])
  })

  test('a body in one piece; where a stream was asked for it is one of a single event', async () => {
    const body = { ...head, ...last, message: { role: 'assistant', content: 'A B' } }
    const told = {
      isStream: false,
      chunkCount: 1,
      hasFirstToken: false,
      eventsPerReadMax: 0,
      inputTokens: 26,
      outputTokens: 3,
      ...noCounts,
      tokenSource: 'usage',
      statusCode: 200,
      failure: undefined,
      events: [body],
    }
    expect(timeless(await recordOf(ollama, whole('200 OK', body), false))).toEqual(told)
    const asStream = { ...told, isStream: true, hasFirstToken: true, eventsPerReadMax: 1 }
    expect(timeless(await recordOf(ollama, whole('200 OK', body)))).toEqual(asStream)
  })

  test('a completion, whose text is its response', () => {
    const draft = emptyDraft()
    expect(ollama.readChunk({ ...head, response: '', thinking: 'hm', done: false }, draft)).toBe('reasoning')
    expect(ollama.readChunk({ ...head, response: 'A', done: false }, draft)).toBe('answer')
    expect(ollama.readChunk({ ...head, response: '', done: true, done_reason: 'length', eval_count: 2 }, draft)).toBe(
      'choice',
    )
    expect(draft).toMatchObject({ text: 'A', reasoning: 'hm', finished: true, done: true, outputTokens: 2 })
  })

  test('tokens read from the cache are among those of the prompt', () => {
    const draft = emptyDraft()
    ollama.readChunk({ ...head, ...last, prompt_eval_cached_count: 20 }, draft)
    expect(draft).toMatchObject({ inputTokens: 26, cachedTokens: 20 })
  })

  test('a prompt that was cached is told by older versions without its count', () => {
    const { prompt_eval_count: _, ...cached } = last
    const draft = emptyDraft()
    ollama.readChunk({ ...head, ...cached }, draft)
    expect(draft).toMatchObject({ inputTokens: undefined, outputTokens: 3 })
  })

  test('tool calls come whole, each in a line of its own, and go back as they came', () => {
    const call = (name: string) => ({ function: { name, arguments: { at: 1 } } })
    const draft = emptyDraft()
    for (const name of ['f', 'g']) {
      expect(ollama.readChunk({ message: { role: 'assistant', content: '', tool_calls: [call(name)] } }, draft)).toBe(
        'answer',
      )
    }
    expect(draft.toolCalls).toEqual([call('f'), call('g')])
    const history = [{ role: 'assistant', content: '', tool_calls: draft.toolCalls }]
    const settings = { chosen: {}, defaults: {}, extraArgs: {}, queryTemplate: undefined }
    const body = ollama.buildRequest({ prompt: { kind: 'messages', messages: [] } }, history, settings)
    expect(body.messages).toEqual(history)
  })
})

describe('failures', () => {
  test('an error line midway is an in-band error with its message; what had come is kept', async () => {
    const record = await recordOf(ollama, streamed(type, [line(word('A')), '{"error":"unexpected EOF"}\n']))
    expect(record.failure).toEqual({ kind: 'inband_error', message: 'unexpected EOF' })
    expect(record).toMatchObject({ chunkCount: 1, outputTokens: 1 })
  })

  test('a status is told with the words of its object', async () => {
    const record = await recordOf(ollama, whole('404 Not Found', { error: "model 'x' not found" }))
    expect(record.failure).toEqual({ kind: 'http_4xx', message: "HTTP 404: model 'x' not found" })
  })

  test('a model that is only loaded has answered nothing', async () => {
    const loaded = { message: { role: 'assistant', content: '' }, done: true, done_reason: 'load' }
    const record = await recordOf(ollama, streamed(type, [line(loaded)]))
    expect(record.failure?.kind).toBe('empty')
  })

  test('a stream that ends before it is done is truncated', async () => {
    const record = await recordOf(ollama, streamed(type, [line(word('A'))]))
    expect(record.failure?.kind).toBe('truncated')
  })

  test('an answer of another protocol is told by its type', async () => {
    const record = await recordOf(ollama, streamed('text/event-stream', ['data: {}\n\n']))
    expect(record.failure?.message).toBe(
      "the answer's content type is text/event-stream, neither a stream of JSON lines nor JSON",
    )
  })
})
