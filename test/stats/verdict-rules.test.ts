import { describe, expect, test } from 'vitest'
import type { RequestRecord } from '../../src/model/record.ts'
import type { RunPlan } from '../../src/model/run-plan.ts'
import type { ReasonName } from '../../src/model/verdict.ts'
import { boundTexts, verdictRules } from '../../src/stats/verdict-rules.ts'
import { planOf } from '../report/results.ts'
import { conversationOf, streamed } from './records.ts'
import {
  asked,
  type Case,
  cachedHead,
  capped,
  constant,
  cutOff,
  failing,
  inARow,
  type Level,
  lastLate,
  paced,
  promptsOff,
  random,
  selfDelays,
  stream,
  templated,
  twoSlots,
  verdictOf,
  waiting,
} from './verdict-cases.ts'

describe('each rule fires beyond its bound, and is silent up to it', () => {
  /** In the order of the table; the number is that of the rule. */
  const cases: readonly (readonly [rule: number, what: string, given: Case, level: Level])[] = [
    [0, 'stamps 1 ms late at an ITL of 20 ms', { health: [{ laterSelfDelays: selfDelays(1000, 1000) }] }, undefined],
    [0, 'stamps 1.01 ms late', { health: [{ laterSelfDelays: selfDelays(1010, 1000) }] }, 'SUSPECT'],
    [0, 'stamps 5.01 ms late', { health: [{ laterSelfDelays: selfDelays(5010, 1000) }] }, 'INVALID'],
    [1, '2 % of the stamps 5 ms late', { health: [{ laterSelfDelays: selfDelays(5000, 20) }] }, undefined],
    [1, '2 % of the stamps 5.01 ms late', { health: [{ laterSelfDelays: selfDelays(5010, 20) }] }, 'SUSPECT'],
    [1, '0.9 % of the stamps 100 ms late', { health: [{ laterSelfDelays: selfDelays(100_000, 9) }] }, undefined],
    [2, 'written after 10 ms at a TTFT of 200 ms', { records: inARow(100, { connectUs: 10_000 }) }, undefined],
    [2, 'written after 10.1 ms', { records: inARow(100, { connectUs: 10_100 }) }, 'SUSPECT'],
    [2, 'written after 51 ms', { records: inARow(100, { connectUs: 51_000 }) }, 'INVALID'],
    [3, 'a core missed 10 % of the time', { health: [{ runQueueUs: 100_000 }] }, undefined],
    [3, 'a core missed 10.1 % of the time', { health: [{ runQueueUs: 101_000 }] }, 'SUSPECT'],
    [3, 'a core missed 26 % of the time', { health: [{ runQueueUs: 260_000 }] }, 'INVALID'],
    [4, 'a core after 1 ms', { health: [{ runQueueUs: 50_000, coresGiven: 50 }] }, undefined],
    [4, 'a core after 1.02 ms', { health: [{ runQueueUs: 51_000, coresGiven: 50 }] }, 'SUSPECT'],
    [4, 'a core after 5.1 ms', { health: [{ runQueueUs: 51_000, coresGiven: 10 }] }, 'INVALID'],
    [5, 'stopped in 1 % of the periods', { health: [{ quotaPeriods: 1000, throttledCount: 10 }] }, undefined],
    [5, 'stopped in 1.1 % of the periods', { health: [{ quotaPeriods: 1000, throttledCount: 11 }] }, 'SUSPECT'],
    [6, '20 ms late at a TTFT of 200 ms', { plan: { load: constant }, records: paced(20) }, undefined],
    [6, '20.1 ms late at a TTFT of 200 ms', { plan: { load: constant }, records: paced(20.1) }, 'SUSPECT'],
    [7, 'left over 74.9 ms more than 69.9 s', { plan: { load: constant }, records: lastLate(74.9) }, undefined],
    [7, 'left over 75 ms more than 69.9 s', { plan: { load: constant }, records: lastLate(75) }, 'SUSPECT'],
    [8, '95.9 % in flight', { plan: planOf(2, 100, 'openqa'), records: twoSlots(0.034) }, undefined],
    [8, '94.7 % in flight', { plan: planOf(2, 100, 'openqa'), records: twoSlots(0.045) }, 'SUSPECT'],
    [9, '1 % of 38 s waited for prompts', { context: waiting(380) }, undefined],
    [9, '1.01 % of 38 s waited for prompts', { context: waiting(384) }, 'SUSPECT'],
    [10, '1 of 100 failed', { records: failing(1) }, undefined],
    [10, '2 of 100 failed', { records: failing(2) }, 'SUSPECT'],
    [10, '10 of 100 failed', { records: failing(10) }, 'SUSPECT'],
    [10, '11 of 100 failed', { records: failing(11) }, 'INVALID'],
    [11, '1 % cut off', { records: cutOff(1) }, undefined],
    [11, '2 % cut off', { records: cutOff(2) }, 'SUSPECT'],
    [11, '10 % cut off', { records: cutOff(10) }, 'SUSPECT'],
    [11, '11 % cut off', { records: cutOff(11) }, 'INVALID'],
    [12, '10 tokens of 10', { plan: asked(10) }, undefined],
    [12, '10 tokens of 11', { plan: asked(11) }, 'SUSPECT'],
    [13, 'prompts 1 % off', { plan: random(), context: promptsOff(-1) }, undefined],
    [13, 'prompts 1.1 % shorter', { plan: random(), context: promptsOff(-1.1) }, 'SUSPECT'],
    [14, '5 % cached', { plan: random(), records: inARow(100, { cachedTokens: 5 }) }, undefined],
    [14, '6 % cached', { plan: random(), records: inARow(100, { cachedTokens: 6 }) }, 'SUSPECT'],
    [14, '16 % cached, all of the template', { ...templated(20), records: cachedHead(16, 0) }, undefined],
    [
      13,
      '16 % cached of the template, and 6 % more of some',
      { ...templated(20), records: cachedHead(16, 6) },
      'SUSPECT',
    ],
    [14, '96 % cached, of which the template can be 20', { ...templated(20), records: cachedHead(96, 0) }, 'SUSPECT'],
    [14, '16 % cached without a template', { plan: random(), records: cachedHead(16, 0) }, 'SUSPECT'],
    [15, 'p90 of 64 TTFTs', { plan: gatedBy('p90_ttft'), records: inARow(64) }, undefined],
    [15, 'p90 of 63 TTFTs', { plan: gatedBy('p90_ttft'), records: inARow(63) }, 'SUSPECT'],
    [15, 'mean and maximum of 12 TTFTs', { plan: gatedBy('avg_ttft', 'max_ttft'), records: inARow(12) }, undefined],
  ]

  test.each(cases)('rule %i: %s', (number, _, given, level) => {
    const { name } = verdictRules[number] as (typeof verdictRules)[number]
    const { reasons } = verdictOf(given)
    const mine = reasons.filter(reason => reason.name === name)
    expect(mine.map(reason => reason.level)).toEqual(level === undefined ? [] : [level])
  })

  test('there are such cases for all of them, on both sides of each bound', () => {
    const sides = verdictRules.map((rule, number) => [
      cases.some(([of, , , level]) => of === number && level === undefined),
      cases.some(([of, , , level]) => of === number && level === 'SUSPECT'),
      rule.invalid === undefined || cases.some(([of, , , level]) => of === number && level === 'INVALID'),
    ])
    expect(sides).toEqual(verdictRules.map(() => [true, true, true]))
  })
})

