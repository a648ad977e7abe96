import { describe, expect, test } from 'vitest'
import type { RequestRecord } from '../../src/model/record.ts'
import { otherNotes, planOf, resultOf } from '../report/results.ts'
import { failed, k01Records, streamed } from './records.ts'

/** What is noted of these records, by default as all that was asked for. */
const notesOf = (records: readonly RequestRecord[], { number = records.length, interrupted = false } = {}) =>
  otherNotes(resultOf(planOf(2, number), records, { interrupted }))

const given = { start: 0, end: 1, ttft: 0.3, gaps: [0.1, 0.1], input: 100, output: 3 }
const good = streamed(given)
const remedy = `give --tokenizer-path, or ask for usage with --extra-args '{"stream_options": {"include_usage": true}}'.`

describe('notes', () => {
  test('a clean run has none', () => {
    expect(notesOf(k01Records)).toEqual([])
  })

  test.each<[string, RequestRecord[], string]>([
    [
      'cut off',
      [good, failed('aborted', { start: 0, end: 1 })],
      '1 request was cut off by us; not a failure, and in no latency or token figure.',
    ],
    [
      'resent',
      [streamed(given, { wasResent: true }), streamed(given, { wasResent: true })],
      "2 requests were sent again, once, because the kept-alive connection was lost before any answer; time counts from the first attempt. If they are many, see the server's log: one that dies on a request looks the same.",
    ],
    [
      'a failure after the last success',
      [good, failed('timeout_idle', { start: 0, end: 2 })],
      'Failures after the last success stretch the duration; up to that success, output throughput was 3 tok/s.',
    ],
    [
      'no streaming',
      [streamed(given, { isStream: false })],
      'No answer came as a stream, so there is no TTFT, ITL, TPOT or decode speed.',
    ],
    [
      'a late first token',
      [good, streamed(given, { firstChunkUs: 50_000 })],
      'In 50% of streams the first chunk came well before the first token (more than one median gap); both are shown.',
    ],
    [
      'several tokens per chunk',
      [streamed({ ...given, output: 4 })],
      'ITL is the gap between chunks, which carry 1.33 tokens on average.',
    ],
    [
      'reasoning that is not sent',
      [good, streamed({ ...given, output: 23 }, { reasoningTokens: 20 })],
      'In 1 of 2 streams reasoning was counted but not sent (20 tokens on average): it is part of TTFT, and not in TPOT, decode speed and tokens per chunk.',
    ],
    [
      'coalesced reads beside speculative rows',
      [streamed({ ...given, output: 4 }, { gapsUs: [200_000, 0], eventsPerReadMax: 2 })],
      'In 100% of streams several chunks shared one socket read: tokens per iteration may show batching on the way rather than speculative decoding.',
    ],
    [
      'tokens from the tokenizer',
      [good, streamed(given, { tokenSource: 'tokenizer' })],
      'Output tokens of 1 of 2 successful requests were counted by the tokenizer, not by the server.',
    ],
    [
      'chunks for tokens',
      [good, streamed(given, { tokenSource: 'chunks' })],
      `Output tokens of 1 of 2 successful requests are chunks, not tokens: ${remedy}`,
    ],
    [
      'no token count',
      [good, streamed({ start: 0, end: 1, ttft: 0.3 })],
      `No token count for 1 of 2 successful requests, which are in no token figure: ${remedy}`,
    ],
  ])('%s', (_, records, note) => {
    expect(notesOf(records)).toContain(note)
  })

  test('coalesced reads alone are no news: the last events of a stream often share a read', () => {
    expect(notesOf([streamed(given, { gapsUs: [200_000, 0], eventsPerReadMax: 4 })])).toEqual([])
  })

  test('tokens per chunk are no news where no chunk follows another', () => {
    expect(notesOf([streamed({ ...given, gaps: [], output: 12 })])).toEqual([])
  })

  test('requests that were never sent are counted', () => {
    expect(notesOf([good], { number: 3 })).toEqual(['Only 1 of 3 requests were sent.'])
  })

  test('an interrupted run says so first', () => {
    const notes = notesOf([good, failed('aborted', { start: 0, end: 1 })], { interrupted: true })
    expect(notes[0]).toBe('Interrupted: the figures cover the requests that had ended by then.')
    expect(notes).toHaveLength(2)
  })
})

describe('result of a run', () => {
  test('takes the expected count from the plan and the levels from the caller', () => {
    const result = resultOf(planOf(2, 8), k01Records, { levels: [20], interrupted: true })
    expect(result.summary).toMatchObject({ expectedRequests: 8, totalRequests: 5 })
    expect(result.percentiles.levels).toEqual(['min', 20, 'max'])
    expect(result.quoted.levels).toEqual(['min', 50, 90, 99, 'max'])
    expect(result.interrupted).toBe(true)
  })

  test.each([
    ['speed_benchmark', 5],
    ['speed_benchmark_long', 5],
    ['openqa', 0],
    ['./speed_benchmark.mjs', 0],
  ])('dataset %s has %i speed rows', (spec, rows) => {
    expect(resultOf(planOf(2, 5, spec), k01Records).speed).toHaveLength(rows)
  })
})
