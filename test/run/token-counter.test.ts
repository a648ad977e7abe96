import { describe, expect, test } from 'vitest'
import type { RequestRecord } from '../../src/model/record.ts'
import type { Task } from '../../src/model/run-plan.ts'
import { TokenCounter } from '../../src/run/token-counter.ts'
import type { Tokenizer } from '../../src/tokenizers/tokenizer.ts'
import { streamed } from '../stats/records.ts'
import { ask, planFor } from '../support/ask.ts'
import { chatChunk, event, httpChunk, lastChunk, startRawServer, streamHead } from '../support/raw-server.ts'
import { wordTokenizer as tokenizer } from './word-tokenizer.ts'

const recordOf = async (usage: object | undefined): Promise<RequestRecord> => {
  const events = [
    event(chatChunk({ content: 'A' }, 'stop')),
    ...(usage === undefined ? [] : [event({ choices: [], usage })]),
  ]
  const server = await startRawServer(socket => void socket.write(streamHead + httpChunk(events.join('')) + lastChunk))
  const [record] = await ask(planFor(server.url))
  await server.close()
  return { ...(record as RequestRecord), body: '{"messages":[{"role":"user","content":"one two three"}]}' }
}

const count = async (record: RequestRecord, by: Tokenizer | undefined, task: Task = 'generate') => {
  const passed: RequestRecord[] = []
  const updates: unknown[] = []
  const counter = new TokenCounter(task, by, { write: each => passed.push(each), close: () => undefined })
  counter.write(record, { text: 'a b c', reasoning: 'd e' })
  const passedAtOnce = passed.length
  const refusal = await counter.countAll({
    updateTokens: ({ index, turn }, counts) => updates.push([index, turn, counts]),
  })
  return { passed, passedAtOnce, updates, refusal }
}

test('usage is believed: the record passes at once', async () => {
  const record = await recordOf({ prompt_tokens: 7, completion_tokens: 9 })
  const { passed, passedAtOnce, updates } = await count(record, tokenizer)
  expect(passedAtOnce).toBe(1)
  expect(updates).toEqual([])
  expect(passed).toEqual([record])
})

test('without usage the tokenizer counts prompt, answer and reasoning after the run', async () => {
  const record = await recordOf(undefined)
  expect(record.tokenSource).toBe('chunks')
  const { passed, passedAtOnce, updates } = await count(record, tokenizer)
  const counts = { inputTokens: 5, outputTokens: 5, tokenSource: 'tokenizer' }
  expect(passedAtOnce).toBe(0)
  expect(passed).toEqual([{ ...record, ...counts, responseJson: undefined }])
  expect(updates).toEqual([[record.index, record.turn, counts]])
})

test('usage without prompt tokens has only those counted', async () => {
  const { passed } = await count(await recordOf({ completion_tokens: 9 }), tokenizer)
  expect(passed[0]).toMatchObject({ inputTokens: 5, outputTokens: 9, tokenSource: 'usage' })
})

test('a record that the tokenizer refuses goes on as it was, with the reason told', async () => {
  const refusing: Tokenizer = {
    ...tokenizer,
    encodeChat: () => {
      throw new Error('roles must alternate')
    },
  }
  const { passed, refusal } = await count(await recordOf(undefined), refusing)
  expect(passed[0]).toMatchObject({ outputTokens: 1, tokenSource: 'chunks' })
  expect(refusal).toBe('roles must alternate')
})

test('without a tokenizer the chunks stay the count', async () => {
  const { passed } = await count(await recordOf(undefined), undefined)
  expect(passed[0]).toMatchObject({ inputTokens: undefined, outputTokens: 1, tokenSource: 'chunks' })
})

describe('answers without tokens', () => {
  const body = '{"input":["one two three","four"]}'
  const embedded = (fields: Partial<RequestRecord>) =>
    streamed({ start: 0, end: 1 }, { isStream: false, body, ...fields })

  test('pass at once where the server counted the prompt', async () => {
    const record = embedded({ inputTokens: 6, tokenSource: 'usage' })
    const { passed, passedAtOnce, updates } = await count(record, tokenizer, 'embed')
    expect([passed, passedAtOnce, updates]).toEqual([[record], 1, []])
  })

  test('have their prompt counted after the run, and no output', async () => {
    const { passed, passedAtOnce, updates } = await count(embedded({}), tokenizer, 'embed')
    const counts = { inputTokens: 8, outputTokens: undefined, tokenSource: 'tokenizer' }
    expect(passedAtOnce).toBe(0)
    expect(passed).toEqual([embedded(counts as Partial<RequestRecord>)])
    expect(updates).toEqual([[0, 1, counts]])
  })

  test('have no count where the body has no prompt that we know', async () => {
    const { passed } = await count(embedded({ body: '{"q":"one"}' }), tokenizer, 'embed')
    expect(passed[0]).toMatchObject({ inputTokens: undefined, tokenSource: undefined })
  })
})
