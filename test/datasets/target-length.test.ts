import { beforeAll, describe, expect, test } from 'vitest'
import { lineByLine } from '../../src/datasets/line-by-line.ts'
import { openqa } from '../../src/datasets/openqa.ts'
import { lengthOptions } from '../../src/datasets/support/length-options.ts'
import { createTargetLength, type TextMessage } from '../../src/datasets/support/target-length.ts'
import type { Prompt } from '../../src/model/conversation.ts'
import type { JsonObject } from '../../src/model/json.ts'
import type { DatasetSettings } from '../../src/model/run-plan.ts'
import { loadTokenizer } from '../../src/tokenizers/index.ts'
import type { Tokenizer } from '../../src/tokenizers/tokenizer.ts'
import { qwenTokenizerPath, wordsTokenizerPath } from '../tokenizers/paths.ts'
import { createContext, take } from './context.ts'
import { createLengthCases, letters } from './length-cases.ts'

const words = await loadTokenizer(wordsTokenizerPath)
const qwen = await loadTokenizer(qwenTokenizerPath)
const { fileOf, readFrom } = createLengthCases()

let prefix: string
beforeAll(async () => {
  prefix = await fileOf('\n  the river sees the cat and the dog \n', 'prefix.txt')
})

/** Roles and contents of a prompt, or its bare text. */
const shown = (prompt: Prompt): unknown => {
  if (prompt.kind === 'messages') return prompt.messages.map(({ role, content }) => `${role}: ${content}`)
  return prompt.kind === 'text' ? prompt.text : prompt
}

describe('without a prefix', () => {
  test.each<[string, JsonObject, string[]]>([
    ['longer texts are cut, shorter ones kept', { target_input_len: 5 }, ['abcde', 'abc', 'vwxyz']],
    ['the same when cap is said', { target_input_len: 5, input_len_mode: 'cap' }, ['abcde', 'abc', 'vwxyz']],
    ['drop skips the shorter ones', { target_input_len: 5, input_len_mode: 'drop' }, ['abcde', 'vwxyz']],
    ['a target of one', { target_input_len: 1 }, ['a', 'a', 'v']],
    ['a target beyond all of them', { target_input_len: 1e6 }, ['abcdefghij', 'abc', 'vwxyz']],
  ])('%s', async (_what, args, texts) => {
    const text = 'abcdefghij\nabc\nvwxyz\n'
    const plain = await readFrom(text, args, { settings: { chat: false } })
    expect(plain.map(shown)).toEqual(texts)
    expect((await readFrom(text, args)).map(shown)).toEqual(texts.map(one => [`user: ${one}`]))
  })

  test('the limits on prompts are not applied', async () => {
    const settings = { chat: false, minPromptLength: 4, maxPromptLength: 4 }
    expect((await readFrom('abcdefghij\nabc\n', { target_input_len: 5 }, { settings })).map(shown)).toEqual([
      'abcde',
      'abc',
    ])
  })

  test('a text is not cut within a blank or a character', async () => {
    const prompts = await readFrom('the  river sees\n', { target_input_len: 1 }, { tokenizer: words })
    expect(prompts.map(shown)).toEqual([['user: the']])
    expect((await readFrom('ab😀cd', { target_input_len: 3 })).map(shown)).toEqual([['user: ab😀']])
  })

  test.each(['\n\n\t cat', '\u{1FAE0}\u{1FAE0}'])(
    'no text is cut to nothing, not even to one token: %j',
    async text => {
      const [prompt] = await readFrom(
        JSON.stringify(text),
        { target_input_len: 1 },
        { tokenizer: qwen, settings: { chat: false } },
      )
      expect(prompt?.kind === 'text' && prompt.text.trim()).not.toBe('')
      expect(qwen.encode(String(shown(prompt as Prompt)))).toHaveLength(1)
    },
  )

  test('openqa takes the same keys', async () => {
    const read = await readFrom('{"question":" abcdef "}\n', { target_input_len: 4 }, { dataset: openqa })
    expect(read.map(shown)).toEqual([['user: abcd']])
  })

  test('a last line of text in quotes is cut too', async () => {
    expect((await readFrom('"abcdef"', { target_input_len: 4 })).map(shown)).toEqual([['user: abcd']])
  })
})