describe('a rule says nothing', () => {
  const silent: readonly (readonly [what: string, given: Case])[] = [
    ['of self-delays below 0.1 ms, however short the ITL', fastStreams()],
    [
      'of the time to write where connections were opened',
      { records: inARow(100, { connectUs: 51_000 }), health: [{ connectionsOpened: 1 }] },
    ],
    ['of what nobody observed', { health: [{ runQueueUs: undefined, throttledCount: undefined }] }],
    ['of a thread that sends nothing', { health: [{ thread: 0, runQueueUs: 900_000 }, {}] }],
    [
      'of lateness without a schedule',
      { records: paced(50, 100), plan: { load: { kind: 'closed', concurrency: 100 } } },
    ],
    ['of slots that a capped load waited for', { plan: { load: capped }, records: slotWaits() }],
    [
      'of slots left empty between turns',
      { plan: planOf(2, 100), records: twoSlots(1), context: { hasThinkTime: true } },
    ],
    [
      'of slots that paused because they got no connection',
      { plan: planOf(2, 100), records: twoSlots(1), context: { pauses: always } },
    ],
    ['of outputs of which none was asked for', { plan: {} }],
    [
      'of outputs that may differ',
      { plan: { request: { ...planOf(1, 1).request, defaults: { maxTokens: { min: 99, max: 99 } } } } },
    ],
    ['of outputs that nobody counted', { plan: asked(20), records: inARow(100, { tokenSource: 'chunks' }) }],
    ['of prompts of which no length was asked for', { context: promptsOff(50) }],
    [
      'of a cache where a prefix is shared',
      { plan: random({ prefixLength: 10 }), records: inARow(100, { cachedTokens: 50 }) },
    ],
    ['of a cache where prompts come from a file', { records: inARow(100, { cachedTokens: 50 }) }],
  ]

  test.each(silent)('%s', (_, given) => {
    expect(verdictOf(given)).toEqual({ level: 'VALID', reasons: [], statement: undefined })
  })

  test('of requests that a signal cut off', () => {
    expect(verdictOf({ records: cutOff(50), context: { interrupted: true } }).reasons).toEqual([])
  })

  test('of a cache that turns of a conversation are to find', () => {
    const turns = Array.from({ length: 40 }, (_, index) =>
      conversationOf(`c${index}`, [
        { start: index, end: index + 0.5, ttft: 0.1, input: 100, output: 10, cached: 0 },
        { start: index + 0.5, end: index + 1, ttft: 0.1, input: 200, output: 10, cached: 100 },
      ]),
    ).flat()
    expect(verdictOf({ plan: random({ spec: 'random_multi_turn' }), records: turns }).reasons).toEqual([])
  })
})

