import { describe, expect, test } from 'vitest'
import { openai } from '../../src/apis/openai.ts'
import { neverStops } from '../../src/load/stop.ts'
import type { Conversation, Message } from '../../src/model/conversation.ts'
import type { RunPlan } from '../../src/model/run-plan.ts'
import { planFor } from '../support/ask.ts'
import { load } from '../support/load.ts'
import { chatChunk, done, event, httpChunk, lastChunk, startRawServer, streamHead } from '../support/raw-server.ts'

const user = (content: string): Message => ({ role: 'user', content })
const turn = (content: string, more: object = {}) => ({
  prompt: { kind: 'messages', messages: [user(content)] } as const,
  ...more,
})

/** What the server heard: the messages of each request, when, and on which connection. */
interface Heard {
  readonly messages: readonly Message[]
  readonly atMs: number
  readonly connection: number
  readonly maxTokens: unknown
}

/** Holds the conversations with a server that answers each with reasoning and the number of its messages. */
const hold = async (
  conversations: readonly Conversation[],
  change: Partial<RunPlan>,
  answer = defaultAnswer,
  stop = neverStops(),
) => {
  const heard: Heard[] = []
  const server = await startRawServer((socket, { body, connection }) => {
    const { messages, max_tokens: maxTokens } = JSON.parse(body) as { messages: Message[]; max_tokens: unknown }
    heard.push({ messages, atMs: performance.now(), connection, maxTokens })
    socket.write(streamHead + answer(messages) + lastChunk)
  })
  const prepare = (_: Conversation, index: number) => conversations[index % conversations.length] as Conversation
  const { records, warmup } = await load(planFor(server.url, change), { prepare, stop })
  await server.close()
  return { heard, records, warmup }
}

const words = (...deltas: object[]): string =>
  httpChunk(deltas.map(delta => event(chatChunk(delta))).join('') + event(chatChunk({}, 'stop')) + done)

const defaultAnswer = (messages: readonly Message[]): string =>
  words({ reasoning_content: 'hm' }, { content: 'answer ' }, { content: `to ${messages.length}` })

const reply = (count: number): Message => ({ role: 'assistant', content: `answer to ${count}` })

describe('two workers hold a warm-up, a conversation of three turns and one of two', () => {
  const conversations: Conversation[] = [
    { turns: [turn('warm 1'), turn('warm 2')] },
    { turns: [turn('a1'), turn('a2', { waitMs: 120 }), turn('a3', { maxTokens: 7 })] },
    { turns: [turn('b1'), turn('b2', { waitMs: 60 })] },
  ]
  const plan: Partial<RunPlan> = { number: 2, warmupNumber: 1, load: { kind: 'closed', concurrency: 2 } }

  test.each([1, 2])(
    'each body holds the history with the model’s real answers, in order; threads: %d',
    async workers => {
      const { heard, records, warmup } = await hold(conversations, { ...plan, workers })
      const bodies = heard.map(({ messages }) => messages)
      expect(bodies.slice(0, 2)).toEqual([[user('warm 1')], [user('warm 1'), reply(1), user('warm 2')]])
      const of = (letter: string) => heard.filter(({ messages: [first] }) => String(first?.content).startsWith(letter))
      expect(of('a').map(({ messages }) => messages)).toEqual([
        [user('a1')],
        [user('a1'), reply(1), user('a2')],
        [user('a1'), reply(1), user('a2'), reply(3), user('a3')],
      ])
      expect(of('b').map(({ messages }) => messages)).toEqual([[user('b1')], [user('b1'), reply(1), user('b2')]])
      expect(heard).toHaveLength(7)
      expect(of('a').map(({ maxTokens }) => maxTokens)).toEqual([16, 16, 7])
      // Think time begins with the end of the answer before.
      const gapMs = (letter: string): number => (of(letter)[1]?.atMs ?? 0) - (of(letter)[0]?.atMs ?? 0)
      expect(gapMs('a')).toBeGreaterThan(119)
      expect(gapMs('a')).toBeLessThan(200)
      expect(gapMs('b')).toBeGreaterThan(59)
      expect(gapMs('b')).toBeLessThan(140)
      // Both began at once, each in a slot of its own.
      expect(Math.abs((of('a')[0]?.atMs ?? 0) - (of('b')[0]?.atMs ?? 0))).toBeLessThan(50)

      expect(warmup.map(({ conversationId, turn }) => [conversationId, turn])).toEqual([
        ['warmup-0', 1],
        ['warmup-0', 2],
      ])
      expect(records.map(record => [record.conversationId, record.turn, record.isLastTurn]).sort()).toEqual([
        ['bench-1', 1, false],
        ['bench-1', 2, false],
        ['bench-1', 3, true],
        ['bench-2', 1, false],
        ['bench-2', 2, true],
      ])
      // Waiting is no lateness of ours.
      for (const { sentUs, scheduledUs } of records) expect(sentUs - scheduledUs).toBeLessThan(40_000)
    },
  )
})

