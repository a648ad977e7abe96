import { describe, expect, test } from 'vitest'
import { random } from '../../src/datasets/random.ts'
import type { Tokenizer } from '../../src/tokenizers/tokenizer.ts'
import { makeByteFallback, makeUnigram, makeWordPiece } from '../tokenizers/made-tokenizers.ts'
import { createContext, promptsOf, take, textOf } from './context.ts'

const kinds: readonly [string, () => Promise<Tokenizer>, marks: number, ofPair: number][] = [
  ['BPE with bytes for the rest', makeByteFallback, 1, 0],
  ['WordPiece', makeWordPiece, 2, 3],
  ['Unigram', makeUnigram, 1, 0],
]

describe.each(kinds)('%s', (_kind, make, marks, ofPair) => {
  test('is what it says: a text comes back, with its marks around it', async () => {
    const tokenizer = await make()
    const ids = tokenizer.encode('baba dede zuzu')
    expect(tokenizer.decode(ids)).toBe('baba dede zuzu')
    expect(ids.length).toBeLessThan(9)
    expect(tokenizer.encode('baba dede zuzu', true)).toHaveLength(ids.length + marks)
    if (ofPair > 0) expect(tokenizer.encode('baba', true, 'baba')).toHaveLength(2 + ofPair)
  })

  test.each([
    [16, 150],
    [250, 50],
    [2000, 4],
  ])('prompts of %i tokens have so many', async (length, count) => {
    const tokenizer = await make()
    const settings = { spec: 'random', minPromptLength: length, maxPromptLength: length, chat: false }
    const said: string[] = []
    const prompts = promptsOf(await take(random.open(createContext(settings, { tokenizer, said })), count))
    const exact = prompts.filter(prompt => tokenizer.encode(String(textOf(prompt)), true).length === length)
    expect(exact.length).toBeGreaterThanOrEqual(Math.floor(0.99 * count))
  })
})
