import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createSseReader, maxEventChars } from '../../src/net/sse.ts'

const bytes = (...parts: (string | number[])[]): Buffer =>
  Buffer.concat(parts.map(part => (typeof part === 'string' ? Buffer.from(part) : Buffer.from(part))))

const read = (pieces: readonly Buffer[]): string[] => {
  const payloads: string[] = []
  const reader = createSseReader(payload => payloads.push(payload))
  for (const piece of pieces) reader.feed(piece)
  reader.end()
  return payloads
}

/** K08 and more: what stands on the wire, and the payloads it must give however it is cut. */
const corpus: [string, Buffer, string[]][] = [
  ['CRLF and LF line ends', bytes('data: {"a":1}\r\n\r\ndata: {"b":2}\n\n'), ['{"a":1}', '{"b":2}']],
  ['a comment block gives nothing', bytes(': ping\n\ndata: x\n\n'), ['x']],
  ['id and event fields are left out', bytes('id: 7\nevent: delta\ndata: x\nretry: 10\n\n'), ['x']],
  ['a last event without a blank line', bytes('data: a\n\ndata: [DONE]'), ['a', '[DONE]']],
  ['two data lines are joined with a newline', bytes('data: a\ndata: b\n\n'), ['a\nb']],
  ['unicode line separators do not split', bytes('data: "\u2028\u2029\u0085"\n\n'), ['"\u2028\u2029\u0085"']],
  ['a byte-order mark is skipped', bytes([0xef, 0xbb, 0xbf], 'data: x\n\n'), ['x']],
  ['CR-only line ends', bytes('data: a\r\rdata: b\r\r'), ['a', 'b']],
  ['no space after the colon', bytes('data:x\n\n'), ['x']],
  ['multi-byte characters', bytes('data: {"a":"你好🙂"}\n\n'), ['{"a":"你好🙂"}']],
  ['an empty stream', bytes(''), []],
]

test.each(corpus)('%s, in one piece', (_, wire, payloads) => {
  expect(read([wire])).toEqual(payloads)
})

test.each(corpus)('%s, byte by byte', (_, wire, payloads) => {
  expect(read([...wire].map(byte => Buffer.of(byte)))).toEqual(payloads)
})

test('any cutting of a stream gives the same payloads', () => {
  const whole = Buffer.concat(corpus.filter(([name]) => !/blank line|mark/.test(name)).map(([, wire]) => wire))
  const expected = read([whole])
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: whole.length }), { maxLength: 40 }), cuts => {
      const ends = [...new Set([...cuts, whole.length])].sort((a, b) => a - b)
      const pieces = ends.map((end, i) => whole.subarray(ends[i - 1] ?? 0, end))
      expect(read(pieces)).toEqual(expected)
    }),
    { numRuns: 500 },
  )
})

test('an event over 16 MiB is an error, in one piece or in many', () => {
  const wire = Buffer.from(`data: ${'x'.repeat(maxEventChars + 1)}\n\n`)
  expect(() => read([wire])).toThrow(RangeError)
  const pieces = Array.from({ length: 17 }, () => Buffer.alloc(1024 * 1024, 'x'))
  expect(() => read([Buffer.from('data: '), ...pieces])).toThrow(RangeError)
})

test('an event that calls itself an error is told apart', () => {
  const told: (readonly [string, boolean])[] = []
  const reader = createSseReader((payload, isError) => told.push([payload, isError]))
  reader.feed(bytes('event: error\ndata: oom\n\nevent: delta\ndata: a\n\ndata: b\n\n'))
  expect(told).toEqual([
    ['oom', true],
    ['a', false],
    ['b', false],
  ])
})
