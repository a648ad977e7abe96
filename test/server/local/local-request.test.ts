import { describe, expect, test } from 'vitest'
import type { JsonObject } from '../../../src/model/json.ts'
import type { LocalModel } from '../../../src/server/local/local-model.ts'
import { readLocalRequest } from '../../../src/server/local/local-request.ts'
import { WireError } from '../../../src/server/wire-error.ts'
import { beginId, byteTokenizer } from './byte-tokenizer.ts'

const model: LocalModel = {
  name: 'm',
  tokenizer: byteTokenizer(),
  contextTokens: 50,
  vocabularySize: 400,
  endIds: [7, 8],
  generate: async () => {},
}

const text = { model: 'm', prompt: 'hi' }
const chat = { model: 'm', messages: [{ role: 'user', content: 'hi' }] }
const bytes = (told: string): number[] => [...Buffer.from(told)]

const readText = (change: JsonObject, of = model) => readLocalRequest({ ...text, ...change }, false, of)
const readChat = (change: JsonObject, of = model) => readLocalRequest({ ...chat, ...change }, true, of)

describe('the prompt', () => {
  test.each<[what: string, prompt: JsonObject['prompt'], ids: number[]]>([
    ['a text gets the special tokens of the model', 'hi', [beginId, ...bytes('hi')]],
    ['the only one of a list', ['hi'], [beginId, ...bytes('hi')]],
    ['token ids are taken as they are', [5, 6], [5, 6]],
    ['the only one of a list of lists', [[5, 6]], [5, 6]],
  ])('%s', (_, prompt, ids) => {
    expect(readText({ prompt: prompt ?? null }).generation.promptIds).toEqual(ids)
  })

  test.each<[what: string, messages: JsonObject[], hasTemplate: boolean, ids: number[]]>([
    ['messages go through the chat template', [{ role: 'user', content: 'a' }], true, bytes('user:a\n>')],
    ['text parts are lines', [{ role: 'user', content: [part('a'), part('b')] }], true, bytes('user:a\nb\n>')],
    ['no content is none', [{ role: 'assistant', content: null }], true, bytes('assistant:\n>')],
    [
      'without a template contents are lines',
      ['a', 'b'].map(content => ({ role: 'user', content })),
      false,
      [beginId, ...bytes('a\nb')],
    ],
  ])('%s', (_, messages, hasTemplate, ids) => {
    const of = { ...model, tokenizer: byteTokenizer(hasTemplate) }
    expect(readChat({ messages }, of).generation.promptIds).toEqual(ids)
  })
})

const part = (content: string): JsonObject => ({ type: 'text', text: content })

describe('what the request asks for', () => {
  test('OpenAI’s defaults hold for what it leaves open', () => {
    expect(readText({})).toMatchObject({ isChat: false, stream: false, includeUsage: false, stops: [] })
    expect(readText({}).generation).toMatchObject({
      maxTokens: 16,
      minTokens: 0,
      endIds: [7, 8],
      seed: undefined,
      sampling: { temperature: 1, topK: 0, topP: 1, frequencyPenalty: 0, presencePenalty: 0, repetitionPenalty: 1 },
    })
  })

  test('everything that is given counts', () => {
    const { generation, ...rest } = readChat({
      ...{ stream: true, stream_options: { include_usage: true }, stop: 'x', seed: 3 },
      ...{ max_tokens: 9, min_tokens: 2, ignore_eos: true, stop_token_ids: ['5', 6] },
      ...{ temperature: 0, top_k: 4, top_p: 0.5, frequency_penalty: 1, presence_penalty: -1, repetition_penalty: 1.5 },
    })
    expect(rest).toMatchObject({ isChat: true, stream: true, includeUsage: true, modelName: 'm', stops: ['x'] })
    expect(generation).toMatchObject({ maxTokens: 9, minTokens: 2, endIds: [5, 6], seed: 3 })
    expect(generation.sampling).toEqual({
      ...{ temperature: 0, topK: 4, topP: 0.5, frequencyPenalty: 1, presencePenalty: -1, repetitionPenalty: 1.5 },
    })
  })

  test('-1 means all tokens, as other servers have it', () => {
    expect(readText({ top_k: -1 }).generation.sampling.topK).toBe(0)
  })

  test.each<[what: string, change: JsonObject, maxTokens: number]>([
    ['the context ends the output', { max_tokens: 1000 }, 47],
    ['completions have 16 tokens by default', {}, 16],
    ['or as many as they must', { min_tokens: 20 }, 20],
  ])('%s', (_, change, maxTokens) => {
    expect(readText(change).generation.maxTokens).toBe(maxTokens)
  })

  test('a chat without a limit ends with the context', () => {
    expect(readChat({}).generation.maxTokens).toBe(50 - bytes('user:hi\n>').length)
    expect(() => readChat({}, { ...model, contextTokens: undefined })).toThrow('max_tokens is missing')
  })
})

test.each<[body: JsonObject, message: RegExp, param: string]>([
  [{ prompt: 5 }, /^prompt must be one string or one array of token ids$/, 'prompt'],
  [{ prompt: ['a', 'b'] }, /^prompt must be one string/, 'prompt'],
  [{ prompt: [] }, /^prompt must be one string/, 'prompt'],
  [{ prompt: [400] }, /^prompt has the token id 400, and the model knows 0 to 399$/, 'prompt'],
  [{ prompt: [-1] }, /^prompt has the token id -1/, 'prompt'],
  [{ prompt: Array(50).fill(1) }, /^the model has a context of 50 tokens: too few for a prompt of 50$/, 'prompt'],
  [{ min_tokens: 48, max_tokens: 60 }, /context of 50 .* prompt of 3 and min_tokens 48$/, 'prompt'],
  [{ max_tokens: 0 }, /^max_tokens must be a whole number from 1/, 'max_tokens'],
  [{ min_tokens: 5, max_tokens: 4 }, /^min_tokens \(5\) must not exceed max_tokens/, 'min_tokens'],
  [{ temperature: -1 }, /^temperature must be a number from 0 to 100, got -1$/, 'temperature'],
  [{ top_p: '1' }, /^top_p must be a number from 0 to 1, got "1"$/, 'top_p'],
  [{ stop: 5 }, /^stop must be a text or an array of texts$/, 'stop'],
  [{ stop: [''] }, /^stop must be a text/, 'stop'],
  [{ stop_token_ids: ['x'] }, /^stop_token_ids must be token ids$/, 'stop_token_ids'],
  [{ n: 2 }, /^a local model gives one answer, got n 2$/, 'n'],
  [{ logprobs: true }, /^a local model tells no logprobs$/, 'logprobs'],
  [{ model: '' }, /^model must be a name$/, 'model'],
])('%j is refused with status 400', (change, message, param) => {
  const refused = (): unknown => readText(change)
  expect(refused).toThrow(WireError)
  expect(refused).toThrow(message)
  expect(refused).toThrow(expect.objectContaining({ status: 400, param }))
})

test('images and messages that the template refuses are refused with status 400', () => {
  const image = { type: 'image_url', image_url: { url: 'data:' } }
  expect(() => readChat({ messages: [{ role: 'user', content: [image] }] })).toThrow('a local model reads text alone')
  const tokenizer = {
    ...byteTokenizer(),
    encodeChat: () => {
      throw new Error('roles must alternate')
    },
  }
  expect(() => readChat({}, { ...model, tokenizer })).toThrow(
    expect.objectContaining({ status: 400, message: 'roles must alternate', param: 'messages' }),
  )
})
