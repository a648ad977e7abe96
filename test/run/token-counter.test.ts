import { expect, test } from 'vitest'
import type { RequestRecord } from '../../src/model/record.ts'
import { TokenCounter } from '../../src/run/token-counter.ts'
import type { Tokenizer } from '../../src/tokenizers/tokenizer.ts'
import { ask, planFor } from '../support/ask.ts'
import { chatChunk, event, httpChunk, lastChunk, startRawServer, streamHead } from '../support/raw-server.ts'

/** Counts words; the template adds two tokens a message. */
const tokenizer: Tokenizer = {
  encode: text =>
    text
      .split(' ')
      .filter(word => word !== '')
      .map((_, index) => index),
  decode: () => '',
  encodeChat: messages => messages.flatMap(({ content }) => [0, 0, ...tokenizer.encode(String(content))]),
  hasChatTemplate: true,
  ordinaryIds: () => [],
}

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

const count = async (record: RequestRecord, by: Tokenizer | undefined) => {
  const passed: RequestRecord[] = []
  const updates: unknown[] = []
  const counter = new TokenCounter(by, { write: each => passed.push(each), close: () => undefined })
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
  expect(updates).toEqual([[record.requestId, counts]])
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
