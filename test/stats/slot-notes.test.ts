import { describe, expect, test } from 'vitest'
import type { LoadShape, Pacing } from '../../src/model/run-plan.ts'
import { Health } from '../../src/stats/health.ts'
import { loadPlan, otherNotes, resultOf } from '../report/results.ts'
import { sampleOf } from './health-samples.ts'
import { streamed } from './records.ts'

const constant: Pacing = { ratePerSec: 1, arrival: 'constant' }
const open: LoadShape = { kind: 'open', pacing: constant }
const capped: LoadShape = { kind: 'closed', concurrency: 10, pacing: constant }
const closed: LoadShape = { kind: 'closed', concurrency: 10 }

/** One request a second. */
const perSecond = (count: number) =>
  Array.from({ length: count }, (_, index) =>
    streamed({ start: 100 + index, end: 100.25 + index, ttft: 0.25, input: 1, output: 1 }),
  )

describe('waves', () => {
  const wavesOf = (load: LoadShape, count: number): readonly string[] =>
    resultOf(loadPlan(load, { number: count }), perSecond(count)).notes.filter(note => note.startsWith('Few waves'))

  test('fewer than five of a closed loop are told, with the number that makes five', () => {
    expect(wavesOf(closed, 49)).toEqual([
      'Few waves: 49 requests in 10 slots. The first wave meets an idle server all at once and the last leaves slots empty; 50 would make five.',
    ])
    expect(wavesOf(closed, 50)).toEqual([])
  })

  test('there are none with a schedule, or one request at a time', () => {
    expect([open, capped, { kind: 'closed', concurrency: 1 } as const].flatMap(load => wavesOf(load, 3))).toEqual([])
  })
})

describe('connections that were opened meanwhile', () => {
  const notesWith = (connectionsOpened: number, load: LoadShape, keepAlive = true): readonly string[] => {
    const health = new Health()
    health.add(sampleOf({ connectionsOpened }))
    const plan = loadPlan(load, { number: 100, target: { ...loadPlan(load).target, keepAlive } })
    return otherNotes(resultOf(plan, perSecond(100), { interrupted: false, health }))
  }

  test('are told where a closed loop had them before', () => {
    expect(notesWith(30, closed)).toEqual([
      expect.stringMatching(/^30 connections were opened while requests were measured, not all before: /),
    ])
    expect(notesWith(1, closed)).toEqual([])
  })

  test('are what an open loop has, and what was asked for without keep-alive', () => {
    expect([...notesWith(30, open), ...notesWith(30, closed, false)]).toEqual([])
  })
})
