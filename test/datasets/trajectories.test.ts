import { writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { sweSmith } from '../../src/datasets/swe-smith.ts'
import type { JsonObject } from '../../src/model/json.ts'
import type { DatasetSettings } from '../../src/model/run-plan.ts'
import { createContext } from './context.ts'
import { contentsOf, createPlace, errorOf, open, qwen, words } from './swe-smith.ts'

const { fileOf } = createPlace()

describe('conversations built from trajectories', () => {
  const tool = (content: string) => ({ role: 'tool', content, tool_call_ids: ['call_1'] })
  /** A row as the data set has it: the messages are JSON in a string. */
  const row = (messages: readonly JsonObject[]): string =>
    JSON.stringify({ messages: JSON.stringify(messages), instance_id: 'x', resolved: true, model: 'm', traj_id: 't' })
  const rowsFile = (...rows: string[]): string => fileOf('rows.jsonl', rows.map(line => `${line}\n`).join(''))
  const lengths = (first: number | number[], subsequent: number | number[]) => ({
    args: { first_turn_length: first, subsequent_turn_length: subsequent, chars_per_token: 0.1 },
  })
  const trajectory = row([
    { role: 'system', content: 'You are an agent' },
    { role: 'user', content: [{ type: 'text', text: 'the cat' }, { type: 'image_url' }, 'sees a dog'] },
    { role: 'assistant', content: '', tool_calls: [{ id: 'call_1' }] },
    tool('one two three four'),
    tool(''),
    { role: 'assistant', content: 'and or not' },
    tool('five six'),
    { role: 'user', content: 'seven eight nine ten' },
  ])

  test.each<[number, number, number, readonly string[][]]>([
    // first, subsequent, turns
    [5, 4, 3, [['the cat\nsees a dog'], ['one two three four'], ['five six', 'seven eight']]],
    [
      7,
      3,
      2,
      [
        ['the cat\nsees a dog', 'one two'],
        ['five six', 'seven'],
      ],
    ],
    [3, 100, 2, [['the cat\nsees'], ['one two three four', 'five six', 'seven eight nine ten']]],
    [100, 1, 1, [['the cat\nsees a dog', 'one two three four', 'five six', 'seven eight nine ten']]],
  ])('turns of %i, then %i tokens; %i of them', async (first, subsequent, turns, contents) => {
    const settings = { ...lengths(first, subsequent), minTurns: turns, maxTurns: turns }
    const { conversations, said } = await open(rowsFile(trajectory), settings)
    expect(conversations.map(contentsOf)).toEqual([contents])
    expect(JSON.stringify(conversations)).not.toMatch(/tool|assistant|system/)
    expect(said).toEqual([])
  })

  test('messages that are a list rather than a string are read too', async () => {
    const path = rowsFile(JSON.stringify({ messages: [tool('old house')] }))
    expect((await open(path, lengths(9, 9))).conversations.map(contentsOf)).toEqual([[['old house']]])
  })

  test('lengths and numbers of turns are drawn between their bounds, for each trajectory anew', async () => {
    const long = row(Array.from({ length: 40 }, () => tool('one two three four five six seven eight nine ten')))
    const settings = { ...lengths([11, 14], [2, 4]), minTurns: 2, maxTurns: 4 }
    const { conversations } = await open(rowsFile(...Array.from({ length: 80 }, () => long)), settings)
    const counts = conversations.map(({ turns }) => turns.length)
    const tokens = conversations.map(conversation =>
      contentsOf(conversation).map(turn => words.encode(turn.join(' ')).length),
    )
    expect([...new Set(counts)].sort()).toEqual([2, 3, 4])
    expect([...new Set(tokens.map(([first]) => first))].sort()).toEqual([11, 12, 13, 14])
    expect([...new Set(tokens.flatMap(([, ...later]) => later))].sort()).toEqual([2, 3, 4])
    for (const [, ...later] of tokens) expect(new Set(later).size).toBe(1)
  })

  test('real text is cut within one token of its budget', async () => {
    const code = 'def mend(self):\n    return {"übergröße": [1, 2.5], "熵": "😀"}\n'.repeat(50)
    const path = rowsFile(row(Array.from({ length: 9 }, () => tool(code))))
    const settings = { ...lengths(700, 90), minTurns: 3, maxTurns: 3 }
    const [conversation] = (await open(path, settings, { tokenizer: qwen })).conversations
    const counts = conversation && contentsOf(conversation).map(turn => qwen.encode(String(turn[0])).length)
    for (const [index, budget] of [700, 90, 90].entries()) {
      expect(Math.abs((counts?.[index] ?? 0) - budget)).toBeLessThanOrEqual(1)
    }
  })

  const named = ['one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten']
  const namedFile = rowsFile(...named.map(name => row([tool(name)])))
  const namesOf = async (settings: Partial<DatasetSettings>, seed = 1) =>
    (await open(namedFile, { ...lengths(3, 3), ...settings }, { seed })).conversations.map(contentsOf).flat(2)

  test('their order is drawn from the seed, and the offset begins further on in it', async () => {
    const order = await namesOf({})
    expect([...order].sort()).toEqual([...named].sort())
    expect(order).not.toEqual(named)
    expect(await namesOf({}, 2)).not.toEqual(order)
    expect(await namesOf({ offset: 3 })).toEqual([...order.slice(3), ...order.slice(0, 3)])
    expect(await namesOf({ offset: 23 })).toEqual([...order.slice(3), ...order.slice(0, 3)])
  })

  test('those with too little text are passed over, by characters a token', async () => {
    // 4 + 2 × (2 − 1) tokens of 2 characters: 12 are needed.
    const args = { first_turn_length: 4, subsequent_turn_length: 2, chars_per_token: 2 }
    const path = rowsFile(row([tool('hello'), tool('world')]), row([tool('hello'), tool('what is')]))
    const { conversations, said } = await open(path, { args, maxTurns: 2 })
    expect(conversations).toHaveLength(1)
    expect(said).toEqual([
      'swe_smith: 1 of 2 trajectories used; 1 too short (12 characters of users and tools are needed)',
    ])
  })

  test('those that run out before their last turn are left out, and counted', async () => {
    const path = rowsFile(row([tool('one')]), row([tool('one'), tool('two')]))
    const { conversations, said } = await open(path, { ...lengths(1, 1), minTurns: 2, maxTurns: 2 })
    expect(conversations.map(contentsOf)).toEqual([[['one'], ['two']]])
    expect(said).toEqual(['swe_smith: 1 of 2 trajectories used; 1 over before the last turn'])
  })

  test('rows longer than what is read at once are found and read whole', async () => {
    const long = (name: string) => row([tool(`${name} ${'river '.repeat(300_000)}`), tool(`last ${name}`)])
    const path = rowsFile(...['one', 'two', 'three'].map(long))
    const { conversations } = await open(path, { ...lengths(1, 2), minTurns: 2, maxTurns: 2 })
    const expected = ['one', 'three', 'two'].map(name => [[name], [`last ${name}`]])
    expect(conversations.map(contentsOf).sort()).toEqual(expected)
  })

  test('bad rows are left out and said; a mark at the start, CRLF and a missing last line end are no harm', async () => {
    const good = row([tool('one')])
    const path = fileOf('rows.jsonl', `\uFEFF${good}\r\n\r\n{"messages": 5}\n{"messages": "[1"}\n{broken}\n${good}`)
    const { conversations, said } = await open(path, lengths(3, 3))
    expect(conversations).toHaveLength(2)
    expect([...said].sort()).toEqual([
      expect.stringMatching(/^rows\.jsonl:3: .*no field "messages" with a list in it/),
      expect.stringMatching(/^rows\.jsonl:4: .*not valid JSON \(.+\)/),
      expect.stringMatching(/^rows\.jsonl:5: .*not valid JSON \(.+\)/),
    ])
  })

  test('rows that are no text, or longer than any row is, are left out and said as such', async () => {
    const good = Buffer.from(`${row([tool('one')])}\n`)
    const path = rowsFile()
    writeFileSync(
      path,
      Buffer.concat([good, Buffer.from([0x7b, 0xff, 0x7d, 0x0a]), Buffer.alloc(64 * 2 ** 20 + 1, 'x')]),
    )
    const { conversations, said } = await open(path, lengths(3, 3))
    expect(conversations).toHaveLength(1)
    expect([...said].sort()).toEqual(['rows.jsonl:2: skipped, not UTF-8', 'rows.jsonl:3: skipped, longer than 64 MiB'])
  })

  test('a file that becomes shorter while it is read is one clear mistake', async () => {
    const path = rowsFile(...Array.from({ length: 9 }, () => row([tool('one')])))
    const context = createContext({ spec: 'swe_smith', path, ...lengths(3, 3) }, { tokenizer: words })
    const pass = (async () => {
      for await (const _ of sweSmith.open(context)) writeFileSync(path, '')
    })()
    await expect(pass).rejects.toThrow(/rows\.jsonl has changed since it was checked; leave it alone/)
  })

  test.each<[string, string, Partial<DatasetSettings>, RegExp]>([
    [
      'too short',
      trajectory,
      {},
      /rows\.jsonl has no trajectory .*: 195000 characters .* are needed, the longest row has \d+ bytes in all; lower/,
    ],
    [
      'too short, but for what is not sent',
      row([tool('one'), { role: 'assistant', content: 'x'.repeat(99) }]),
      { args: { first_turn_length: 9, chars_per_token: 10 } },
      /: 90 characters of users and tools are needed, the longest of 1 has 3; lower/,
    ],
    [
      'too few messages',
      row([tool('one')]),
      { ...lengths(1, 1), minTurns: 2 },
      /; 1 with enough of them over before the last turn; lower/,
    ],
    ['no rows', '{}', lengths(1, 1), /; without any: 1 \(line 1: no field "messages" with a list in it\); lower fir/],
  ])('none that can be used is an error that says why: %s', async (_what, line, settings, message) => {
    expect(await errorOf(rowsFile(line), settings)).toMatch(message)
  })
})
