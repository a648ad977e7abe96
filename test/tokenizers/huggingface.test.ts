import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { loadTokenizer } from '../../src/tokenizers/index.ts'
import type { Tokenizer } from '../../src/tokenizers/tokenizer.ts'
import { bytesTokenizerPath, qwenTokenizerPath, wordsTokenizerPath } from './paths.ts'

/** What a fresh process prints that runs these lines with the built module of tokenizers; needs a build. */
const printedBy = (lines: string): string => {
  const built = new URL('../../dist/tokenizers/index.js', import.meta.url)
  const script = `import { createRequire } from 'node:module'
    import { loadTokenizer } from '${built.href}'
    const isLoaded = name => Object.keys(createRequire('/').cache).some(file => file.includes(name))
    ${lines}`
  return execFileSync(process.execPath, ['--input-type=module', '--eval', script], { encoding: 'utf8' })
}

test('the template engine is loaded when the first template is rendered, not before', () => {
  const printed = printedBy(`
    const tokenizer = await loadTokenizer(${JSON.stringify(wordsTokenizerPath)})
    tokenizer.encode('hello')
    tokenizer.ordinaryIds()
    console.log(isLoaded('@huggingface/jinja'))
    tokenizer.encodeChat([{ role: 'user', content: 'hello' }])
    console.log(isLoaded('@huggingface/jinja'))`)
  expect(printed).toBe('false\ntrue\n')
})

describe('a words tokenizer', () => {
  let tokenizer: Tokenizer
  beforeAll(async () => {
    tokenizer = await loadTokenizer(wordsTokenizerPath)
  })

  test.each<[string, string, boolean, number[]]>([
    ['bare text', 'the cat', false, [7, 9]],
    ['text with its marks', 'the cat', true, [1, 7, 9]],
    ['nothing', '', false, []],
    ['nothing with its marks', '', true, [1]],
    ['a word that it does not know', 'the zebra', false, [7, 0]],
  ])('encodes %s', (_what, text, addSpecialTokens, ids) => {
    expect(tokenizer.encode(text, addSpecialTokens)).toEqual(ids)
  })

  test('decodes without the special tokens and keeps every blank', () => {
    expect(tokenizer.decode([1, 7, 9, 2])).toBe('the cat')
    expect(tokenizer.decode([])).toBe('')
  })

  test('puts no marks of its own around a rendered template', () => {
    const messages = [
      { role: 'user', content: 'the cat' },
      { role: 'assistant', content: 'sees' },
    ]
    // <s> <|user|> the cat </s> <|assistant|> sees </s> <|assistant|>
    expect(tokenizer.encodeChat(messages)).toEqual([1, 3, 7, 9, 2, 4, 11, 2, 4])
  })

  test('counts neither marks nor byte-fallback tokens as ordinary', () => {
    expect(tokenizer.ordinaryIds()).toEqual(Array.from({ length: 34 }, (_, index) => index + 7))
  })

  test('finds the ordinary ids once', () => {
    expect(tokenizer.ordinaryIds()).toBe(tokenizer.ordinaryIds())
  })
})

describe('a byte-level tokenizer', () => {
  let tokenizer: Tokenizer
  beforeAll(async () => {
    tokenizer = await loadTokenizer(bytesTokenizerPath)
  })

  test('merges by rank', () => {
    expect(tokenizer.encode('hello world')).toHaveLength(2)
    expect(tokenizer.encode('hell')).toHaveLength(1)
    expect(tokenizer.encode('eh')).toHaveLength(2)
  })

  test('counts an added token that is no mark as ordinary', () => {
    expect(tokenizer.ordinaryIds()).toContain(1)
    expect(tokenizer.ordinaryIds()).not.toContain(0)
  })

  test('leaves out what its vocabulary has no token for', () => {
    expect(tokenizer.encode('a*b')).toEqual([...tokenizer.encode('a'), ...tokenizer.encode('b')])
  })

  test('gives back the text as it was, blanks before punctuation too', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z .,!?]*$/), text => {
        expect(tokenizer.decode(tokenizer.encode(text))).toBe(text)
      }),
    )
  })
})

describe('the Qwen3 tokenizer', () => {
  let tokenizer: Tokenizer
  beforeAll(async () => {
    tokenizer = await loadTokenizer(qwenTokenizerPath)
  })

  test.each<[string, number[]]>([
    ['Hello world', [9707, 1879]],
    ['你好', [108386]],
    ['<|im_end|>', [151645]],
  ])('gives %s the ids that the model was trained with', (text, ids) => {
    expect(tokenizer.encode(text)).toEqual(ids)
  })

  test('puts a message into the chat format with the generation prompt', () => {
    // <|im_start|>user\nhi<|im_end|>\n<|im_start|>assistant\n
    const ids = [151644, 872, 198, 6023, 151645, 198, 151644, 77091, 198]
    expect(tokenizer.encodeChat([{ role: 'user', content: 'hi' }])).toEqual(ids)
  })

  test('has every id below its marks as ordinary, in ascending order', () => {
    const ids = tokenizer.ordinaryIds()
    expect(ids.slice(0, 151_643)).toEqual(Array.from({ length: 151_643 }, (_, id) => id))
    for (const mark of [151_643, 151_644, 151_645]) expect(ids).not.toContain(mark)
  })

  test('encodes a single word of 30 000 characters', () => {
    expect(tokenizer.encode('熵'.repeat(30_000))).toHaveLength(30_000)
  })
})