test('tool calls of an answer are kept in the history, pieces joined', async () => {
  const call = (piece: object) => ({ tool_calls: [{ index: 0, ...piece }] })
  const { heard } = await hold(
    [
      {
        turns: [
          turn('what time is it?'),
          { prompt: { kind: 'messages', messages: [{ role: 'tool', tool_call_id: 'c1', content: '9:30' }] } },
        ],
      },
    ],
    {},
    () =>
      words(
        call({ id: 'c1', type: 'function', function: { name: 'clock', arguments: '' } }),
        call({ function: { arguments: '{"zone":' } }),
        call({ function: { arguments: '"UTC"}' } }),
      ),
  )
  expect(heard[1]?.messages).toEqual([
    user('what time is it?'),
    {
      role: 'assistant',
      content: null,
      tool_calls: [{ id: 'c1', type: 'function', function: { name: 'clock', arguments: '{"zone":"UTC"}' } }],
    },
    { role: 'tool', tool_call_id: 'c1', content: '9:30' },
  ])
})

test('a failed turn abandons its conversation', async () => {
  const { heard, records } = await hold(
    [{ turns: [turn('1'), turn('2'), turn('3')] }, { turns: [turn('other')] }],
    { number: 2 },
    messages => (messages.length === 3 ? httpChunk(event({ error: { message: 'oom' } })) : defaultAnswer(messages)),
  )
  expect(heard.map(({ messages }) => messages.length)).toEqual([1, 3, 1])
  expect(records.map(({ failure }) => failure?.kind)).toEqual([undefined, 'inband_error', undefined])
})

test('the end of the duration ends the waiting between turns', async () => {
  const startMs = performance.now()
  const { heard } = await hold([{ turns: [turn('1'), turn('2', { waitMs: 60_000 })] }], {
    number: undefined,
    durationMs: 200,
    load: { kind: 'closed', concurrency: 1 },
  })
  expect(performance.now() - startMs).toBeLessThan(5000)
  expect(heard.length).toBeGreaterThan(0)
  expect(heard.every(({ messages }) => messages.length === 1)).toBe(true)
})

test('a turn is never sent before its time, and one that is due in months does not leave at once', async () => {
  const draining = new AbortController()
  const short = Array.from({ length: 25 }, (_, index) => turn(`${index}`, { waitMs: 1 + index / 10 }))
  const far = turn('far', { waitMs: 2 ** 31 })
  const { heard, records } = await hold(
    [{ turns: [...short, far] }],
    {},
    messages => {
      if (messages.length === 49) setTimeout(() => draining.abort(), 50)
      return defaultAnswer(messages)
    },
    { ...neverStops(), draining: draining.signal },
  )
  expect(heard).toHaveLength(25)
  expect(Math.min(...records.map(({ sentUs, scheduledUs }) => sentUs - scheduledUs))).toBeGreaterThanOrEqual(0)
})

test('a turn may have more messages than a call has arguments', async () => {
  const messages = Array.from({ length: 150_000 }, () => user(''))
  const { records, heard } = await hold([{ turns: [{ prompt: { kind: 'messages', messages } }, turn('2')] }], {})
  expect(records.map(({ failure }) => failure)).toEqual([undefined, undefined])
  expect(heard[1]?.messages).toHaveLength(150_002)
})

test('headers and the request id of a conversation go with its requests', async () => {
  const server = await startRawServer(socket => void socket.write(streamHead + defaultAnswer([]) + lastChunk))
  const conversation = { turns: [turn('1')], headers: { 'x-tenant': 'blue' }, requestId: 'recorded-7' }
  const { records } = await load(planFor(server.url), { prepare: () => conversation })
  await server.close()
  expect(records[0]?.requestId).toBe('recorded-7')
  expect(server.seen[0]?.head).toMatch(/^x-tenant: blue$/im)
  expect(server.seen[0]?.head.match(/x-request-id: .*/gi)).toEqual(['x-request-id: recorded-7'])
})

test('headers that a body asks for go with it, below those of its conversation', async () => {
  const server = await startRawServer(socket => void socket.write(streamHead + defaultAnswer([]) + lastChunk))
  const api = { ...openai, requestHeaders: () => ({ 'x-of-body': 'a', 'x-of-both': 'b' }) }
  const conversation = { turns: [turn('1')], headers: { 'x-of-both': 'c' } }
  await load(planFor(server.url), { api, prepare: () => conversation })
  await server.close()
  expect(server.seen[0]?.head.match(/x-of-\w+: .*/gi)).toEqual(['x-of-body: a', 'x-of-both: c'])
})
