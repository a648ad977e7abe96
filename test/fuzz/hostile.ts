import fc from 'fast-check'
import type { JsonObject, JsonValue } from '../../src/model/json.ts'

/** What a terminal would obey, misplace or not show, and what ends a line. */
const dangerous = [
  ...[
    '\u001b[2J',
    '\u001b[31mred\u001b[0m',
    '\u001b]0;title\u0007',
    '\u001b]8;;http://evil\u001b\\',
    '\u001bc',
    '\u001b',
  ],
  ...['\u009b31m', '\u009d0;title\u009c', '\u0085', '\u0000', '\u0007', '\b\b\b', '\u007f', '\u000b', '\u000c'],
  ...['\n', '\r', '\r\n', '\t', '\u2028', '\u2029', '\nevilscope: done\n', '\n│ row │\n'],
  ...['\u202e', '\u2066', '\u2069', '\u200b', '\u200f', '\ufeff', '\u00ad', '\u061c', '\u{e0041}', '\ud83d', '\udc00'],
  ...['通义千问', '🚀', '👩‍👩‍👧', 'e\u0301', '%s', '$&', '__proto__', 'constructor', '\'"`', '\\', '│', '*'.repeat(90)],
]

/** A text that others wrote: from plain words to all that a terminal would obey. */
export const hostileText: fc.Arbitrary<string> = fc
  .array(
    fc.oneof(fc.constantFrom(...dangerous), fc.constantFrom('model', 'error', ' ', 'x'), fc.string({ unit: 'binary' })),
    {
      maxLength: 6,
    },
  )
  .map(parts => parts.join(''))

/** What may not stand in anything that is printed, line breaks of ours apart. */
export const unprintable = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u

/** Numbers that are no counts, or no numbers for JSON. */
export const oddNumber: fc.Arbitrary<string> = fc.constantFrom(
  ...['1e999', '-1e999', '-1', '-0', '0', '1', '7', '0.5', '1e308', '9007199254740993', '1e-320', '-5.5', '4294967296'],
)

/** Keys that reach prototypes when they are assigned, and ordinary ones. */
const oddKey = fc.oneof(
  fc.constantFrom(
    '__proto__',
    'constructor',
    'prototype',
    'toString',
    'hasOwnProperty',
    'then',
    'toJSON',
    '',
    'length',
  ),
  fc.string({ maxLength: 4 }),
)

const nested = (open: string, close: string) => (depth: number) => `${open.repeat(depth)}1${close.repeat(depth)}`

/** Text of a JSON value that nests as deeply as nobody's does. */
export const deepJson: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(300, 2000, 20_000).map(nested('[', ']')),
  fc.constantFrom(300, 2000, 20_000).map(nested('{"a":', '}')),
)

/** Text of any JSON value: odd numbers, odd keys, hostile texts. */
export const hostileJson: fc.Arbitrary<string> = fc.letrec<{ value: string }>(tie => ({
  value: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.constantFrom('null', 'true', 'false', '{}', '[]', '""', '{"polluted":true}', '{"__proto__":{"polluted":true}}'),
    oddNumber,
    hostileText.map(text => JSON.stringify(text)),
    fc.array(tie('value'), { maxLength: 4 }).map(items => `[${items.join(',')}]`),
    fc
      .array(fc.tuple(oddKey, tie('value')), { maxLength: 4 })
      .map(fields => `{${fields.map(([key, value]) => `${JSON.stringify(key)}:${value}`).join(',')}}`),
  ),
})).value

/** The same, and now and then a deep one. */
export const anyJson: fc.Arbitrary<string> = fc.oneof(
  { weight: 30, arbitrary: hostileJson },
  { weight: 1, arbitrary: deepJson },
)

/** A JSON value, read as one that came in bytes: `__proto__` is a key like any other. */
export const hostileValue: fc.Arbitrary<JsonValue> = hostileJson.map(text => JSON.parse(text) as JsonValue)

/** One change to a JSON value: where, by steps into it, and what is put there. */
export interface JsonChange {
  readonly steps: readonly number[]
  readonly kind: 'replace' | 'remove' | 'add'
  readonly key: string
  readonly json: string
}

/** Any such change. */
export const jsonChange: fc.Arbitrary<JsonChange> = fc.record({
  steps: fc.array(fc.nat({ max: 12 }), { maxLength: 5 }),
  kind: fc.constantFrom('replace', 'remove', 'add'),
  key: oddKey,
  json: anyJson,
})

