import { describe, expect, test } from 'vitest'
import { emptyDraft } from '../../src/apis/api.ts'
import { dashscope } from '../../src/apis/dashscope.ts'
import { completeUrl } from '../../src/arguments/endpoint.ts'
import { recordOf, streamed, timeless, whole } from '../support/transcript.ts'

describe('the URL', () => {
  const [text] = dashscope.endpoints
  test.each([
    ['https://dashscope.aliyuncs.com', `https://dashscope.aliyuncs.com${text}`],
    ['https://dashscope.aliyuncs.com/api/v1', `https://dashscope.aliyuncs.com${text}`],
    ['https://dashscope.aliyuncs.com/api/v1/services/aigc', `https://dashscope.aliyuncs.com${text}`],
    ['https://h/api/v1/services/aigc/multimodal-generation/generation', undefined],
    ['http://gateway/qwen/text-generation/generation', undefined],
  ])('%s becomes %s', (given, completed) => {
    expect(completeUrl(given, dashscope.endpoints)).toBe(completed ?? given)
  })
})

/** An event as DashScope writes it: without a space after the colon, with the status as a comment. */
const event = (id: number, payload: unknown, name = 'result', status = 200): string =>
  `id:${id}\nevent:${name}\n:HTTP_STATUS/${status}\ndata:${JSON.stringify(payload)}\n\n`
const type = 'text/event-stream;charset=UTF-8'

const said = (message: object, outputTokens: number, reason = 'null'): object => ({
  output: { choices: [{ message: { role: 'assistant', ...message }, finish_reason: reason }] },
  usage: {
    input_tokens: 11,
    output_tokens: outputTokens,
    total_tokens: 11 + outputTokens,
    prompt_tokens_details: { cached_tokens: 4 },
  },
  request_id: 'r-1',
})

describe('answers', () => {
  test('a stream with reasoning', async () => {
    const payloads = [
      { output: { choices: [{ message: { content: '', role: 'assistant' }, finish_reason: 'null' }] }, usage: {} },
      said({ content: '', reasoning_content: '想' }, 1),
      said({ content: 'A', reasoning_content: '' }, 2),
      said({ content: 'B\u2028' }, 4),
      {
        ...said({ content: '' }, 4, 'stop'),
        usage: { input_tokens: 11, output_tokens: 4, output_tokens_details: { reasoning_tokens: 1 } },
      },
    ]
    const record = await recordOf(
      dashscope,
      streamed(
        type,
        payloads.map((payload, at) => event(at + 1, payload)),
      ),
    )
    expect(timeless(record)).toEqual({
      isStream: true,
      chunkCount: 3,
      hasFirstToken: true,
      eventsPerReadMax: 1,
      inputTokens: 11,
      outputTokens: 4,
      cachedTokens: 4,
      reasoningTokens: 1,
      tokenSource: 'usage',
      statusCode: 200,
      failure: undefined,
      events: payloads,
    })
    expect(record.gapsUs).toHaveLength(2)
    expect(record.gapsUs.every(gapUs => gapUs > 15_000)).toBe(true)
    expect((record.ttfatUs as number) - (record.ttftUs as number)).toBe(record.gapsUs[0])
    expect(record.firstChunkUs).toBeLessThan(record.ttftUs as number)
  })

  test('a body in one piece', async () => {
    const body = { status_code: 200, code: '', message: '', ...said({ content: 'AB' }, 2, 'stop') }
    expect(timeless(await recordOf(dashscope, whole('200 OK', body), false))).toEqual({
      isStream: false,
      chunkCount: 1,
      hasFirstToken: false,
      eventsPerReadMax: 0,
      inputTokens: 11,
      outputTokens: 2,
      cachedTokens: 4,
      reasoningTokens: undefined,
      tokenSource: 'usage',
      statusCode: 200,
      failure: undefined,
      events: [body],
    })
  })

  test('a bare text, the content of models that see, and tool calls in pieces', () => {
    const draft = emptyDraft()
    expect(dashscope.readChunk({ output: { text: 'A', finish_reason: 'null' } }, draft)).toBe('answer')
    expect(draft.finished).toBe(false)
    const seen = said({ content: [{ text: 'B' }, { image: 'x' }, { text: 'C' }] }, 3)
    expect(dashscope.readChunk(JSON.parse(JSON.stringify(seen)), draft)).toBe('answer')
    const call = { index: 0, id: 'c', type: 'function', function: { name: 'f', arguments: '{"a"' } }
    const more = { index: 0, id: '', type: 'function', function: { name: '', arguments: ':1}' } }
    for (const piece of [call, more]) {
      expect(
        dashscope.readChunk(JSON.parse(JSON.stringify(said({ content: '', tool_calls: [piece] }, 4))), draft),
      ).toBe('answer')
    }
    expect(dashscope.readChunk({ output: { text: '', finish_reason: 'length' } }, draft)).toBe('choice')
    expect(draft).toMatchObject({
      text: 'ABC',
      finished: true,
      toolCalls: [{ id: 'c', type: 'function', function: { name: 'f', arguments: '{"a":1}' } }],
    })
  })

  test.each([
    ['search results alone', { output: { search_info: {} }, usage: {} }],
    ['usage alone', { usage: { input_tokens: 3, output_tokens: 1 } }],
    ['no choice', { output: { choices: [] } }],
  ])('%s is no output', (_, payload) => {
    expect(dashscope.readChunk(payload, emptyDraft())).toBe('other')
  })
})

describe('failures', () => {
  const refusal = { code: 'InvalidParameter', message: 'Range of max_tokens should be [1, 32768]', request_id: 'r' }

  test('an error event midway is an in-band error with its message; what had come is kept', async () => {
    const record = await recordOf(
      dashscope,
      streamed(type, [event(1, said({ content: 'A' }, 1)), event(2, refusal, 'error', 400)]),
    )
    expect(record.failure).toEqual({ kind: 'inband_error', message: refusal.message })
    expect(record).toMatchObject({ statusCode: 200, chunkCount: 1, outputTokens: 1 })
  })

  test('a status is told with the message of its object', async () => {
    const record = await recordOf(dashscope, whole('429 Too Many Requests', { ...refusal, message: 'slow down' }))
    expect(record.failure).toEqual({ kind: 'http_429', message: 'HTTP 429: slow down' })
  })

  test('an error body that is an event, though called JSON, is told with its message', async () => {
    const record = await recordOf(dashscope, whole('400 Bad Request', event(1, refusal, 'error', 400)))
    expect(record.failure).toEqual({ kind: 'http_4xx', message: `HTTP 400: ${refusal.message}` })
  })

  test('a code without words, and the words of a gateway', () => {
    const draft = emptyDraft()
    expect(dashscope.readChunk({ code: 'Throttling', message: '' }, draft)).toBe('error')
    expect(draft.errorMessage).toBe('Throttling')
    expect(dashscope.readBody({ error: { message: 'bad gateway' } }, draft)).toBe('error')
    expect(draft.errorMessage).toBe('bad gateway')
  })

  test('a stream that ends with its reason still null is truncated', async () => {
    const record = await recordOf(dashscope, streamed(type, [event(1, said({ content: 'A' }, 1))]))
    expect(record.failure?.kind).toBe('truncated')
  })
})
