import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { openqa } from '../../src/datasets/openqa.ts'
import { createTargetLength, type TextMessage } from '../../src/datasets/support/target-length.ts'
import type { JsonObject } from '../../src/model/json.ts'
import { loadTokenizer } from '../../src/tokenizers/index.ts'
import { qwenTokenizerPath } from '../tokenizers/paths.ts'
import { createContext, promptsOf, take, textOf } from './context.ts'

const qwen = await loadTokenizer(qwenTokenizerPath)
const root = mkdtempSync(join(tmpdir(), 'target-count-'))
afterAll(() => rmSync(root, { recursive: true }))

const file = join(root, 'prefix.txt')
writeFileSync(file, 'The river sees 你好世界。 👍🏽🇩🇪 Ångström 𠜎𠜱龘\r\n\tif (a[i] != 0x7f) { }   e\u0301tude…  ')

describe('with a real tokenizer, as a server counts', () => {
  const unit = fc.oneof(
    {
      weight: 6,
      arbitrary: fc.constantFrom(
        'the ',
        'internationalisation',
        ' ',
        '\n\n',
        '    ',
        'if (a[i] != 0x7f) {',
        '3.14159',
        '你好世界',
        '，',
        '。',
      ),
    },
    {
      weight: 3,
      arbitrary: fc.constantFrom(
        '😀',
        '👩‍👩‍👧‍👦',
        '🇩🇪',
        '👍🏽',
        '𠜎𠜱',
        '龘',
        'e\u0301',
        'ﬁ',
        'שלום',
        'ไทย',
        '<|im_end|>',
        '\uFFFD',
      ),
    },
    { weight: 1, arbitrary: fc.string({ unit: 'grapheme', maxLength: 8 }) },
  )
  const anyText = fc
    .array(unit, { minLength: 1, maxLength: 60 })
    .map(units => units.join('').trim())
    .filter(text => text !== '')
  const template = (roles: readonly string[]): number =>
    qwen.encodeChat(roles.map(role => ({ role, content: 'a' }))).length - roles.length
  const countChat = (messages: readonly TextMessage[]): number =>
    qwen.encodeChat(messages).length - template(messages.map(({ role }) => role))

  const createFitter = async (args: JsonObject) => {
    const fitter = await createTargetLength(createContext({ args }, { tokenizer: qwen }))
    if (fitter === undefined) throw new Error('no target')
    return fitter
  }

  test('a text is within one token of the target, or was shorter and is kept', async () => {
    await fc.assert(
      fc.asyncProperty(anyText, fc.integer({ min: 1, max: 120 }), async (text, target) => {
        const [message] = (await createFitter({ target_input_len: target })).fitText(text) ?? []
        const wholeTokens = qwen.encode(text).length
        if (wholeTokens <= target) expect(message?.content).toBe(text)
        else expect(Math.abs(countChat([message as TextMessage]) - target)).toBeLessThanOrEqual(1)
      }),
      { numRuns: 400, seed: 1 },
    )
  })

  test('a prefix of the system fills up to exactly the target', async () => {
    await fc.assert(
      fc.asyncProperty(anyText, fc.integer({ min: 1, max: 1500 }), async (text, extra) => {
        const target = qwen.encode(text).length + extra
        const fitter = await createFitter({ target_input_len: target, prefix_file: file })
        const messages = fitter.fitText(text) ?? []
        expect(messages.map(({ role }) => role)).toEqual(['system', 'user'])
        expect(messages[1]?.content).toBe(text)
        expect(messages.reduce((sum, { content }) => sum + qwen.encode(content).length, 0)).toBe(target)
        expect(Math.abs(countChat(messages) - target)).toBeLessThanOrEqual(1)
      }),
      { numRuns: 60, seed: 2 },
    )
  })

  test('a prefix of the user and the text together are within one token of the target', async () => {
    await fc.assert(
      fc.asyncProperty(anyText, fc.integer({ min: 1, max: 400 }), async (text, extra) => {
        const target = qwen.encode(text).length + extra
        const fitter = await createFitter({ target_input_len: target, prefix_file: file, prefix_role: 'user' })
        const [message, ...more] = fitter.fitText(text) ?? []
        expect(more).toEqual([])
        expect(message?.content.endsWith(text)).toBe(true)
        expect(Math.abs(countChat([message as TextMessage]) - target)).toBeLessThanOrEqual(1)
      }),
      { numRuns: 60, seed: 3 },
    )
  })

  test('the questions of the package, one after the other, are cut as asked', async () => {
    const texts = promptsOf(await take(openqa.open(createContext({ chat: false })))).map(prompt =>
      String(textOf(prompt)),
    )
    const fitter = await createFitter({ target_input_len: 128, input_len_mode: 'drop' })
    const misses = texts.flatMap((_, index) => {
      const fitted = fitter.fitText(texts.slice(index, index + 12).join(' '))
      return fitted === undefined ? [] : [Math.abs(countChat(fitted) - 128)]
    })
    expect(misses.length).toBeGreaterThan(150)
    expect(Math.max(...misses)).toBeLessThanOrEqual(1)
  })
})
