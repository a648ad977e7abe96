import { describe, expect, test } from 'vitest'
import type { RequestRecord } from '../../src/model/record.ts'
import type { TokenFindings, UsageComparison } from '../../src/model/token-findings.ts'
import { otherNotes, planOf, resultOf } from '../report/results.ts'
import { streamed } from './records.ts'

const given = { start: 0, end: 1, ttft: 0.3, gaps: [0.1, 0.1], input: 100, output: 3 }
const good = streamed(given)
const nothingFound: TokenFindings = {
  input: undefined,
  output: undefined,
  template: undefined,
  countedPrompts: 0,
  estimatedPrompts: 0,
  partialPrompts: 0,
  uncounted: undefined,
}

const notesOf = (records: readonly RequestRecord[], tokens?: Partial<TokenFindings>, api = 'openai') =>
  otherNotes(
    resultOf({ ...planOf(2, records.length), api }, records, {
      interrupted: false,
      tokens: tokens && { ...nothingFound, ...tokens },
    }),
  )

describe('one note says what is not counted, and what to do', () => {
  const chunks = (fields: Partial<RequestRecord> = {}) => streamed(given, { tokenSource: 'chunks', ...fields })
  const asked = '{"stream_options":{"include_usage":true}}'
  const server = 'give --tokenizer-path, or use a server that sends usage.'
  const ask = `give --tokenizer-path, or ask for usage with --extra-args '{"stream_options": {"include_usage": true}}'.`

  test.each<[string, RequestRecord[], string]>([
    [
      'chunks, and no prompts',
      [chunks({ inputTokens: undefined, body: asked }), good],
      `Output tokens of 1 of 2 successful requests are chunks, not tokens, and their prompts are not counted: ${server}`,
    ],
    [
      'chunks, of which usage was not asked for',
      [chunks({ body: '{"stream_options":{"include_usage":false}}' })],
      `Output tokens of 1 of 1 successful requests are chunks, not tokens: ${ask}`,
    ],
    [
      'chunks, whose recorded body asks for usage with a blank',
      [chunks({ body: '{"stream_options": {"include_usage": true}}' })],
      `Output tokens of 1 of 1 successful requests are chunks, not tokens: ${server}`,
    ],
    [
      'prompts alone',
      [streamed(given, { inputTokens: undefined, body: asked }), good],
      `No count of the prompts of 1 of 2 successful requests: ${server}`,
    ],
    [
      'some of each',
      [
        chunks({ body: asked }),
        streamed({ start: 0, end: 1 }, { isStream: false }),
        streamed(given, { inputTokens: undefined }),
      ],
      `Output tokens of 1 of 3 successful requests are chunks, not tokens; no token count for 1 of 3 successful requests, which are in no token figure; no count of the prompts of 2 of 3 successful requests: ${server}`,
    ],
  ])('%s', (_, records, note) => {
    expect(notesOf(records).filter(each => each.includes('--tokenizer-path'))).toEqual([note])
  })

  test('usage is asked for in the words of the protocol alone that has them', () => {
    expect(notesOf([chunks()], undefined, 'anthropic').join()).toContain(server)
  })

  test('with a tokenizer it tells why that did not count', () => {
    const ended = notesOf([chunks()], { uncounted: { requests: 1, reason: 'counting was ended' } })
    expect(ended).toContain('Output tokens of 1 of 1 successful requests are chunks, not tokens: counting was ended.')
    expect(notesOf([chunks()], {}).join()).toContain('not tokens: there is no text that the tokenizer could count.')
  })
})

test('prompts that the tokenizer counted, estimated, or could not count as a whole, are told of', () => {
  expect(notesOf([good], { countedPrompts: 1, estimatedPrompts: 1, partialPrompts: 1 })).toEqual([
    'The server counts answers but not prompts: those of 1 of 1 successful requests were counted by the tokenizer.',
    'The prompts of 1 of 1 successful requests hold images, of which each square of --image-patch-size pixels is taken for a token: an estimate.',
    'The prompts of 1 of 1 successful requests hold tools, images elsewhere or their like, of which the tokenizer counts nothing: their input tokens are too few.',
  ])
})

test('what could not be compared is told with the reason', () => {
  expect(notesOf([good], { unchecked: { requests: 1, reason: 'roles must alternate' } })).toEqual([
    "The server's counts of 1 request are not checked: roles must alternate.",
  ])
})

describe('usage off the tokenizer', () => {
  const comparison: UsageComparison = {
    requests: 200,
    meanUsage: 40.1,
    meanTokenizer: 31.1,
    differencePercent: 28.9,
    constantDifference: undefined,
    worst: { requestId: 'x-17-1', usage: 60, tokenizer: 40 },
  }

  test.each<[Partial<TokenFindings>, string]>([
    [
      { input: comparison },
      "The server counts other input tokens than the tokenizer: 40.1 against 31.1 on average over 200 requests, 60 against 40 in x-17-1. The tokenizer may not be the model's own, or the server may change prompts.",
    ],
    [
      { output: comparison },
      "The server counts other output tokens than the tokenizer: 40.1 against 31.1 on average over 200 requests, 60 against 40 in x-17-1. A token or two an answer are its end mark, and text that is tokenized otherwise than it was generated; with more, the tokenizer may not be the model's own.",
    ],
    [
      { input: { ...comparison, constantDifference: 9 } },
      'The server counts 9 input tokens more than the tokenizer in each of 200 requests compared: a system prompt or a chat template of its own would do that.',
    ],
    [
      { input: { ...comparison, constantDifference: -9 } },
      'The server counts 9 input tokens less than the tokenizer in each of 200 requests compared: another tokenizer, a shorter chat template, or prompts that it cuts would do that.',
    ],
    [
      { output: { ...comparison, constantDifference: 1 } },
      'The server counts 1 output token more than the tokenizer in each of 200 requests compared: end marks would do that, or tokens whose text it does not send.',
    ],
  ])('%j', (tokens, note) => {
    expect(notesOf([good], tokens)).toEqual([note])
  })

  test('is no news up to 1 %', () => {
    const close = { ...comparison, meanUsage: 101, meanTokenizer: 100, constantDifference: 1 }
    expect(notesOf([good], { input: close, output: close })).toEqual([])
    expect(notesOf([good], { input: { ...close, meanUsage: 101.1 } })).toHaveLength(1)
  })
})

test.each<[number, number, string[]]>([
  [40, 31, ['The chat template adds 9 of 40 prompt tokens (22.5%).']],
  [1000, 989, ['The chat template adds 11 of 1000 prompt tokens (1.1%).']],
  [1000, 990, []],
])('a chat template that makes %d tokens of %d', (meanPromptTokens, meanTextTokens, notes) => {
  expect(notesOf([good], { template: { requests: 3, meanPromptTokens, meanTextTokens } })).toEqual(notes)
})
