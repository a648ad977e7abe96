import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { StopFilter, TokenText } from '../../../src/server/local/output-text.ts'
import type { Tokenizer } from '../../../src/tokenizers/tokenizer.ts'
import { byteTokenizer, firstSpecialId } from './byte-tokenizer.ts'

const pieces = (tokenizer: Tokenizer, promptIds: readonly number[], ids: readonly number[]): readonly string[] => {
  const text = new TokenText(tokenizer, promptIds)
  return [...ids.map(id => text.push(id)), text.end()]
}

const anyText = fc.string({ unit: 'grapheme', maxLength: 40 }).filter(text => !text.includes('\ufffd'))

describe('tokens as text', () => {
  test('a character of several tokens comes with the last of them', () => {
    expect(pieces(byteTokenizer(), [], [...Buffer.from('a🦊b')])).toEqual(['a', '', '', '', '🦊', 'b', ''])
  })

  test('a special token has no text', () => {
    expect(pieces(byteTokenizer(), [], [104, firstSpecialId, 105])).toEqual(['h', '', 'i', ''])
  })

  test('pieces are whole characters, and together the text, whatever the prompt was', () => {
    fc.assert(
      fc.property(anyText, anyText, (prompt, output) => {
        const told = pieces(byteTokenizer(), [...Buffer.from(prompt)], [...Buffer.from(output)])
        expect(told.join('')).toBe(output)
        expect(told.filter(piece => piece.includes('\ufffd'))).toEqual([])
      }),
    )
  })

  test('a token that is the end of one character and the beginning of the next tells the first', () => {
    const parts = ['c3', 'a4e2', '82ac21'].map(hex => Buffer.from(hex, 'hex'))
    const tokenizer = { ...byteTokenizer(), decode: (ids: readonly number[]) => joined(ids.map(id => parts[id])) }
    expect(pieces(tokenizer, [], [0, 1, 2])).toEqual(['', 'ä', '€!', ''])
  })

  test('bytes that never make a character are shown in the end, and soon when more follow', () => {
    expect(pieces(byteTokenizer(), [], [97, 0xf0])).toEqual(['a', '', '\ufffd'])
    const told = pieces(
      byteTokenizer(),
      [],
      Array.from({ length: 20 }, () => 0xff),
    )
    expect(told.slice(0, 10).join('')).toMatch(/^\ufffd{8,10}$/)
    expect(told.join('')).toBe('\ufffd'.repeat(20))
  })

  test('the space of a word is there at the beginning of the output too', () => {
    // As SentencePiece does: the first token that it is given loses its space.
    const words = ['▁The', '▁cat', '▁sat']
    const decode = (ids: readonly number[]): string =>
      ids
        .map(id => words[id]?.replace('▁', ' '))
        .join('')
        .trimStart()
    expect(pieces({ ...byteTokenizer(), decode }, [0], [1, 2])).toEqual([' cat', ' sat', ''])
  })
})

const joined = (parts: readonly (Buffer | undefined)[]): string =>
  Buffer.concat(parts.filter(part => part !== undefined)).toString()

const filtered = (stops: readonly string[], texts: readonly string[]) => {
  const filter = new StopFilter(stops)
  const told: string[] = []
  for (const text of texts) {
    told.push(filter.push(text))
    if (filter.isStopped) break
  }
  told.push(filter.end())
  return { told, isStopped: filter.isStopped }
}

describe('stop strings', () => {
  test.each<[what: string, stops: string[], texts: string[], told: string[], isStopped: boolean]>([
    ['none', [], ['a', 'b'], ['a', 'b', ''], false],
    ['one in a piece', ['lo'], ['hel', 'lo there'], ['he', 'l', ''], true],
    ['one over three pieces', ['abc'], ['xa', 'b', 'cd'], ['x', '', '', ''], true],
    ['the beginning of one, and no more', ['abc'], ['xab', 'x'], ['x', 'abx', ''], false],
    ['the beginning of one at the end', ['abc'], ['xab'], ['x', 'ab'], false],
    ['the first of two', ['d', 'bc'], ['abcd'], ['a', ''], true],
    ['one that begins inside its own beginning', ['aab'], ['aa', 'ab'], ['', 'a', ''], true],
  ])('%s', (_, stops, texts, told, isStopped) => {
    expect(filtered(stops, texts)).toEqual({ told, isStopped })
  })

  test('however the text is cut, what is told ends before the first stop string', () => {
    const few = fc.constantFrom('a', 'b', 'c')
    const text = fc.string({ unit: few, maxLength: 4 })
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: few, minLength: 1, maxLength: 3 }), { maxLength: 3 }),
        fc.array(text, { maxLength: 12 }),
        (stops, texts) => {
          const all = texts.join('')
          const places = stops.map(stop => all.indexOf(stop)).filter(place => place >= 0)
          const { told, isStopped } = filtered(stops, texts)
          expect(isStopped).toBe(places.length > 0)
          // Of several, one that is complete earlier may begin later: what was told cannot be taken back.
          if (stops.length < 2) expect(told.join('')).toBe(isStopped ? all.slice(0, places[0]) : all)
          else expect(all.startsWith(told.join(''))).toBe(true)
        },
      ),
    )
  })
})
