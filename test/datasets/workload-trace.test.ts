import { writeFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { TraceGlance } from '../../src/datasets/support/trace-glance.ts'
import { readTraceLine } from '../../src/datasets/support/trace-line.ts'
import { workloadTrace } from '../../src/datasets/workload-trace.ts'
import type { Conversation } from '../../src/model/conversation.ts'
import type { JsonObject } from '../../src/model/json.ts'
import { createContext, take } from './context.ts'
import { bodyOf, createTraces, promptOf } from './traces.ts'

const { root, path, prepare, read } = createTraces()

const lines = (...records: readonly object[]): string => records.map(record => `${JSON.stringify(record)}\n`).join('')

/** Of each conversation, in order, what its body says under `n`. */
const numbers = (conversations: readonly Conversation[]) => conversations.map(conversation => bodyOf(conversation).n)

describe('times', () => {
  test.each<[timestamp: unknown, sec: number]>([
    [0, 0],
    [-1.5, -1.5],
    [1_700_000_000.123456, 1_700_000_000.123456],
    [1e3, 1000],
    ['12.5', 12.5],
    ['99999999999.5', 99_999_999_999.5],
    ['9999-12-31', 253_402_214_400],
    [' 1e2 ', 100],
    ['1970-01-01T00:00:10', 10],
    ['1970-01-01 00:00:10.000250', 10.00025],
    ['1970-01-01T00:00:10,5Z', 10.5],
    ['1970-01-01T01:00:10+01:00', 10],
    ['1970-01-01T01:00:10+0100', 10],
    ['1969-12-31T23:00:10-01', 10],
    ['1970-01-01T00:01', 60],
    ['1970-01-02', 86_400],
    ['2023-11-16 18:17:03.9799600', 1_700_158_623.97996],
  ])('%j is %f s', (timestamp, sec) => {
    const line = readTraceLine(Buffer.from(JSON.stringify({ timestamp, body: {} })))
    expect(line).toMatchObject({ timestampSec: sec })
  })

  test('a number is the same at a glance and by JSON.parse, to the last digit', () => {
    const glance = new TraceGlance()
    const written = fc.oneof(
      fc.double({ max: 1e10, noNaN: true, noDefaultInfinity: true }),
      fc.integer(),
      fc.nat({ max: 10 ** 11 - 1 }),
    )
    fc.assert(
      fc.property(written, fc.nat({ max: 9 }), (number, decimals) => {
        const text = Math.abs(number) < 1e15 ? number.toFixed(decimals) : String(number)
        const bytes = Buffer.from(`{"timestamp":${text},"body":{}}`)
        expect(glance.timestampSec(bytes, 0, bytes.length)).toBe(JSON.parse(text))
      }),
    )
  })

  test('arrivals count from the first, and speed divides them', async () => {
    const trace = lines({ timestamp: 100, body: {} }, { timestamp: 100.25, body: {} }, { timestamp: 103, body: {} })
    const arrivals = async (args: JsonObject) => (await read(trace, args)).map(({ arrivalMs }) => arrivalMs)
    expect(await arrivals({})).toEqual([0, 250, 3000])
    expect(await arrivals({ speed: 2 })).toEqual([0, 125, 1500])
    const { dataset } = await prepare(trace, { speed: 0.5 })
    expect([0, 1, 2, 3].map(index => dataset.arrivalMs?.(index))).toEqual([0, 500, 6000, undefined])
    expect(dataset.size).toBe(3)
  })

  test.each<[args: JsonObject, told: readonly string[]]>([
    [{ model_mapping: { a: 'b', other: 'c' } }, []],
    [
      { model_mapping: { other: 'c' }, model_override: 'd' },
      ['model_mapping of --dataset-args has no effect: none of the 2 records read has a model that it names'],
    ],
    [{ model_override: 'd' }, []],
  ])('of %j it is told at the end whether it named no model', async (args, told) => {
    const said: string[] = []
    const trace = lines({ timestamp: 1, body: { model: 'a' } }, { timestamp: 2, body: {} })
    await read(trace, args, said)
    expect(said.slice(1)).toEqual(told)
  })

  test.each<[times: readonly number[], args: JsonObject, told: string]>([
    [[5], { speed: 2 }, '1 record'],
    [[5, 5, 7.9505], {}, '3 records over 2.951 s'],
    [[1_700_000_000, 1_700_086_400], { speed: 10 }, '2 records over 86400 s, at speed 10 over 8640 s'],
    [[2, 1], {}, '2 records over 1 s; not in the order of their times, and so sorted'],
  ])('of %j with %j: %s is told', async (times, args, told) => {
    const said: string[] = []
    await prepare(lines(...times.map(timestamp => ({ timestamp, body: {} }))), args, said)
    expect(said).toEqual([`trace.jsonl: ${told}`])
  })

  test('any order of lines gives them sorted, those of one time in the order of the file, with one remark', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: -20, max: 20 }), { minLength: 1, maxLength: 60 }), async times => {
        const said: string[] = []
        const got = await read(lines(...times.map((timestamp, n) => ({ timestamp, body: { n } }))), {}, said)
        const order = times.map((_, n) => n).toSorted((a, b) => (times[a] as number) - (times[b] as number) || a - b)
        expect(numbers(got)).toEqual(order)
        const first = times[order[0] as number] as number
        expect(got.map(({ arrivalMs }) => arrivalMs)).toEqual(order.map(n => ((times[n] as number) - first) * 1000))
        const isSorted = order.every((n, index) => n === index)
        expect(said.filter(line => line.endsWith('; not in the order of their times, and so sorted'))).toEqual(
          isSorted ? [] : said,
        )
      }),
      { numRuns: 30 },
    )
  })
})

