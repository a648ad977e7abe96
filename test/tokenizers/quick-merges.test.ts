import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Tokenizer as LibraryTokenizer } from '@huggingface/tokenizers'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { LeastFirst } from '../../src/tokenizers/least-first.ts'
import { type MergeModel, quickenMerges } from '../../src/tokenizers/quick-merges.ts'
import { bytesTokenizerPath, qwenTokenizerPath } from './paths.ts'

/** The model of a tokenizer, as the library leaves it. */
const libraryModel = (directory: string, change: (tokenizer: { model: object }) => object = ({ model }) => model) => {
  const read = (name: string) => JSON.parse(readFileSync(join(directory, name), 'utf8'))
  const tokenizer = read('tokenizer.json')
  const core = new LibraryTokenizer(
    { ...tokenizer, model: change(tokenizer) },
    read('tokenizer_config.json'),
  ) as unknown as { model: MergeModel }
  return core.model
}

/** How a model merges by itself, and when it is quick: past the words that are left to the library. */
const both = (model: MergeModel) => {
  const slow = model.bpe.bind(model)
  const quick = { ...model, bpe: slow }
  quickenMerges(quick)
  for (let word = 0; word < 1000; word++) quick.bpe(`a${word}`)
  return { slow, quick: quick.bpe }
}

const qwen = libraryModel(qwenTokenizerPath)

describe.each([
  ['nine merges', libraryModel(bytesTokenizerPath), 'ehlorw d'],
  ['the merges of Qwen3', qwen, 'aeinrstĠ.-=0ÂçĤ'],
])('%s, made quick', (_what, model, letters) => {
  const { slow, quick } = both(model)

  test('give the tokens that the library gives', () => {
    const word = fc.string({ unit: fc.constantFrom(...letters), maxLength: 120 })
    fc.assert(
      fc.property(word, text => {
        expect(quick(text)).toEqual(slow(text))
      }),
      { numRuns: 300 },
    )
  })

  test.each([
    ['nothing', ''],
    ['one letter', 'e'],
    ['equal pairs, merged from the left', 'l'.repeat(257)],
    ['letters that are no tokens', 'hello ☃ wörld 🙂'],
    ['a word of 300 after a short one', `o${'hello'.repeat(60)}`],
  ])('%s comes out the same, also when asked again', (_what, word) => {
    const tokens = slow(word)
    expect([quick(word), quick(word)]).toEqual([tokens, tokens])
  })
})

test('every token of Qwen3 comes out the same', () => {
  const { slow, quick } = both(qwen)
  const words = qwen.vocab.filter((_, id) => id % 7 === 0)
  expect(words.length).toBeGreaterThan(20_000)
  expect(words.map(word => quick(word))).toEqual(words.map(word => slow(word)))
})

test('the library is asked for the first thousand words, and no more', () => {
  let asked = 0
  const bpe = (word: string): string[] => [String(++asked), word]
  const model = { ...qwen, bpe }
  quickenMerges(model)
  for (let word = 0; word < 1500; word++) model.bpe(`hello${word}`)
  expect(asked).toBe(1000)
  expect(model.bpe('Ġhello')).toEqual(['Ġhello'])
})

test('a word of 300 000 letters is merged in a moment', () => {
  // Looking at all that is left after each merge would take minutes.
  const { quick } = both(qwen)
  expect(quick('çĨµ'.repeat(100_000))).toHaveLength(100_000)
})

test('a merge whose result is no token leaves all to the library', () => {
  const lacking = ({ model }: { model: object }): object => {
    const { vocab, ...rest } = model as { vocab: Record<string, number> }
    const { he: _, ...others } = vocab
    return { ...rest, vocab: others }
  }
  const [slow, quick] = [libraryModel(bytesTokenizerPath, lacking), libraryModel(bytesTokenizerPath, lacking)]
  quickenMerges(quick)
  for (let word = 0; word < 1100; word++) expect(quick.bpe(`hello${word}`)).toEqual(slow.bpe(`hello${word}`))
})

test('words that end with a mark are left to the library', () => {
  const model = libraryModel(bytesTokenizerPath, ({ model: own }) => ({ ...own, end_of_word_suffix: '</w>' }))
  const { bpe } = model
  quickenMerges(model)
  expect(model.bpe).toBe(bpe)
})

test('a queue gives numbers from the least on, whatever came when', () => {
  const step = fc.oneof(fc.double({ noNaN: true }), fc.constant(undefined))
  fc.assert(
    fc.property(fc.array(step, { maxLength: 300 }), steps => {
      const queue = new LeastFirst()
      const plain: number[] = []
      for (const number of steps) {
        if (number === undefined) expect(queue.pop()).toBe(plain.sort((a, b) => a - b).shift())
        else plain.push(number) && queue.push(number)
      }
    }),
  )
})
