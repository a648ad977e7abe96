import { expect, test } from 'vitest'
import type { RequestRecord } from '../../src/model/record.ts'
import type { RunPlan } from '../../src/model/run-plan.ts'
import { summaryJson } from '../../src/report/json.ts'
import { LiveFigures, liveKeys } from '../../src/stats/live-figures.ts'
import { embeddingPlan, planOf, resultOf } from '../report/results.ts'
import { embedded, failed, k01Records, k05Records, streamed } from './records.ts'

const liveOf = (plan: RunPlan, records: readonly RequestRecord[]): LiveFigures => {
  const live = new LiveFigures(plan)
  for (const record of records) live.write(record)
  return live
}

const mixed: readonly RequestRecord[] = [
  ...k01Records,
  streamed({ start: 2, end: 4, ttft: 0.25, gaps: [0.25, 0.5], input: 11, output: 3, cached: 4 }),
  failed('http_5xx', { start: 1.5, end: 9 }),
  // Of these no figure knows: one of the warm-up, one that we ended.
  streamed({ start: 0, end: 100 }, { phase: 'warmup' }),
  failed('aborted', { start: 0, end: 50 }),
]

test.each([
  ['streams', planOf(2, 5), k01Records],
  ['turns', planOf(1, 1), k05Records],
  ['failures, a warm-up and a request that was cut off', planOf(2, 8), mixed],
  [
    'embeddings',
    embeddingPlan(2, 2),
    [embedded({ start: 0, end: 1, input: 7 }), embedded({ start: 0, end: 3, input: 9 })],
  ],
  ['failures alone', planOf(2, 1), [failed('connect', { start: 0, end: 1 })]],
])('figures of %s are those that the summary will have', (_, plan, records) => {
  const live = liveOf(plan, records).read()
  const summary = summaryJson(resultOf(plan, records))
  expect(Object.keys(live).length).toBeGreaterThan(7)
  expect(Object.keys(live).filter(key => !liveKeys.includes(key))).toEqual([])
  for (const [key, value] of Object.entries(live))
    expect({ [key]: value }).toEqual({ [key]: expect.closeTo(summary[key] as number, 3) })
  const missing = liveKeys.filter(key => typeof summary[key] === 'number' && !(key in live))
  expect(missing).toEqual([])
})

test('before anything has ended there are but the settings and zeros', () => {
  expect(liveOf(planOf(4, 8), []).read()).toEqual({
    ...{ Concurrency: 4, 'Request Rate (req/s)': -1, 'Total Requests': 0, 'Success Requests': 0 },
    ...{ 'Failed Requests': 0, 'Stream Requests': 0, 'Non-Stream Requests': 0 },
  })
})

test('what --number counts are conversations that ended by themselves', () => {
  const turns = k05Records.slice(0, 3).map((record, at) => ({ ...record, isLastTurn: at === 2 }))
  const live = liveOf(planOf(1, 3), [
    ...turns,
    failed('connect', { start: 0, end: 1 }),
    failed('aborted', { start: 0, end: 1 }),
  ])
  expect([live.ended, live.over]).toEqual([4, 2])
})