/** Held against conditions on these figures that no run breaks. */
function gatedBy(...figures: readonly string[]): Partial<RunPlan> {
  const conditions = figures.map(figure => ({ figure, operator: '>' as const, bound: 1e9 }))
  return { gates: { conditions, baseline: [], isAdvisory: false } }
}

/** One slot paused all the time. */
const always = Array.from({ length: 1000 }, (_, second) => [second, 1_000_000] as const)

/** ITL 1 ms, stamped 0.09 ms late. */
function fastStreams(): Case {
  const records = Array.from({ length: 200 }, (_, index) =>
    streamed({ start: index / 100, end: index / 100 + 0.01, ttft: 0.005, gaps: Array(5).fill(0.001), output: 6 }),
  )
  return { records, health: [{ laterSelfDelays: selfDelays(90, 1000) }] }
}

/** Wanted ten times a second, but the server answers only five times. */
function slotWaits(): readonly RequestRecord[] {
  return Array.from({ length: 100 }, (_, index) => {
    const [wanted, sent] = [100 + index / 10, 100 + index / 5]
    return stream(sent, { scheduledUs: Math.round(wanted * 1e6), slotWaitUs: Math.round((sent - wanted) * 1e6) })
  })
}

test('the table says each bound', () => {
  const names = verdictRules.map(({ name }) => name)
  const all: readonly ReasonName[] = [
    'client slow',
    'client starved',
    'schedule missed',
    'concurrency missed',
    'dataset too slow',
    'requests failed',
    'requests cut off',
    'not what was asked',
    'too few samples',
  ]
  expect([...new Set(names)]).toEqual(all)
  expect(boundTexts(verdictRules[10] as (typeof verdictRules)[number])).toEqual(['below 99 %', 'below 90 %'])
})
