import fc from 'fast-check'
import { expect, test } from 'vitest'
import { scanValue } from '../../src/datasets/support/json-scan.ts'

/** Whether the scan takes all of a text for one JSON value. */
const scans = (text: string): boolean => {
  const bytes = Buffer.from(text)
  return scanValue(bytes, 0, bytes.length) === bytes.length
}

const parses = (text: string): boolean => {
  try {
    JSON.parse(text)
    // The scan begins and ends with the value itself.
    return text.trim() === text
  } catch {
    return false
  }
}

test('any JSON value is scanned to its end', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.constantFrom(undefined, 1, '\t'), (value, indent) => {
      const bytes = Buffer.from(`${JSON.stringify(value, null, indent)},"more"]`)
      expect(scanValue(bytes, 0, bytes.length)).toBe(bytes.length - 8)
    }),
  )
})

test('a text that was tampered with is JSON to the scan exactly where it is to JSON.parse', () => {
  const pieces = [
    '',
    '"',
    '\\',
    '\\u00',
    '\\u00e9',
    '{',
    '}',
    '[',
    ']',
    ',',
    ':',
    '0',
    '-',
    '.',
    'e+',
    ' ',
    '\n',
    'tru',
    'null',
    'é',
  ]
  const change = fc.record({ at: fc.nat(), drop: fc.integer({ min: 0, max: 3 }), add: fc.constantFrom(...pieces) })
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 3 }), fc.array(change, { minLength: 1, maxLength: 3 }), (value, changes) => {
      let text = JSON.stringify(value)
      for (const { at, drop, add } of changes) {
        const from = at % (text.length + 1)
        text = text.slice(0, from) + add + text.slice(from + drop)
      }
      // Half a character would become another one on its way to bytes.
      fc.pre(Buffer.from(text).toString() === text)
      expect(scans(text)).toBe(parses(text))
    }),
    { numRuns: 2000 },
  )
})

test.each([
  '01',
  '-',
  '1.',
  '.5',
  '1e',
  '+1',
  'tru',
  'nul',
  '"\\x"',
  '"\\u12g4"',
  '"\t"',
  '{"a"}',
  '{"a":1,}',
  '[1,]',
  '[',
  '',
])('%s is no JSON', text => expect(scans(text)).toBe(false))

test('what is nested deeper than frames of a stack may be is left to others', () => {
  expect(scans('['.repeat(150) + ']'.repeat(150))).toBe(true)
  expect(scans('['.repeat(100_000) + ']'.repeat(100_000))).toBe(false)
})