describe('bodies', () => {
  const odd = '{ "b": 1.50,\t"a":"\\u00e9 é \u2028 {\\"body\\":2}", "n" : [ ] }'

  test.each([
    ['an object', `{"timestamp":1,"body":${odd}}`],
    ['an object before other fields', `  { "body" :  ${odd}  , "timestamp" : "1" }  `],
    ['a text', `{"timestamp":1,"body":${JSON.stringify(odd)}}`],
    ['of two, the last', `{"body":{"x":1},"timestamp":1,"body":${odd}}`],
    ['under a name with escapes', `{"timestamp":1,"\\u0062ody":${odd}}`],
  ])('%s is kept to the byte', async (_, line) => {
    const [conversation] = await read(line)
    expect(promptOf(conversation)).toEqual({ kind: 'body', body: JSON.parse(odd), text: odd })
  })

  test.each([
    ['\n', '', ''],
    ['\r\n', '\r\n', ''],
    ['\n', '', '\ufeff'],
    ['\n\n \t\r\n', '\n\n', ''],
  ])('lines that end in %j, the last in %j, after %j', async (end, last, first) => {
    const records = [0, 1, 2].map(n => `{"timestamp":${n},"body":{"n":${n},"said":"héé 🙂"}}`)
    const got = await read(first + records.join(end) + last)
    expect(numbers(got)).toEqual([0, 1, 2])
    expect(promptOf(got[1]).text).toBe('{"n":1,"said":"héé 🙂"}')
  })

  test('lines longer than a block are read whole', async () => {
    const long = 'x'.repeat(3 * 1024 * 1024)
    const got = await read(lines(...[0, 1, 2, 3].map(n => ({ timestamp: n, body: { n, long: n === 2 ? long : '' } }))))
    expect(numbers(got)).toEqual([0, 1, 2, 3])
    expect(bodyOf(got[2]).long).toBe(long)
  })

  test('bodies that lie far apart in time order are each read from their place', async () => {
    const filler = 'x'.repeat(5000)
    const times = Array.from({ length: 400 }, (_, n) => (n * 149) % 400)
    const got = await read(lines(...times.map(timestamp => ({ timestamp, body: { n: timestamp, filler } }))))
    expect(numbers(got)).toEqual(Array.from({ length: 400 }, (_, n) => n))
  })

  test('a file that changes after it was checked is one clear mistake', async () => {
    const { dataset, context } = await prepare(lines({ timestamp: 1, body: {} }, { timestamp: 2, body: {} }))
    writeFileSync(path, lines({ timestamp: 5, body: {} }, { timestamp: 6, body: {} }))
    await expect(take(dataset.open(context))).rejects.toThrow(/trace\.jsonl has changed since it was checked; leave/)
  })
})

describe('headers and ids', () => {
  const one = async (more: object) => (await read(lines({ timestamp: 1, body: {}, ...more })))[0]

  test('those of a connection, of a body and of other places are not sent, nor are secrets', async () => {
    const dropped = {
      Connection: 'keep-alive, X-Hop',
      'X-Hop': '1',
      Host: 'prod',
      'Content-Length': '9',
      'content-encoding': 'gzip',
      'Transfer-Encoding': 'chunked',
      TE: 'trailers',
      Expect: '100-continue',
      'Proxy-Authorization': 'Basic x',
      Authorization: 'Bearer secret',
      'X-Api-Key': 'secret',
      Cookie: 'secret',
    }
    const conversation = await one({ headers: { ...dropped, 'X-Tenant': 'a', Traceparent: '00-1' } })
    expect(conversation?.headers).toEqual({ 'x-tenant': 'a', traceparent: '00-1' })
    expect(JSON.stringify(conversation)).not.toContain('secret')
  })

  test.each<[object, string | undefined]>([
    [{ request_id: 'r1' }, 'r1'],
    [{ headers: { 'X-Request-ID': 'h1' } }, 'h1'],
    [{ request_id: 'r1', headers: { 'x-request-id': 'h1' } }, 'r1'],
    [{ request_id: null, headers: null, completion_tokens: null }, undefined],
  ])('%j gives the id %s', async (more, requestId) => {
    const conversation = await one(more)
    expect(conversation?.requestId).toBe(requestId)
    expect(conversation?.headers).toBeUndefined()
  })
})

