import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Api } from '../../src/apis/api.ts'
import { ollama } from '../../src/apis/ollama.ts'
import { openai } from '../../src/apis/openai.ts'
import { Answer } from '../../src/load/answer.ts'
import { BodyBytes } from '../../src/load/body-bytes.ts'

const lines = [
  { message: { role: 'assistant', content: '', thinking: '想\u2028' }, done: false },
  { message: { role: 'assistant', content: 'A' }, done: false },
  { message: { role: 'assistant', content: '🙂' }, done: false },
  { message: { role: 'assistant', content: '' }, done: true, prompt_eval_count: 5, eval_count: 3 },
]
const wire = lines.map(line => `${JSON.stringify(line)}\n`).join('')

/** An answer to a request that asked for a stream or not, one read a piece, 10 ms apart. */
const answerOf = (
  type: string | undefined,
  pieces: readonly (string | Buffer)[],
  { api = ollama, asksStream = true }: { api?: Api; asksStream?: boolean } = {},
): Answer => {
  const answer = new Answer(api, asksStream, false, new BodyBytes())
  answer.head(200, type === undefined ? {} : { 'content-type': type })
  for (const [seq, piece] of pieces.entries()) answer.read(Buffer.from(piece), 1000 + 10 * seq, seq)
  answer.end()
  return answer
}

describe('whether an answer is a stream of lines', () => {
  test.each([
    // content type, asked for a stream, is one
    ['application/x-ndjson', true, true],
    ['application/x-ndjson', false, true],
    ['application/ndjson; charset=utf-8', true, true],
    ['application/jsonl', true, true],
    ['application/jsonl', false, true],
    ['application/stream+json', false, true],
    ['application/json-seq', false, true],
    ['application/json', true, true],
    ['application/json; charset=utf-8', true, true],
    ['application/json', false, false],
    ['APPLICATION/JSON', false, false],
    [undefined, true, true],
    [undefined, false, false],
  ])('%s, asked for: %s, is one: %s', (type, asksStream, isStream) => {
    const body = isStream
      ? wire
      : JSON.stringify({ ...lines.at(-1), message: { content: 'A🙂', thinking: '想\u2028' } })
    const answer = answerOf(type, [body], { asksStream })
    expect(answer.failure).toBeUndefined()
    expect(answer.isStream).toBe(isStream)
    expect(answer.draft).toMatchObject({ text: 'A🙂', reasoning: '想\u2028', inputTokens: 5, outputTokens: 3 })
    expect(answer.chunksMs).toHaveLength(isStream ? 3 : 1)
  })

  test.each([
    ['text/html', 'neither a stream of JSON lines nor JSON'],
    ['text/event-stream', 'neither a stream of JSON lines nor JSON'],
  ])('%s is refused', (type, words) => {
    expect(answerOf(type, [wire]).failure).toMatchObject({ kind: 'protocol', message: expect.stringContaining(words) })
  })

  test('lines mean nothing to a protocol of events', () => {
    const failure = answerOf('application/x-ndjson', [wire], { api: openai }).failure
    expect(failure).toMatchObject({
      kind: 'protocol',
      message: expect.stringContaining('the answer is not a JSON object'),
    })
  })
})

test('each line has the stamp of the read that ended it', () => {
  const [first = '', second = '', third = '', last = ''] = lines.map(line => `${JSON.stringify(line)}\n`)
  const answer = answerOf('application/x-ndjson', [first, second.slice(0, 9), second.slice(9) + third, last])
  expect(answer.chunksMs).toEqual([1000, 1020, 1020])
  expect(answer).toMatchObject({ firstAnswerMs: 1020, finishMs: 1030, lastDataMs: 1030, eventsPerReadMax: 2 })
  expect(answer).toMatchObject({ isDone: true, failure: undefined })
})

test('the same answer however it is cut into reads', () => {
  const bytes = Buffer.from(wire)
  fc.assert(
    fc.property(fc.uniqueArray(fc.integer({ min: 1, max: bytes.length - 1 }), { maxLength: 20 }), cuts => {
      const ends = [...cuts, bytes.length].sort((a, b) => a - b)
      const answer = answerOf(
        'application/x-ndjson',
        ends.map((end, at) => bytes.subarray(ends[at - 1] ?? 0, end)),
      )
      expect(answer.failure).toBeUndefined()
      expect(answer.draft).toMatchObject({ text: 'A🙂', reasoning: '想\u2028', outputTokens: 3 })
      expect(answer.chunksMs).toHaveLength(3)
    }),
  )
})

describe('a stream of lines fails', () => {
  const [, word = ''] = wire.split('\n')

  test('with the words of an error line midway; what follows is not read', () => {
    const answer = answerOf('application/x-ndjson', [`${word}\n{"error":"out of memory"}\n`, `${word}\n`])
    expect(answer.failure).toEqual({ kind: 'inband_error', message: 'out of memory' })
    expect(answer.chunksMs).toHaveLength(1)
  })

  test.each([
    ['between two lines', `${word}\n`],
    ['within a line', `${word}\n${word.slice(0, 20)}`],
  ])('when it ends %s', (where, text) => {
    const { failure, chunksMs } = answerOf('application/x-ndjson', [text])
    // Half a line is no JSON; nothing tells it from a broken one.
    expect(failure?.kind).toBe(where === 'between two lines' ? 'truncated' : 'protocol')
    expect(chunksMs).toHaveLength(1)
  })

  test('as truncated when the connection is lost, whatever half a line says', () => {
    const answer = new Answer(ollama, true, false, new BodyBytes())
    answer.head(200, { 'content-type': 'application/x-ndjson' })
    answer.read(Buffer.from(`${word}\n${word.slice(0, 20)}`), 1000, 0)
    answer.end(Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' }))
    expect(answer.failure?.kind).toBe('truncated')
    expect(answer.chunksMs).toHaveLength(1)
  })

  test('where a line is no object', () => {
    expect(answerOf('application/x-ndjson', ['[1]\n']).failure).toMatchObject({
      kind: 'protocol',
      message: 'an event is not a JSON object: [1]',
    })
  })
})

test('what follows the line that says done changes nothing', () => {
  const answer = answerOf('application/x-ndjson', [wire, '{"error":"too late"}\n'])
  expect(answer.failure).toBeUndefined()
  expect(answer.draft.errorMessage).toBeUndefined()
})
