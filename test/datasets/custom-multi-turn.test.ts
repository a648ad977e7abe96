import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { customMultiTurn } from '../../src/datasets/custom-multi-turn.ts'
import { ArgumentsError } from '../../src/errors.ts'
import type { Conversation } from '../../src/model/conversation.ts'
import type { DatasetSettings } from '../../src/model/run-plan.ts'
import { createContext, take } from './context.ts'

let root: string
let file: string
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'datasets-'))
  file = join(root, 'talks.jsonl')
})
afterAll(() => rm(root, { recursive: true }))

const system = { role: 'system', content: 'Be brief.' }
const user = (content: unknown) => ({ role: 'user', content })
const assistant = (content: string) => ({ role: 'assistant', content })
const call = { id: 'call_1', type: 'function', function: { name: 'weather', arguments: '{"city":"Bern"}' } }

/** The conversations of a file with such lines, and what was said; texts stand as they are. */
const read = async (lines: readonly unknown[], settings: Partial<DatasetSettings> = {}) => {
  const text = lines.map(line => `${typeof line === 'string' ? line : JSON.stringify(line)}\n`).join('')
  await writeFile(file, text)
  const said: string[] = []
  const context = createContext({ spec: 'custom_multi_turn', path: file, ...settings }, { said })
  const conversations = await take(customMultiTurn.open(context))
  return { conversations, said: said.map(line => line.replaceAll(file, 'talks.jsonl')) }
}

/** The messages of each turn. */
const turnsOf = ({ turns }: Conversation) =>
  turns.map(({ prompt }) => (prompt.kind === 'messages' ? prompt.messages : prompt))

test('answers of the assistant split turns and are not sent', async () => {
  const { conversations, said } = await read([
    [system, user('Hello'), assistant('Hi!'), user('How are you?'), assistant('Well.'), user('Good.')],
    [user('One'), user('more'), assistant('a'), assistant('b'), user('Last'), assistant('never sent')],
    [assistant('Welcome!'), user('Thanks')],
  ])
  expect(conversations.map(turnsOf)).toEqual([
    [[system, user('Hello')], [user('How are you?')], [user('Good.')]],
    [[user('One'), user('more')], [user('Last')]],
    [[user('Thanks')]],
  ])
  expect(conversations.flatMap(({ turns }) => turns.map(turn => Object.keys(turn)))).toEqual(
    Array.from({ length: 6 }, () => ['prompt']),
  )
  expect(said).toEqual([])
})

test('answers of tools begin the next turn, and messages keep their other keys', async () => {
  const answer = { role: 'tool', content: '{"celsius": 9}', tool_call_id: 'call_1' }
  const picture = user([
    { type: 'text', text: 'And this?' },
    { type: 'image_url', image_url: { url: 'data:,' } },
  ])
  const named = { ...picture, name: 'Ann' }
  const { conversations } = await read([
    [user('Is it cold?'), { role: 'assistant', tool_calls: [call] }, answer, user('In Bern.'), assistant('Yes'), named],
  ])
  expect(conversations.map(turnsOf)).toEqual([[[user('Is it cold?')], [answer, user('In Bern.')], [named]]])
})

test('no more turns than --max-turns are taken', async () => {
  const lines = [[user('1'), assistant('a'), user('2'), assistant('b'), user('3')], [user('4')]]
  const turns = async (maxTurns?: number) => (await read(lines, { maxTurns })).conversations.map(turnsOf)
  expect(await turns(2)).toEqual([[[user('1')], [user('2')]], [[user('4')]]])
  expect((await turns(3)).map(list => list.length)).toEqual([3, 1])
  expect((await turns()).map(list => list.length)).toEqual([3, 1])
})

test('the limits on prompts look at the first message of the user alone, and at texts alone', async () => {
  const long = 'much too long'
  const kept = [
    [system, user('ok'), assistant('a'), user(long)],
    [user([{ type: 'text', text: long }]), assistant('a'), user(long)],
    [system],
  ]
  const { conversations } = await read([[system, user(long)], ...kept, [user('')]], {
    minPromptLength: 1,
    maxPromptLength: 5,
  })
  expect(conversations.map(({ turns }) => turns.length)).toEqual([2, 2, 1])
})

test('the first three bad lines are named, the others counted', async () => {
  const bad = ['{"role":"user"', { role: 'user', content: 'a' }, [user('a'), { content: 'b' }], [{ role: 'user' }]]
  const { conversations, said } = await read([[user('first')], '', ...bad, [assistant('only')], [user('last')]])
  expect(conversations.map(turnsOf)).toEqual([[[user('first')]], [[user('last')]]])
  expect(said[0]).toMatch(/^talks\.jsonl:3: skipped, not valid JSON \(.+\)$/)
  expect(said.slice(1)).toEqual([
    'talks.jsonl:4: skipped, not a JSON array of messages',
    'talks.jsonl:5: skipped, message 2 of the array is no object with a text "role" and a "content"',
    'talks.jsonl: 5 lines skipped in all',
  ])
})

test('a few bad lines are named without a count', async () => {
  const { said } = await read(['[]', [user('good')], '7', [[]]])
  expect(said).toEqual([
    'talks.jsonl:1: skipped, the array is empty',
    'talks.jsonl:3: skipped, not a JSON array of messages',
    'talks.jsonl:4: skipped, message 1 of the array is no object with a text "role" and a "content"',
  ])
})

test('a line of answers alone is named as such', async () => {
  const { said } = await read([[assistant('only')], [user('good')]])
  expect(said).toEqual(['talks.jsonl:1: skipped, the array has no message but those of the assistant'])
})

test('a reader that leaves early hears how many lines were skipped so far', async () => {
  await read(['1', '2', '3', '4', [user('good')], '6', [user('more')]])
  const said: string[] = []
  await take(customMultiTurn.open(createContext({ path: file }, { said })), 1)
  expect(said).toHaveLength(4)
  expect(said.at(-1)).toMatch(/: 4 lines skipped in all$/)
})

test.each<[string, readonly unknown[], Partial<DatasetSettings>, string]>([
  [
    'a file of bad lines',
    ['"a"', '[]'],
    {},
    'talks.jsonl:1: not a JSON array of messages; no line of the file is a conversation (lines read: 2)',
  ],
  ['an empty file', ['', ' '], {}, 'talks.jsonl holds no conversations; give a file with at least one'],
  [
    'a file outside the limits',
    [[user('aaaa')], [user('bbbb')]],
    { maxPromptLength: 3 },
    'talks.jsonl: 2 conversations read, all with a first user message outside --min-prompt-length 0 … ' +
      '--max-prompt-length 3 (characters); widen the limits or give another file',
  ],
  [
    'no path',
    [],
    { path: undefined },
    '--dataset custom_multi_turn needs --dataset-path: a file with one conversation per line: ' +
      'a JSON array of messages, each with "role" and "content"',
  ],
])('%s is refused in one line', async (_what, lines, settings, message) => {
  const error = await read(lines, settings).catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(ArgumentsError)
  expect((error as Error).message.replace(file, 'talks.jsonl')).toBe(message)
})
