import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Line, splitLines } from '../../src/datasets/support/lines.ts'
import { ArgumentsError } from '../../src/errors.ts'

const read = async (chunks: Iterable<Buffer>): Promise<Line[]> => {
  const lines: Line[] = []
  for await (const line of splitLines(chunks, 'file.jsonl')) lines.push(line)
  return lines
}

const textsOf = async (text: string): Promise<string[]> => (await read([Buffer.from(text)])).map(line => line.text)

/** The bytes cut at the given places. */
const cut = (bytes: Buffer, places: readonly number[]): Buffer[] => {
  const edges = [0, ...places.map(place => place % (bytes.length + 1)), bytes.length].sort((a, b) => a - b)
  return edges.slice(1).map((end, index) => bytes.subarray(edges[index], end))
}

test.each<[string, string, string[]]>([
  ['two lines', 'a\nb\n', ['a', 'b']],
  ['a last line without an end', 'a\nb', ['a', 'b']],
  ['Windows line ends', 'a\r\nb\r\n', ['a', 'b']],
  ['blank lines', '\n\na\n\n', ['', '', 'a', '']],
  ['a byte-order mark', '\uFEFFa\n\uFEFFb\n', ['a', '\uFEFFb']],
  ['line separators of Unicode', 'a\u2028b\u2029c\u0085d\u000Be\rf\n', ['a\u2028b\u2029c\u0085d\u000Be\rf']],
  ['no bytes', '', []],
  ['one line end', '\n', ['']],
])('%s', async (_what, text, lines) => {
  expect(await textsOf(text)).toEqual(lines)
})

test('how the bytes are cut into reads changes nothing', async () => {
  const text = fc.string({
    unit: fc.constantFrom('a', ' ', '"', '\r', '\n', '\r\n', '你', '😀', 'é', '\u2028', '\u0085'),
  })
  await fc.assert(
    fc.asyncProperty(text, fc.array(fc.nat(200)), async (content, places) => {
      const expected = content.split('\n')
      if (expected.at(-1) === '') expected.pop()
      const lines = await read(cut(Buffer.from(content), places))
      expect(lines).toEqual(expected.map((line, index) => ({ number: index + 1, text: line.replace(/\r$/, '') })))
    }),
    { numRuns: 500 },
  )
})

test('one byte at a time reads the same', async () => {
  const bytes = Buffer.from('\uFEFF{"question":"你好 😀"}\r\nzweite Zeile é')
  const oneByOne = Array.from(bytes, (_, index) => bytes.subarray(index, index + 1))
  expect(await read(oneByOne)).toEqual([
    { number: 1, text: '{"question":"你好 😀"}' },
    { number: 2, text: 'zweite Zeile é' },
  ])
})

test('no more is read than is taken', async () => {
  let reads = 0
  function* endless(): Generator<Buffer> {
    for (;;) {
      reads++
      yield Buffer.from('a line\n')
    }
  }
  for await (const { number } of splitLines(endless(), 'endless.txt')) if (number === 10) break
  expect(reads).toBe(10)
})

test('a line of many megabytes is read whole', async () => {
  const piece = Buffer.alloc(2 ** 18, 'x')
  const [line, next] = await read([...Array.from({ length: 80 }, () => piece), Buffer.from('\nnext')])
  expect(line?.text).toHaveLength(80 * 2 ** 18)
  expect(next).toEqual({ number: 2, text: 'next' })
})

test('a line over 64 MiB is an error that names the line, not a full memory', async () => {
  function* endless(): Generator<Buffer> {
    yield Buffer.from('{}\n')
    const piece = Buffer.alloc(2 ** 20, 'x')
    for (;;) yield piece
  }
  await expect(read(endless())).rejects.toThrow(
    new ArgumentsError('file.jsonl:2: the line is longer than 64 MiB; is this JSON Lines?'),
  )
})

test('bytes that are not UTF-8 are an error that names the line', async () => {
  const bytes = Buffer.concat([Buffer.from('good\n'), Buffer.from([0xc4, 0xe3, 0xba, 0xc3]), Buffer.from('\n')])
  await expect(read([bytes])).rejects.toThrow(/^file\.jsonl:2: the line is not UTF-8; convert the file to UTF-8$/)
})