type Holder = Record<string, unknown> | unknown[]

const isHolder = (value: unknown): value is Holder => typeof value === 'object' && value !== null

/** The text of `value` after these changes. */
export const changedJson = (value: unknown, changes: readonly JsonChange[]): string => {
  let root = JSON.parse(JSON.stringify(value)) as unknown
  // Odd numbers and deep values are no values that `JSON.stringify` gives back: they are put in as text.
  const texts: string[] = []
  for (const { steps, kind, key, json } of changes) {
    const mark = `@@${texts.push(json) - 1}@@`
    const [holder, place] = placeIn(root, steps)
    if (holder === undefined) root = kind === 'remove' ? {} : mark
    else if (kind === 'replace') define(holder, place, mark)
    else if (kind === 'add') define(holder, Array.isArray(holder) ? String(holder.length) : key, mark)
    else if (Array.isArray(holder)) holder.splice(Number(place), 1)
    else delete holder[place]
  }
  return JSON.stringify(root).replace(/"@@(\d+)@@"/g, (_, at: string) => texts[Number(at)] as string)
}

const placeIn = (root: unknown, steps: readonly number[]): readonly [holder: Holder | undefined, place: string] => {
  let holder: Holder | undefined
  let place = ''
  let value = root
  for (const step of steps) {
    if (!isHolder(value)) break
    const keys = Object.keys(value)
    const key = keys[step % Math.max(1, keys.length)]
    if (key === undefined) break
    holder = value
    place = key
    value = (value as Record<string, unknown>)[key]
  }
  return [holder, place]
}

const define = (holder: Holder, key: string, value: unknown): void => {
  Object.defineProperty(holder, key, { value, enumerable: true, configurable: true, writable: true })
}

/** One change to bytes: `at` and `size` are shares of their length. */
export interface ByteChange {
  readonly kind: 'flip' | 'insert' | 'remove' | 'repeat' | 'cut'
  readonly at: number
  readonly size: number
  readonly bytes: Uint8Array
}

const oddBytes = [
  '\r',
  '\n',
  '\r\n\r\n',
  '\ufeff',
  '\0',
  '"',
  '{',
  '}',
  ',',
  ':',
  '\u001e',
  'data: ',
  'data:[DONE]\n\n',
  '\\u0000',
]

/** Any such change. */
export const byteChange: fc.Arbitrary<ByteChange> = fc.record({
  kind: fc.constantFrom('flip', 'insert', 'remove', 'repeat', 'cut'),
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  size: fc.double({ min: 0, max: 1, noNaN: true }),
  bytes: fc.oneof(
    fc.uint8Array({ minLength: 1, maxLength: 6 }),
    fc.constantFrom(...oddBytes).map(text => new Uint8Array(Buffer.from(text))),
  ),
})

/** `given` after these changes. */
export const changedBytes = (given: Uint8Array, changes: readonly ByteChange[]): Buffer => {
  let bytes = Buffer.from(given)
  for (const { kind, at, size, bytes: more } of changes) {
    const from = Math.min(bytes.length, Math.floor(at * (bytes.length + 1)))
    const to = Math.min(bytes.length, from + 1 + Math.floor(size * size * 64))
    const [before, part, after] = [bytes.subarray(0, from), bytes.subarray(from, to), bytes.subarray(to)]
    if (kind === 'insert') bytes = Buffer.concat([before, more, part, after])
    else if (kind === 'remove') bytes = Buffer.concat([before, after])
    else if (kind === 'repeat') bytes = Buffer.concat([before, part, part, after])
    else if (kind === 'cut') bytes = Buffer.from(before)
    else
      bytes = Buffer.concat([
        before,
        Buffer.from(part.map((byte, index) => byte ^ (more[index % more.length] ?? 1))),
        after,
      ])
  }
  return bytes
}

/** Cuts bytes at these shares of their length; some pieces may be empty. */
export const cutAt = (bytes: Buffer, shares: readonly number[]): readonly Buffer[] => {
  const places = shares.map(share => Math.floor(share * (bytes.length + 1))).sort((a, b) => a - b)
  const ends = [...places, bytes.length]
  return ends.map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end))
}

/** Where something is cut: anywhere, or everywhere. */
export const cuts: fc.Arbitrary<readonly number[]> = fc.oneof(
  fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 12 }),
  fc.constant(Array.from({ length: 400 }, (_, index) => index / 400)),
)

/** Whether a value is a JSON object of its own keys. */
export const asObject = (value: JsonValue): JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : { value }
