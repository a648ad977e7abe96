import { describe, expect, test } from 'vitest'
import type { RequestRecord } from '../../src/model/record.ts'
import type { ConversationFigure, RunResult } from '../../src/model/result.ts'
import type { RunPlan } from '../../src/model/run-plan.ts'
import { Accumulator } from '../../src/stats/accumulator.ts'
import { otherNotes, planOf, resultOf } from '../report/results.ts'
import { conversationOf, failed, k01Records, k05Cases, k05Records, streamed } from './records.ts'

const resultOfAll = (records: readonly RequestRecord[], number?: number): RunResult =>
  resultOf(planOf(2, number ?? new Set(records.map(record => record.conversationId)).size), records)

const meansOf = (records: readonly RequestRecord[]): Partial<Record<ConversationFigure, number | undefined>> =>
  Object.fromEntries(resultOfAll(records).conversations?.rows.map(({ figure, mean }) => [figure, mean]) ?? [])

/** Two turns of which the server reports no cached tokens, of 100 → 50 and 200 → 10 tokens. */
const silent = (id: string, start = 0): readonly RequestRecord[] =>
  conversationOf(id, [
    { start, end: start + 1, ttft: 0.25, input: 100, output: 50 },
    { start: start + 2, end: start + 3, ttft: 0.75, input: 200, output: 10 },
  ])

describe('K05: a conversation of three turns', () => {
  test('has the given figures', () => {
    const means = meansOf(k05Records)
    expect(means).toMatchObject({ latency: 7000, firstTtft: 500, ttfat: 5400, estimatedCachedPercent: undefined })
    expect(means.decodeRate).toBeCloseTo(22.9167, 4)
    expect(means.cachedPercent).toBeCloseTo(47.1429, 4)
    expect(means.eligibleCachedPercent).toBeCloseTo(88.7097, 4)
  })

  test('the run has turns, first and later TTFT, and the hit rate of requests that report one', () => {
    const { summary } = resultOfAll(k05Records)
    expect(summary.conversations).toEqual({
      expected: 1,
      begun: 1,
      abandoned: 0,
      cutOff: 0,
      meanTurnNumber: 2,
      meanFirstTtftMs: 500,
      meanLaterTtftMs: 350,
      estimatedCachedPercent: undefined,
    })
    expect(summary.cachedPercent).toBeCloseTo(55, 9)
    expect(summary).toMatchObject({ totalRequests: 3, expectedRequests: undefined })
  })

  test('every statistic of one conversation is its figure', () => {
    const [latency] = resultOfAll(k05Records).conversations?.rows ?? []
    const same = { mean: 7000, min: 7000, p50: 7000, p90: 7000, p95: 7000, p99: 7000, max: 7000, count: 1 }
    expect(latency).toEqual({ figure: 'latency', ...same })
  })
})

test.each<[plan: Partial<RunPlan>, interrupted: boolean, why: string]>([
  [{ durationMs: 1500 }, false, ' The next turn of 2 would have begun after --duration 1.5 s.'],
  [{ durationMs: 1500 }, true, ''],
  [{}, true, ''],
])('a conversation whose next turn came too late is said to have been ended by %j', (plan, interrupted, why) => {
  const opening = (id: string) => silent(id).slice(0, 1)
  const cut = failed('aborted', { start: 2, end: 3 }, { conversationId: 'c', turn: 2 })
  const all = [...opening('a'), ...opening('b'), ...opening('c'), cut]
  const { notes } = resultOf({ ...planOf(3, 3), ...plan }, all, { interrupted })
  expect(notes).toContain(
    `Not over when the run was: 3 of 3 conversations.${why} Figures of conversations cover the turns that were answered.`,
  )
})

test('statistics are over conversations, with interpolated percentiles', () => {
  const lasting = (seconds: number) => conversationOf(`of-${seconds}`, [{ start: 0, end: seconds }])
  const result = resultOfAll([...[1, 2, 3, 4].flatMap(lasting), ...silent('of-3')])
  const [latency] = result.conversations?.rows ?? []
  expect(result.conversations?.count).toBe(5)
  expect(latency).toMatchObject({ mean: 2600, min: 1000, p50: 3000, p90: 3600, p95: 3800, p99: 3960, max: 4000 })
})