describe('with a prefix', () => {
  const target = 10

  test.each<[string, JsonObject, boolean, string, unknown]>([
    ['goes into a message of the system', {}, true, 'PREFIXTEXTLONG', ['system: PREFIXT', 'user: abc']],
    ['the same when it is said', { prefix_role: 'system' }, true, 'PREFIXTEXTLONG', ['system: PREFIXT', 'user: abc']],
    ['stands in front of the text of the user', { prefix_role: 'user' }, true, 'PREFIXTEXTLONG', ['user: PREFIXTabc']],
    ['stands in front of a plain prompt', {}, false, 'PREFIXTEXTLONG', 'PREFIXTabc'],
    ['of the system as well', { prefix_role: 'system' }, false, 'PREFIXTEXTLONG', 'PREFIXTabc'],
    ['is repeated where it is too short', {}, true, 'PQR', ['system: PQRPQRP', 'user: abc']],
    ['repeats blanks at its end, not in front', { prefix_role: 'user' }, true, '  PQ\n', ['user: PQ\nPQ\nPabc']],
    ['ends in no blank as a message', {}, true, 'PREFIX TEXT', ['system: PREFIX T', 'user: ab']],
  ])('a piece %s', async (what, args, chat, text, expected) => {
    const file = await fileOf(text)
    const line = what.startsWith('ends') ? 'ab\n' : 'abc\n'
    const read = await readFrom(line, { target_input_len: target, prefix_file: file, ...args }, { settings: { chat } })
    expect(read.map(shown)).toEqual([expected])
  })

  test.each(['system', 'user'])('a text as long as the target, or cut to it, has none: %s', async role => {
    const args = { target_input_len: 5, prefix_file: prefix, prefix_role: role }
    expect((await readFrom('abcde\nabcdefgh\n', args)).map(shown)).toEqual([['user: abcde'], ['user: abcde']])
  })

  test.each(['=', 'ab\n', 'the cat ', '\u3002'])(
    'a prefix file of %j is repeated often enough, though its repetitions merge',
    async text => {
      const args = { target_input_len: 900, prefix_file: await fileOf(text), prefix_role: 'user' }
      const [prompt] = await readFrom('hello', args, { tokenizer: qwen, settings: { chat: false } })
      expect(Math.abs(qwen.encode(String(shown(prompt as Prompt))).length - 900)).toBeLessThanOrEqual(1)
    },
  )

  test('a tokenizer that makes one token of any run is no endless search', async () => {
    const runs: Tokenizer = {
      ...letters,
      encode: text => text.match(/(.)\1*/gs)?.map(run => run.codePointAt(0) ?? 0) ?? [],
    }
    const args = { target_input_len: 50, prefix_file: await fileOf('x'), prefix_role: 'user' }
    const [prompt] = await readFrom('a b c', args, { tokenizer: runs, settings: { chat: false } })
    expect(shown(prompt as Prompt)).toMatch(/^x+ \w+.*a b c$/s)
  })

  test('no more of a long file is read than is needed', async () => {
    const file = await fileOf(Buffer.concat([Buffer.from('你'.repeat(10_000)), Buffer.from([0xff])]))
    expect((await readFrom('ab', { target_input_len: 4, prefix_file: file })).map(shown)).toEqual([
      ['system: 你你', 'user: ab'],
    ])
  })

  test('every pass gives the same prompts', async () => {
    const args = { target_input_len: 40, prefix_file: prefix }
    const context = createContext({ path: await fileOf('How old is the river?\n你好\n'), args }, { tokenizer: qwen })
    const first = await take(lineByLine.open(context))
    expect(await take(lineByLine.open(context))).toEqual(first)
    expect(await take(lineByLine.open({ ...context, seed: 99 }))).toEqual(first)
  })
})

describe('conversations with a history', () => {
  const history: readonly TextMessage[] = [
    { role: 'user', content: 'hi' },
    { role: 'assistant', content: 'yo' },
    { role: 'user', content: 'abc' },
  ]
  const fitHistory = async (args: JsonObject, messages = history): Promise<readonly string[] | undefined> => {
    const context = createContext({ args }, { tokenizer: letters })
    const fitted = (await createTargetLength(context))?.fitMessages(messages)
    return fitted?.map(({ role, content }) => `${role}: ${content}`)
  }

  test('the target is that of the last message', async () => {
    expect(await fitHistory({ target_input_len: 2 })).toEqual(['user: hi', 'assistant: yo', 'user: ab'])
    expect(await fitHistory({ target_input_len: 9 })).toEqual(['user: hi', 'assistant: yo', 'user: abc'])
    expect(await fitHistory({ target_input_len: 9, input_len_mode: 'drop' })).toBeUndefined()
  })

  test('with a prefix it is that of all, and a longer conversation is skipped', async () => {
    const file = await fileOf('PREFIXTEXTLONG')
    const args = { target_input_len: 10, prefix_file: file }
    expect(await fitHistory(args)).toEqual(['system: PRE', 'user: hi', 'assistant: yo', 'user: abc'])
    expect(await fitHistory({ ...args, prefix_role: 'user' })).toEqual(['user: PREhi', 'assistant: yo', 'user: abc'])
    expect(await fitHistory({ ...args, target_input_len: 7 })).toEqual(['user: hi', 'assistant: yo', 'user: abc'])
    expect(await fitHistory({ ...args, target_input_len: 6 })).toBeUndefined()
  })
})

describe('what is said', () => {
  test.each<[string, Partial<DatasetSettings>, JsonObject, Tokenizer, string[]]>([
    ['a template', {}, {}, qwen, ['the chat template puts 8 tokens around them']],
    // <s> the text; <|user|> … </s> <|assistant|>
    ['marks of the tokenizer', { chat: false }, {}, words, ['the tokenizer puts 1 token around them']],
    ['neither', { chat: false }, {}, qwen, []],
    ['ids that are sent', { chat: false, tokenizePrompt: true }, {}, words, []],
  ])('%s', async (_what, settings, args, tokenizer, ends) => {
    const said: string[] = []
    await readFrom('the cat', { target_input_len: 5, ...args }, { settings, tokenizer, said })
    expect(said).toEqual(ends.map(end => `openqa: target_input_len 5 counts texts alone; ${end}`))
  })

  test('a prompt that misses the target, when its characters allow nothing nearer', async () => {
    // Each character is four tokens, and no word that could be added is one.
    const quads: Tokenizer = {
      ...letters,
      encode: text => Array.from(text).flatMap(letter => [...`${letter}...`].map(() => 97)),
      decode: ids => '!'.repeat(Math.ceil(ids.length / 4)),
    }
    const said: string[] = []
    await readFrom('abcdefgh\nabcdefgh', { target_input_len: 6 }, { tokenizer: quads, said, settings: { chat: false } })
    expect(said).toEqual(['openqa: a prompt has 4 tokens, not the 6 of target_input_len; no cut gives them'])
  })
})

test('the four keys are what a dataset has to name', () => {
  expect(Object.keys(lengthOptions)).toEqual(['target_input_len', 'input_len_mode', 'prefix_file', 'prefix_role'])
  expect(openqa.options).toBe(lengthOptions)
  expect(lineByLine.options).toMatchObject(lengthOptions)
})
