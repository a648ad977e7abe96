import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { xmlDocument, xmlText } from '../../../src/report/ci/xml.ts'
import { parseXml } from '../../support/xml.ts'

const anyText = fc.string({ unit: 'binary', maxLength: 40 })

describe('any text', () => {
  test('is read as it was, in attributes and between tags', () => {
    fc.assert(
      fc.property(anyText, anyText, (value, content) => {
        const parsed = parseXml(xmlDocument({ name: 'a', attributes: { value }, content }))
        expect(parsed.attributes.value).toBe(writable(value))
        expect(parsed.text).toBe(writable(content))
      }),
      { numRuns: 500 },
    )
  })

  test.each([
    ['\u0000\u001b[31m', '��[31m'],
    ['\ud800 alone', '� alone'],
    ['\ufffe\uffff', '��'],
    ['😀 and \u0085', '😀 and \u0085'],
    ['a\r\nb', 'a&#13;\nb'],
    [']]>', ']]&gt;'],
    [`<&">'`, `&lt;&amp;&quot;&gt;'`],
  ])('%j is written as %j', (text, written) => {
    expect(xmlText(text)).toBe(written)
  })
})

test('a document is indented, and leaves out attributes without a value', () => {
  const leaf = { name: 'leaf', attributes: { a: 1, b: undefined }, content: '' }
  const root = { name: 'root', attributes: { c: 'x\ty\nz' }, content: [leaf, { ...leaf, content: 'two\nlines' }] }
  expect(xmlDocument(root)).toBe(
    '<?xml version="1.0" encoding="UTF-8"?>\n<root c="x&#9;y&#10;z">\n  <leaf a="1"/>\n  <leaf a="1">two\nlines</leaf>\n</root>\n',
  )
})

/** What XML has a way to write. */
const writable = (text: string): string =>
  Array.from(text, character => {
    const code = character.codePointAt(0) as number
    const isControl = code < 0x20 && !'\t\n\r'.includes(character)
    return isControl || (code >= 0xd800 && code < 0xe000) || code === 0xfffe || code === 0xffff ? '\ufffd' : character
  }).join('')