describe('a cache hit rate', () => {
  test('is estimated where the server reports none, from the turn before, and in no other figure', () => {
    expect(meansOf(silent('a'))).toMatchObject({
      cachedPercent: undefined,
      eligibleCachedPercent: undefined,
      estimatedCachedPercent: 50,
    })
    const { summary } = resultOfAll(silent('a'))
    expect(summary.cachedPercent).toBeUndefined()
    expect(summary.conversations?.estimatedCachedPercent).toBe(50)
  })

  test('that is reported and one that is estimated stay apart', () => {
    const { summary } = resultOfAll([...k05Records, ...silent('a')])
    expect(summary.cachedPercent).toBeCloseTo(55, 9)
    expect(summary.conversations?.estimatedCachedPercent).toBe(50)
    const means = meansOf([...k05Records, ...silent('a')])
    expect(means.cachedPercent).toBeCloseTo(47.1429, 4)
    expect(means.estimatedCachedPercent).toBe(50)
  })

  test('is never estimated above what the prompt has, and not for a single turn', () => {
    const [first, second] = silent('a') as [RequestRecord, RequestRecord]
    expect(meansOf([first, { ...second, inputTokens: 100 }]).estimatedCachedPercent).toBe(50)
    const single = conversationOf('b', [{ start: 0, end: 1, input: 100, output: 5 }])
    expect(resultOfAll([...silent('a'), ...single]).summary.conversations?.estimatedCachedPercent).toBe(50)
  })

  test('does not know turns without token counts', () => {
    const [first, second] = silent('a') as [RequestRecord, RequestRecord]
    expect(meansOf([{ ...first, outputTokens: undefined }, second]).estimatedCachedPercent).toBe(0)
    expect(meansOf([first, { ...second, inputTokens: undefined }]).estimatedCachedPercent).toBe(0)
    const uncounted = { inputTokens: undefined, outputTokens: undefined }
    expect(meansOf([first, second].map(turn => ({ ...turn, ...uncounted }))).estimatedCachedPercent).toBeUndefined()
  })
})

test('without streaming there is a latency, but no first token', () => {
  const means = meansOf(k05Records.map(record => ({ ...record, isStream: false })))
  expect(means).toMatchObject({ latency: 7000, firstTtft: undefined, ttfat: undefined, decodeRate: undefined })
})

test('the first answer token comes after the reasoning of the last turn', () => {
  const [first, second] = silent('a') as [RequestRecord, RequestRecord]
  expect(meansOf([first, { ...second, ttfatUs: 900_000 }]).ttfat).toBe(2900)
})

describe('a conversation that does not come to its last turn', () => {
  const [first, second] = k05Records as readonly [RequestRecord, RequestRecord, RequestRecord]
  const broken = failed('http_5xx', { start: 5, end: 6 }, { conversationId: 'k05', turn: 3, isLastTurn: true })

  test('is abandoned by a failed turn; the successful ones before it count', () => {
    const result = resultOfAll([first, second, broken])
    expect(result.summary.conversations).toMatchObject({ begun: 1, abandoned: 1, cutOff: 0, meanTurnNumber: 1.5 })
    expect(result.conversations?.rows[0]?.mean).toBe(4500)
    expect(result.notes).toContain(
      'Abandoned after a failed turn: 1 of 1 conversation. Later turns were not sent; figures of conversations cover those before.',
    )
  })

  test.each([
    ['by the end of the run', []],
    ['within a turn', [failed('aborted', { start: 5, end: 6 }, { conversationId: 'k05', turn: 3 })]],
  ])('is cut off %s', (_, end) => {
    const result = resultOfAll([first, second, ...end, ...silent('a')])
    expect(result.summary.conversations).toMatchObject({ begun: 2, abandoned: 0, cutOff: 1 })
    expect(result.conversations?.count).toBe(2)
    expect(result.conversations?.rows[0]?.max).toBe(4500)
    expect(result.notes).toContain(
      'Not over when the run was: 1 of 2 conversations. Figures of conversations cover the turns that were answered.',
    )
  })

  test('has no figures when its first turn failed', () => {
    const dead = failed('connect', { start: 0, end: 1 }, { conversationId: 'd', isLastTurn: false })
    expect(resultOfAll([dead, ...silent('a')]).conversations?.count).toBe(1)
    const { summary, conversations } = resultOfAll([dead])
    expect(conversations).toBeUndefined()
    expect(summary.conversations).toMatchObject({ begun: 1, abandoned: 1, meanTurnNumber: undefined })
  })
})

test('conversations that were not begun are missed, not turns', () => {
  const about = (number: number) =>
    otherNotes(resultOfAll(k05Records, number)).filter(note => /conversation/.test(note))
  expect(about(1)).toEqual([])
  expect(about(2)).toEqual(['Only 1 of 2 conversations were begun.'])
})

test('runs of single turns and warm-up have no conversations', () => {
  const warmup = k05Records.map(record => ({ ...record, phase: 'warmup' as const }))
  const { summary, conversations } = resultOfAll([...warmup, ...k01Records], 5)
  expect([summary.conversations, conversations]).toEqual([undefined, undefined])
  expect(summary.expectedRequests).toBe(5)
})

const fold = (records: readonly RequestRecord[]): Accumulator => {
  const accumulator = new Accumulator()
  for (const record of records) accumulator.write(record)
  return accumulator
}

test('turns of a conversation that is over are not kept', () => {
  const accumulator = fold(k05Records)
  expect(accumulator.conversations.underWay).toBe(0)
  expect(fold(k05Records.slice(0, 2)).conversations.underWay).toBe(1)
  expect(fold(k05Cases.map((given, index) => streamed(given, { index }))).conversations.underWay).toBe(0)
})
