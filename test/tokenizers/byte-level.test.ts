import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Tokenizer as LibraryTokenizer } from '@huggingface/tokenizers'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createByteDecoder } from '../../src/tokenizers/byte-level.ts'
import { loadTokenizer } from '../../src/tokenizers/index.ts'
import { bytesTokenizerPath, qwenTokenizerPath } from './paths.ts'

/** What the library alone makes of ids. */
const libraryDecode = (directory: string): ((ids: readonly number[]) => string) => {
  const read = (name: string) => JSON.parse(readFileSync(join(directory, name), 'utf8'))
  const core = new LibraryTokenizer(read('tokenizer.json'), read('tokenizer_config.json')) as unknown as {
    decode(ids: readonly number[], options: object): string
  }
  return ids => core.decode(ids, { skip_special_tokens: true, clean_up_tokenization_spaces: false })
}

test.each([
  // The last ids of either are its marks and what else was added: <think>, <tool>.
  ['Qwen3', qwenTokenizerPath, 151_668, 30],
  ['a small one', bytesTokenizerPath, 60, 3],
])('ids of %s become the text that the library makes of them', async (_what, directory, highest, added) => {
  const tokenizer = await loadTokenizer(directory)
  const decode = libraryDecode(directory)
  const id = fc.oneof(
    { weight: 3, arbitrary: fc.nat(highest) },
    // Single bytes: pieces of characters, whole ones and none.
    { weight: 3, arbitrary: fc.nat(255) },
    { weight: 1, arbitrary: fc.integer({ min: highest - added, max: highest }) },
  )
  fc.assert(
    fc.property(
      fc.array(
        id.map(value => Math.min(value, highest)),
        { minLength: 1, maxLength: 60 },
      ),
      ids => {
        expect(tokenizer.decode(ids)).toBe(decode(ids))
      },
    ),
    { numRuns: 500 },
  )
})

test('an id that stands for nothing is left to the library', () => {
  const decode = createByteDecoder(['a', undefined, 'Ġb'], { texts: new Map([[3, '<x y>']]), special: new Set([4]) })
  expect(decode([0, 2, 4, 3, 2])).toBe('a b<x y> b')
  expect(decode([0, 1])).toBeUndefined()
  expect(decode([0, 7])).toBeUndefined()
  expect(decode([])).toBe('')
})
