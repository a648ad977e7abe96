import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { TraceGlance } from '../../src/datasets/support/trace-glance.ts'
import { readTraceLine } from '../../src/datasets/support/trace-line.ts'
import { ArgumentsError } from '../../src/errors.ts'
import { createTraces, promptOf } from './traces.ts'

const { root, read } = createTraces()

describe('bad lines', () => {
  const good = '{"timestamp":1,"body":{}}'
  const mistake = async (content: string | Buffer): Promise<string> => {
    const error = await read(content).then(
      () => undefined,
      (thrown: unknown) => thrown,
    )
    expect(error).toBeInstanceOf(ArgumentsError)
    return (error as Error).message.replace(root, '')
  }

  const noTime = '"timestamp" is neither seconds nor an ISO 8601 time'
  const tooLarge = '"timestamp" is too large for seconds: divide milliseconds by 1000'
  const noHeaders = '"headers" is no object of HTTP header names and texts'
  const noId = '"request_id" is no text that fits into a header'
  const noCount = '"completion_tokens" is no whole number above 0'
  const noBody = '"body" is no JSON object, nor a text that holds one'
  const known = 'known are body, timestamp, headers, request_id, completion_tokens'

  test.each<[line: string | Buffer, problem: string, has?: string]>([
    ['{"timestamp":1,"body":{}', 'no JSON'],
    ['{"timestamp":1,"body":{}} x', 'no JSON'],
    ['{"timestamp":01,"body":{}}', 'no JSON'],
    [Buffer.from('7b22ff227d', 'hex'), 'no UTF-8'],
    ['[1]', 'no JSON object', 'a list'],
    ['null', 'no JSON object', 'null'],
    ['{"timestamp":1}', 'no "body"'],
    ['{"timestamp":1,"body":null}', 'no "body"'],
    ['{"timestamp":1,"body":[]}', noBody, 'a list'],
    ['{"timestamp":1,"body":"[]"}', noBody, '"[]"'],
    [`{"timestamp":1,"body":"${'{'.repeat(99)}"}`, noBody, `"${'{'.repeat(39)} …`],
    ['{"body":{}}', 'no "timestamp"'],
    ['{"body":{},"timestamp":true}', noTime, 'true'],
    ['{"body":{},"timestamp":1e999}', noTime, 'Infinity'],
    ['{"body":{},"timestamp":"soon"}', noTime, '"soon"'],
    ['{"body":{},"timestamp":"2024-02-30"}', noTime, '"2024-02-30"'],
    ['{"body":{},"timestamp":"2024-02-03T25:00"}', noTime, '"2024-02-03T25:00"'],
    ['{"body":{},"timestamp":1700000000250}', tooLarge, '1700000000250'],
    ['{"body":{},"timestamp":" 1700000000250"}', tooLarge, '" 1700000000250"'],
    ['{"body":{},"timestamp":100000000000}', tooLarge, '100000000000'],
    ['{"body":{},"timestamp":1,"model":"m"}', `unknown field "model", ${known}`],
    ['{"body":{},"timestamp":1,"__proto__":1}', `unknown field "__proto__", ${known}`],
    ['{"body":{},"timestamp":1,"headers":[]}', noHeaders, 'a list'],
    ['{"body":{},"timestamp":1,"headers":{"a":"1","b":1}}', noHeaders, 'a number under "b"'],
    ['{"body":{},"timestamp":1,"headers":{"a":{}}}', noHeaders, 'an object under "a"'],
    ['{"body":{},"timestamp":1,"headers":{"a b":"1"}}', noHeaders, 'the name "a b"'],
    [
      '{"body":{},"timestamp":1,"headers":{"Authorization":"Bearer sk-1\\n"}}',
      noHeaders,
      'a text with a character that no header may have under "Authorization"',
    ],
    ['{"body":{},"timestamp":1,"request_id":7}', noId, '7'],
    ['{"body":{},"timestamp":1,"request_id":" "}', noId, '" "'],
    ['{"body":{},"timestamp":1,"request_id":"\\u0000"}', noId, '"\\u0000"'],
    ['{"body":{},"timestamp":1,"completion_tokens":0}', noCount, '0'],
    ['{"body":{},"timestamp":1,"completion_tokens":1.5}', noCount, '1.5'],
    ['{"body":{},"timestamp":1,"completion_tokens":"7"}', noCount, '"7"'],
  ])('%s: %s', async (line, problem, has) => {
    const content = Buffer.concat([Buffer.from(`${good}\n\n`), Buffer.from(line), Buffer.from(`\n${good}\n`)])
    const place = has === undefined ? 'line 3' : `line 3 has ${has}`
    expect(await mistake(content)).toBe(`/trace.jsonl has 1 bad line, mend or remove it: ${problem} (${place})`)
  })

  const nested = (levels: number): string => `{"a":${'['.repeat(levels - 1)}${']'.repeat(levels - 1)}}`

  test.each([
    ['an object', (body: string) => `{"timestamp":1,"body":${body}}`],
    ['a text', (body: string) => JSON.stringify({ timestamp: 1, body })],
    ['the last of two', (body: string) => `{"timestamp":1,"body":{"x":1},"body":${body}}`],
  ])('a body is %s: nested 199 levels deep it is sent, and deeper it is bad', async (_, line) => {
    const [conversation] = await read(line(nested(199)), { model_override: 'm' })
    expect(promptOf(conversation).text).toBe(`${nested(199).slice(0, -1)},"model":"m"}`)
    for (const levels of [200, 100_000]) {
      const problem = '"body" is nested more than 199 levels deep (line 1)'
      expect(await mistake(line(nested(levels)))).toBe(`/trace.jsonl has 1 bad line, mend or remove it: ${problem}`)
    }
  })

  test('are told together, one kind after the other', async () => {
    const text = [good, '{', '{"timestamp":1}', good, '{'].join('\n')
    expect(await mistake(text)).toBe(
      '/trace.jsonl has 3 bad lines, mend or remove them: no JSON (lines 2, 5); no "body" (line 3)',
    )
  })

  test('that follow each other are told as ranges, with what the first one has', async () => {
    const bad = (time: string) => `{"timestamp":"${time}","body":{}}`
    const text = [good, bad('a'), bad('b'), good, bad('c'), bad('d'), bad('e'), good, bad('f')].join('\n')
    expect(await mistake(text)).toBe(
      `/trace.jsonl has 6 bad lines, mend or remove them: ${noTime} (lines 2, 3, 5-7, 9; line 2 has "a")`,
    )
  })

  test('beyond a hundred are counted', async () => {
    const message = await mistake(`${good}\n${'{\n'.repeat(250)}`)
    expect(message).toBe('/trace.jsonl has 250 bad lines, mend or remove them: no JSON (lines 2-101); and 150 more')
  })

  test.each(['', '\n \n', '\ufeff'])('a file of %j has no records', async content => {
    expect(await mistake(content)).toBe('/trace.jsonl holds no records; give a trace with one JSON object per line')
  })

  test('a glance is sure of no line that is bad', () => {
    const glance = new TraceGlance()
    const value = fc.oneof(
      fc.jsonValue({ maxDepth: 1 }),
      fc.constantFrom('1', '2024-01-01', {}, 'x', 7, -1, 1.5, { a: 'b' }),
    )
    const field = fc.constantFrom('body', 'timestamp', 'headers', 'request_id', 'completion_tokens', 'other')
    fc.assert(
      fc.property(fc.array(fc.tuple(field, value), { maxLength: 6 }), fields => {
        const all = [...fields, ['timestamp', 3], ['body', {}]] as const
        const text = `{${all.map(([name, held]) => `"${name}":${JSON.stringify(held)}`).join(',')}}`
        const bytes = Buffer.from(text)
        const seen = glance.timestampSec(bytes, 0, bytes.length)
        if (seen !== undefined) expect(readTraceLine(bytes)).toMatchObject({ timestampSec: seen })
      }),
      { numRuns: 500 },
    )
  })
})
