import { tmpdir } from 'node:os'
import { describe, expect, test } from 'vitest'
import { lineByLine } from '../../src/datasets/line-by-line.ts'
import { ArgumentsError } from '../../src/errors.ts'
import type { JsonObject } from '../../src/model/json.ts'
import { createContext, take } from './context.ts'
import { createLengthCases } from './length-cases.ts'

const { fileOf, errorFrom } = createLengthCases()

describe('what is refused, in one line', () => {
  test.each<[string, JsonObject, RegExp]>([
    [
      'a target of nothing',
      { target_input_len: 0 },
      /"target_input_len" of dataset own must be a whole number above 0, up to 10000000, got 0$/,
    ],
    ['an unknown mode', { target_input_len: 5, input_len_mode: 'pad' }, /must be one of cap, drop, got "pad"$/],
    [
      'an unknown role',
      { target_input_len: 5, prefix_file: 'a', prefix_role: 'tool' },
      /must be one of system, user, got "tool"$/,
    ],
    [
      'a path of nothing',
      { target_input_len: 5, prefix_file: '' },
      /"prefix_file" .* must be a text that is not empty, got ""$/,
    ],
    ['a prefix alone', { prefix_file: 'a' }, /^--dataset-args of openqa: "prefix_file" needs "target_input_len"/],
    [
      'a mode alone',
      { input_len_mode: 'drop' },
      /^--dataset-args of openqa: "input_len_mode" needs "target_input_len"/,
    ],
    ['a role without a prefix', { target_input_len: 5, prefix_role: 'user' }, /: "prefix_role" needs "prefix_file"/],
    [
      'a prefix and drop',
      { target_input_len: 5, prefix_file: 'a', input_len_mode: 'drop' },
      /: "prefix_file" fills short prompts up and "input_len_mode": "drop" skips them; give one of the two$/,
    ],
    [
      'a missing file',
      { target_input_len: 5, prefix_file: '/no/such.txt' },
      /^prefix_file such\.txt cannot be read \(ENOENT.*\); give a readable text file$/,
    ],
    [
      'a directory',
      { target_input_len: 5, prefix_file: tmpdir() },
      /^prefix_file \S+ cannot be read \(EISDIR.*\); give a readable text file$/,
    ],
  ])('%s', async (_what, args, message) => {
    expect(await errorFrom('abc', args, { settings: { spec: 'openqa' } })).toMatch(message)
  })

  test('no tokenizer', async () => {
    const context = createContext({ path: await fileOf('abc'), args: { target_input_len: 5 } })
    await expect(take(lineByLine.open(context))).rejects.toThrow(
      new ArgumentsError(
        '--dataset-args of openqa: "target_input_len" needs a tokenizer; ' +
          'give --tokenizer-path, a directory that holds tokenizer.json',
      ),
    )
  })

  test.each<[string, string | Buffer, string]>([
    ['an empty file', '', 'prefix_file prefix.txt is empty; give a text file with a long text in it'],
    ['a blank file', ' \n\t\n', 'prefix_file prefix.txt is empty; give a text file with a long text in it'],
    [
      'another encoding',
      Buffer.from([0xc4, 0xe3, 0xba, 0xc3]),
      'prefix_file prefix.txt is not UTF-8; convert it to UTF-8',
    ],
  ])('%s', async (_what, content, message) => {
    const args = { target_input_len: 5, prefix_file: await fileOf(content, 'prefix.txt') }
    expect(await errorFrom('abc', args)).toBe(message)
  })

  test.each([['abc\n[{"role":"user","content":"a"}]\n'], ['abc\n{"messages":[{"role":"user","content":"a"}]}\n']])(
    'a line of JSON: %j',
    async text => {
      expect(await errorFrom(text, { target_input_len: 5 })).toBe(
        'file.txt:2: a JSON line cannot be brought to "target_input_len"; give texts, or leave it out of --dataset-args',
      )
    },
  )

  test('a pass in which everything is dropped', async () => {
    expect(await errorFrom('abc\nde\n', { target_input_len: 5, input_len_mode: 'drop' })).toBe(
      'file.txt: 2 prompts read, all shorter than target_input_len 5; lower it or give "input_len_mode": "cap"',
    )
  })
})