describe('what --dataset-args changes', () => {
  const one = async (body: object, args: JsonObject, more: object = { completion_tokens: 7 }) =>
    promptOf((await read(lines({ timestamp: 1, body, ...more }), args))[0])

  test.each<[body: object, args: JsonObject, model: unknown]>([
    [{ model: 'a' }, { model_mapping: { a: 'x' }, model_override: 'y' }, 'x'],
    [{ model: 'b' }, { model_mapping: { a: 'x' }, model_override: 'y' }, 'y'],
    [{ model: 'b' }, { model_mapping: { a: 'x' } }, 'b'],
    [{ model: 'toString' }, { model_mapping: { a: 'x' } }, 'toString'],
    [{}, { model_override: 'y' }, 'y'],
  ])('%j with %j is sent to %j', async (body, args, model) => {
    const prompt = await one(body, args)
    expect(prompt.body).toEqual({ ...body, model })
    expect(prompt.text).toBe(JSON.stringify(prompt.body))
  })

  test.each<[body: object, sent: object]>([
    [{ max_tokens: 99 }, { max_tokens: 7, ignore_eos: true }],
    [{ max_completion_tokens: 99 }, { max_tokens: 7, ignore_eos: true }],
    [{ response_format: { type: 'text' } }, { response_format: { type: 'text' }, max_tokens: 7, ignore_eos: true }],
    [{ response_format: { type: 'json_object' } }, { response_format: { type: 'json_object' }, max_tokens: 7 }],
    [{ response_format: { type: 'json_schema' } }, { response_format: { type: 'json_schema' }, max_tokens: 7 }],
    [{ tools: [{}] }, { tools: [{}], max_tokens: 7, ignore_eos: true }],
    [
      { tools: [{}], tool_choice: null },
      { tools: [{}], tool_choice: null, max_tokens: 7, ignore_eos: true },
    ],
    [
      { tools: [{}], tool_choice: 'auto' },
      { tools: [{}], tool_choice: 'auto', max_tokens: 7, ignore_eos: true },
    ],
    [
      { tools: [{}], tool_choice: 'none' },
      { tools: [{}], tool_choice: 'none', max_tokens: 7, ignore_eos: true },
    ],
    [
      { tools: [{}], tool_choice: 'required' },
      { tools: [{}], tool_choice: 'required', max_tokens: 7 },
    ],
    // Anthropic's choice is an object also where nothing is forced.
    [
      { tools: [{}], tool_choice: { type: 'auto' } },
      { tools: [{}], tool_choice: { type: 'auto' }, max_tokens: 7, ignore_eos: true },
    ],
    [
      { tools: [{}], tool_choice: { type: 'any' } },
      { tools: [{}], tool_choice: { type: 'any' }, max_tokens: 7 },
    ],
    // The Responses API.
    [
      { input: 'hi', max_output_tokens: 99 },
      { input: 'hi', max_output_tokens: 7, ignore_eos: true },
    ],
    [
      { input: [], text: { format: { type: 'json_schema' } } },
      { input: [], text: { format: { type: 'json_schema' } }, max_output_tokens: 7 },
    ],
  ])('match_output_length makes %j %j', async (body, sent) => {
    expect(await one(body, { match_output_length: true })).toEqual({
      kind: 'body',
      body: sent,
      text: expect.any(String),
    })
  })

  test('without a recorded length, or without being asked, nothing is changed', async () => {
    expect(await one({ max_tokens: 9 }, { match_output_length: true }, {})).toHaveProperty('text', '{"max_tokens":9}')
    expect(await one({ max_tokens: 9 }, { match_output_length: false })).toHaveProperty('text', '{"max_tokens":9}')
  })
})

test('a path is needed, and has to be a file', async () => {
  await expect(workloadTrace.prepare?.(createContext({ spec: 'workload_trace' }))).rejects.toThrow(
    /needs --dataset-path/,
  )
  await expect(workloadTrace.prepare?.(createContext({ path: root }))).rejects.toThrow(/is a directory/)
})
