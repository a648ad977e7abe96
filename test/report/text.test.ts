import { describe, expect, test } from 'vitest'
import { plainText, wrapText } from '../../src/report/text.ts'

describe('foreign text', () => {
  test.each([
    ['colours', '\u001b[31mred\u001b[0m', 'red'],
    ['a window title', '\u001b]0;owned\u0007text', 'text'],
    ['a cursor jump in C1', '\u009b2Jtext', 'text'],
    ['a link', '\u001b]8;;http://evil\u001b\\click\u001b]8;;\u001b\\', 'click'],
    ['a bell and a backspace', 'a\u0007b\u0008c', 'abc'],
    ['line breaks and tabs', ' one\r\n\ttwo\u2028three ', 'one two three'],
    ['a right-to-left override', 'abc\u202egnp.exe', 'abcgnp.exe'],
    ['a zero-width space and a byte-order mark', '\ufeffa\u200bb', 'ab'],
    ['half a surrogate pair', 'a\ud83d', 'a\ufffd'],
    ['Chinese and emoji', '通义千问 🚀', '通义千问 🚀'],
  ])('%s', (_, text, shown) => {
    expect(plainText(text)).toBe(shown)
  })

  test('a lone escape character never survives', () => {
    expect(plainText('\u001b')).toBe('')
    expect(plainText('a\u001b\u001b[31')).not.toContain('\u001b')
  })
})

test.each([
  ['abcdef', 3, 'abc\ndef'],
  ['abcd', 3, 'abc\nd'],
  ['模型模型', 5, '模型\n模型'],
  ['', 3, ''],
])('%j wraps at %i cells to %j', (text, width, lines) => {
  expect(wrapText(text, width)).toBe(lines)
})
