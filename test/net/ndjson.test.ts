import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createNdjsonReader } from '../../src/net/ndjson.ts'
import { maxEventChars } from '../../src/net/sse.ts'

const bytes = (...parts: (string | number[])[]): Buffer =>
  Buffer.concat(parts.map(part => (typeof part === 'string' ? Buffer.from(part) : Buffer.from(part))))

const read = (pieces: readonly Buffer[]): string[] => {
  const payloads: string[] = []
  const reader = createNdjsonReader(payload => payloads.push(payload))
  for (const piece of pieces) reader.feed(piece)
  reader.end()
  return payloads
}

/** What stands on the wire, and the payloads it must give however it is cut. */
const corpus: [string, Buffer, string[]][] = [
  ['one value a line', bytes('{"a":1}\n{"b":2}\n'), ['{"a":1}', '{"b":2}']],
  ['CRLF line ends', bytes('{"a":1}\r\n{"b":2}\r\n'), ['{"a":1}', '{"b":2}']],
  ['blank lines are skipped', bytes('\n\r\n{"a":1}\n \t\n\n{"b":2}\n\n'), ['{"a":1}', '{"b":2}']],
  ['a last line without its end', bytes('{"a":1}\n{"done":true}'), ['{"a":1}', '{"done":true}']],
  ['line ends of Unicode within strings', bytes('{"a":"\u2028\u2029\u0085"}\n'), ['{"a":"\u2028\u2029\u0085"}']],
  ['a byte-order mark is skipped', bytes([0xef, 0xbb, 0xbf], '{"a":1}\n'), ['{"a":1}']],
  ['multi-byte characters', bytes('{"a":"你好🙂"}\n'), ['{"a":"你好🙂"}']],
  ['record separators of a JSON text sequence', bytes('\u001e{"a":1}\n\u001e{"b":2}\n'), ['{"a":1}', '{"b":2}']],
  ['an escaped line end is none', bytes('{"a":"\\n"}\n'), ['{"a":"\\n"}']],
  ['an empty stream', bytes(''), []],
]

test.each(corpus)('%s, in one piece', (_, wire, payloads) => {
  expect(read([wire])).toEqual(payloads)
})

test.each(corpus)('%s, byte by byte', (_, wire, payloads) => {
  expect(read([...wire].map(byte => Buffer.of(byte)))).toEqual(payloads)
})

test('any values, in any pieces, come out as they went in', () => {
  fc.assert(
    fc.property(fc.array(fc.jsonValue()), fc.array(fc.double({ min: 0, max: 1, noNaN: true })), (values, cuts) => {
      const wire = Buffer.from(values.map(value => `${JSON.stringify(value)}\n`).join(''))
      const ends = [...cuts.map(cut => Math.floor(cut * wire.length)), wire.length].sort((a, b) => a - b)
      const pieces = ends.map((end, at) => wire.subarray(ends[at - 1] ?? 0, end))
      expect(read(pieces).map(payload => JSON.parse(payload))).toEqual(JSON.parse(JSON.stringify(values)))
    }),
  )
})

test('any cutting of a stream gives the same payloads', () => {
  const whole = Buffer.concat(corpus.filter(([name]) => !/without|mark/.test(name)).map(([, wire]) => wire))
  const expected = read([whole])
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: whole.length }), { maxLength: 40 }), cuts => {
      const ends = [...new Set([...cuts, whole.length])].sort((a, b) => a - b)
      expect(read(ends.map((end, at) => whole.subarray(ends[at - 1] ?? 0, end)))).toEqual(expected)
    }),
    { numRuns: 500 },
  )
})

test('payloads are delivered with the piece that ends them, not later', () => {
  const payloads: string[] = []
  const reader = createNdjsonReader(payload => payloads.push(payload))
  reader.feed(Buffer.from('{"a":1}\n{"b"'))
  expect(payloads).toEqual(['{"a":1}'])
  reader.feed(Buffer.from(':2}\n'))
  expect(payloads).toEqual(['{"a":1}', '{"b":2}'])
})

test('a line over 16 MiB is an error, in one piece or in many, ended or not', () => {
  const long = Buffer.alloc(maxEventChars + 1, 'x')
  expect(() => read([Buffer.concat([long, Buffer.from('\n')])])).toThrow(RangeError)
  expect(() => read([long])).toThrow(RangeError)
  const pieces = Array.from({ length: 17 }, () => Buffer.alloc(1024 * 1024, 'x'))
  expect(() => read(pieces)).toThrow(RangeError)
})
