import { mkdtempSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { sweSmith } from '../../src/datasets/swe-smith.ts'
import { describeDatasetContract } from './conformance.ts'
import { createContext, take } from './context.ts'
import { contentsOf, createPlace, errorOf, open } from './swe-smith.ts'

const { root, fileOf } = createPlace()

describe('prepared conversations', () => {
  const user = (content: string) => ({ role: 'user', content })
  const turn = (...contents: string[]) => ({ messages: contents.map(user), prompt_tokens: 65_012 })
  const preparedFile = (conversations: readonly unknown[]): string =>
    fileOf('agentic_dataset.json', JSON.stringify({ conversations }, null, 2))
  const five = preparedFile(['a', 'b', 'c', 'd', 'e'].map(name => [turn(name), turn(`${name}2`)]))

  test('are sent turn by turn as they are, with no tokenizer', async () => {
    const path = preparedFile([[turn('fix it', 'a file'), turn('the test fails')], [turn('another')]])
    const conversations = await take(sweSmith.open(createContext({ spec: 'swe_smith', path })))
    expect(conversations).toEqual([
      {
        turns: [
          { prompt: { kind: 'messages', messages: [user('fix it'), user('a file')] } },
          { prompt: { kind: 'messages', messages: [user('the test fails')] } },
        ],
      },
      { turns: [{ prompt: { kind: 'messages', messages: [user('another')] } }] },
    ])
  })

  test('keep system messages, lose those of the assistant and turns that are empty without them', async () => {
    const system = { role: 'system', content: 'Be brief.' }
    const assistant = { role: 'assistant', content: 'Done.' }
    const path = preparedFile([[{ messages: [system, user('go')] }, { messages: [assistant] }, turn('on')], []])
    const { conversations } = await open(path, {})
    expect(conversations.map(contentsOf)).toEqual([[['Be brief.', 'go'], ['on']]])
  })

  test.each([
    [0, 'abcde'],
    [2, 'cdeab'],
    [12, 'cdeab'],
  ])('begin at the offset %i, the first ones last', async (offset, names) => {
    const { conversations } = await open(five, { offset, maxTurns: 1 })
    expect(conversations.map(contentsOf)).toEqual([...names].map(name => [[name]]))
  })

  test('are parsed once for all runs, each with its own offset', async () => {
    const path = preparedFile(['a', 'b', 'c'].map(name => [turn(name)]))
    const context = (offset: number) => createContext({ spec: 'swe_smith', path, offset })
    const dataset = await sweSmith.prepare?.(context(0))
    writeFileSync(path, 'gone')
    const namesFrom = async (offset: number) => (await take(dataset?.open(context(offset)) ?? [])).flatMap(contentsOf)
    expect(await namesFrom(0)).toEqual([['a'], ['b'], ['c']])
    expect(await namesFrom(2)).toEqual([['c'], ['a'], ['b']])
  })

  test('may begin with a byte-order mark, and hold answers of tool calls alone', async () => {
    const calls = { role: 'assistant', tool_calls: [{ id: 'call_1' }] }
    const text = JSON.stringify({ conversations: [[{ messages: [user('go'), calls] }]] })
    const { conversations } = await open(fileOf('agentic_dataset.json', `\uFEFF${text}`), {})
    expect(conversations.map(contentsOf)).toEqual([[['go']]])
  })

  // A whole number of rounds: the offset of the contract changes nothing then, as it does for other files.
  describeDatasetContract({
    dataset: sweSmith,
    createContext: settings => createContext({ spec: 'swe_smith', path: five, ...settings }),
  })

  test.each([
    [
      Buffer.from('{"conversations": [[{"messages": [{"role": "user", "content": "\xfc"}]}]]}', 'latin1'),
      /as JSON \(.*utf-8/,
    ],
    ['{"conversations": [', /agentic_dataset\.json cannot be read as JSON \(.+\); give another file$/],
    ['[]', /is no JSON object with a list "conversations"; give what build_swe_smith_dataset\.py writes, or rows/],
    ['{"conversations": []}', /agentic_dataset\.json holds no conversations; give a file that does$/],
    ['{"conversations": [[], {}]}', /: conversation 2 is no list of turns; correct or remove it$/],
    ['{"conversations": [[{"messages": "x"}]]}', /: conversation 1, turn 1: "messages" is no list of objects with/],
    ['{"conversations": [[{"messages": [{"role": "user"}]}]]}', /: conversation 1, turn 1: "messages" is no list/],
  ])('are refused in one line when the file holds %s', async (text, message) => {
    expect(await errorOf(fileOf('agentic_dataset.json', text))).toMatch(message)
  })
})

test.each([
  [
    undefined,
    /^--dataset swe_smith needs --dataset-path: .* SWE-bench\/SWE-smith-trajectories .*build_swe_smith_dataset\.py$/,
  ],
  [fileOf('tool-0.parquet', ''), /tool-0\.parquet cannot be read as Parquet \(.+\); give a file that is whole$/],
  [
    mkdtempSync(join(root, 'empty-')),
    /is a directory without \.parquet files or agentic_dataset\.json; give the file itself$/,
  ],
  [join(root, 'none.jsonl'), /none\.jsonl does not exist; give a file that does$/],
])('the path %s is refused in one line', async (path, message) => {
  expect(await errorOf(path)).toMatch(message)
})

test('rows without a tokenizer are refused in one line', async () => {
  const context = createContext({ spec: 'swe_smith', path: fileOf('rows.jsonl', '{}\n') })
  await expect(take(sweSmith.open(context))).rejects.toThrow(/^--dataset swe_smith needs a tokenizer; give --tokenizer/)
})
