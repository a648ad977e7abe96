import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { FileItem } from '../../src/datasets/support/file-items.ts'
import { splitElements } from '../../src/datasets/support/json-elements.ts'
import { ArgumentsError } from '../../src/errors.ts'

const read = async (chunks: Iterable<Buffer>): Promise<FileItem[]> => {
  const elements: FileItem[] = []
  for await (const element of splitElements(chunks, 'a.json')) elements.push(element)
  return elements
}

const valuesOf = async (text: string) => (await read([Buffer.from(text)])).map(({ value }) => value)

const problemOf = async (text: string): Promise<string> => {
  const error = await read([Buffer.from(text)]).catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(ArgumentsError)
  expect((error as Error).message).not.toContain('\n')
  return (error as Error).message
}

/** The bytes cut at the given places. */
const cut = (bytes: Buffer, places: readonly number[]): Buffer[] => {
  const edges = [0, ...places.map(place => place % (bytes.length + 1)), bytes.length].sort((a, b) => a - b)
  return edges.slice(1).map((end, index) => bytes.subarray(edges[index], end))
}

test('any array comes back element by element, however it is laid out and cut into reads', async () => {
  const array = fc.array(fc.jsonValue({ stringUnit: fc.constantFrom('a', '"', '\\', ',', ']', '{', '\n', '你', '😀') }))
  const layout = fc.constantFrom(undefined, 1, '\t', '\r\n')
  await fc.assert(
    fc.asyncProperty(array, layout, fc.array(fc.nat(400)), async (values, indent, places) => {
      const bytes = Buffer.from(` \n${JSON.stringify(values, null, indent)}\n \n`)
      const elements = await read(cut(bytes, places))
      expect(elements.map(({ value }) => value)).toEqual(JSON.parse(bytes.toString()))
      expect(elements.map(({ number }) => number)).toEqual(values.map((_, index) => index + 1))
    }),
  )
})

test('an array with something missing or added is refused exactly where JSON.parse refuses it', async () => {
  const pieces = ['', '"', '\\', '{', '}', '[', ']', ',', ',,', ':', '1', ' ', '\n', 'null']
  const change = fc.record({ at: fc.nat(), drop: fc.integer({ min: 0, max: 2 }), add: fc.constantFrom(...pieces) })
  await fc.assert(
    fc.asyncProperty(fc.array(fc.jsonValue({ maxDepth: 2 })), change, async (values, { at, drop, add }) => {
      const text = JSON.stringify(values)
      const from = 1 + (at % text.length)
      const changed = text.slice(0, from) + add + text.slice(from + drop)
      fc.pre(Buffer.from(changed).toString() === changed)
      const parsed = (() => {
        try {
          return JSON.parse(changed) as unknown
        } catch {
          return 'refused'
        }
      })()
      expect(await valuesOf(changed).catch(() => 'refused')).toEqual(parsed)
    }),
    { numRuns: 500 },
  )
})

test('each element names its line, the one on which it begins', async () => {
  const text = '\uFEFF[\n  {"a": 1},\n\n  {\n    "b": 2\n  }, "c"\n, 4 ]'
  const places = (await read([...Buffer.from(text)].map(byte => Buffer.from([byte])))).map(({ place }) => place)
  expect(places).toEqual(['a.json:2: element 1', 'a.json:4: element 2', 'a.json:6: element 3', 'a.json:7: element 4'])
})

test.each([
  ['[]', []],
  [' [ \n ] ', []],
  ['[7]', [7]],
  ['[[],{},"]"]', [[], {}, ']']],
])('%j holds %j', async (text, values) => expect(await valuesOf(text)).toEqual(values))

test.each<[string, RegExp]>([
  ['["a",\n{"b": x}]', /^a\.json:2: element 2: not valid JSON \(.+\); correct or remove it$/],
  ['["a",\n{"b": "c\n"}]', /^a\.json:2: element 2: not valid JSON \(.+\)/],
  ['["a",\n{"b": 1]]', /^a\.json:2: element 2: not valid JSON/],
  ['["a",\n,"b"]', /^a\.json:2: element 2: nothing stands there; remove a comma$/],
  ['["a",\n"b",\n]', /^a\.json:3: element 3: nothing stands there; remove a comma$/],
  ['["a",\n{"b": 1', /^a\.json:2: element 2: the file ends before the array does; is it whole\?$/],
  ['["a"', /^a\.json:1: element 1: the file ends before the array does/],
  ['["a"]\n["b"]', /^a\.json:2: more follows where the JSON array has ended; if each line is JSON .*\.jsonl$/],
])('%j is refused in a line that says where', async (text, message) => expect(await problemOf(text)).toMatch(message))

test('what is not UTF-8 names its element', async () => {
  const bytes = Buffer.concat([Buffer.from('["a",\n"'), Buffer.from([0xc4, 0xe3]), Buffer.from('"]')])
  await expect(read([bytes])).rejects.toThrow(/^a\.json:2: element 2 is not UTF-8; convert the file to UTF-8$/)
})

test('no more is read than is taken', async () => {
  let reads = 0
  function* endless(): Generator<Buffer> {
    yield Buffer.from('[0')
    for (;;) {
      reads++
      yield Buffer.from(`,${reads}`)
    }
  }
  for await (const { number } of splitElements(endless(), 'a.json')) if (number === 10) break
  expect(reads).toBe(10)
})

test('an element over 64 MiB is an error that names it, not a full memory', async () => {
  function* endless(): Generator<Buffer> {
    yield Buffer.from('[1,\n"')
    const piece = Buffer.alloc(2 ** 20, 'x')
    for (;;) yield piece
  }
  await expect(read(endless())).rejects.toThrow(
    'a.json:2: element 2 is longer than 64 MiB; is a quote or a bracket missing?',
  )
})
