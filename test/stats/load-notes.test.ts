import { describe, expect, test } from 'vitest'
import type { PromptWaiting } from '../../src/model/load-outcome.ts'
import type { RequestRecord } from '../../src/model/record.ts'
import type { LoadShape, Pacing, RunPlan } from '../../src/model/run-plan.ts'
import { loadPlan, otherNotes, resultOf } from '../report/results.ts'
import { failed, streamed } from './records.ts'

const poisson: Pacing = { ratePerSec: 1, arrival: 'poisson' }
const open: LoadShape = { kind: 'open', pacing: { ...poisson, arrival: 'constant' } }
const capped: LoadShape = { kind: 'closed', concurrency: 10, pacing: { ...poisson, arrival: 'constant' } }
const closed: LoadShape = { kind: 'closed', concurrency: 10 }

interface Sent {
  /** In seconds, as the others. */
  readonly wanted: number
  readonly slotWait?: number
  readonly late?: number
  readonly latency?: number
}

const sent = ({ wanted, slotWait = 0, late = 0, latency = 0.25 }: Sent): RequestRecord => {
  const start = wanted + slotWait + late
  const given = { start, end: start + latency, ttft: latency, input: 1, output: 1 }
  return streamed(given, { scheduledUs: Math.round(wanted * 1e6), slotWaitUs: Math.round(slotWait * 1e6) })
}

/** One request a second, from 100 s on. */
const perSecond = (count: number, each: Partial<Sent> = {}): readonly RequestRecord[] =>
  Array.from({ length: count }, (_, index) => sent({ wanted: 100 + index, ...each }))

const notesOf = (
  load: LoadShape,
  records: readonly RequestRecord[],
  { interrupted = false, datasetFailed = false, ...plan }: Partial<RunPlan> & Ends = {},
) => otherNotes(resultOf(loadPlan(load, { number: records.length, ...plan }), records, { interrupted, datasetFailed }))

interface Ends {
  readonly interrupted?: boolean
  readonly datasetFailed?: boolean
}

describe('the two clocks of a paced load', () => {
  const frozen = sent({ wanted: 109, latency: 2 })

  test('say the same of slow moments where nobody waited', () => {
    expect(notesOf(open, [...perSecond(9), frozen])).toEqual([
      'Latency is the same from the schedule and from sending (p50, p90 and p99), which hides nothing: no request waited longer than 0 ms before it was sent.',
    ])
  })

  test('say the same of slow moments that most requests met', () => {
    const early = Array.from({ length: 3 }, (_, index) => sent({ wanted: 98 + index / 2 }))
    expect(notesOf(open, [...early, ...perSecond(9, { latency: 1 })])).toEqual([
      expect.stringContaining('which hides nothing'),
    ])
  })

  test('say the same where they are less than 1 % apart, with the longest wait', () => {
    expect(notesOf(open, [...perSecond(9, { late: 0.0024 }), frozen])).toEqual([
      'Latency is the same from the schedule and from sending (p50, p90 and p99), which hides nothing: no request waited longer than 2.4 ms before it was sent.',
    ])
  })

  test('are not compared where nobody waited and no moment was slow', () => {
    expect(notesOf(open, perSecond(9, { late: 0.0024 }))).toEqual([])
  })

  test.each([
    [0.002, []],
    [0.003, [expect.stringMatching(/^Counted from the schedule, .* and hide up to 0\.003 s by which/)]],
  ])('are the same within 2 ms, however short the latency is: %f s', (late, notes) => {
    expect(notesOf(open, perSecond(5, { late, latency: 0.05 }))).toEqual(notes)
  })

  test('differ where most waited, though p99 is the same: a server that froze', () => {
    const froze = [...perSecond(60, { slotWait: 1.6 }), ...perSecond(38), ...perSecond(2, { latency: 2 })]
    expect(notesOf(capped, froze)[0]).toBe(
      'Counted from the schedule, p50 / p90 / p99 of latency are 1.85 s / 1.85 s / 2 s; counted from sending they would read 0.25 s / 0.25 s / 2 s and hide up to 1.6 s of waiting for a slot.',
    )
  })

  test('say nothing of what is hidden where requests were cut off or never sent', () => {
    const cut = failed('aborted', { start: 100, end: 109 }, { scheduledUs: 100_000_000, slotWaitUs: 0 })
    expect(notesOf(capped, [...perSecond(9), cut]).filter(note => note.includes('hides'))).toEqual([])
    const plan = loadPlan(capped, { number: 9 })
    const schedule = { overdueRequests: 4, drawnRatePerSec: 1 }
    const notes = otherNotes(resultOf(plan, perSecond(9), { interrupted: false, schedule }))
    expect(notes).toEqual([
      '4 requests were wanted before the run ended but never sent: figures from the schedule do not know them and are too low.',
    ])
  })

  test('differ by the wait for a slot in a capped loop', () => {
    expect(notesOf(capped, perSecond(5, { slotWait: 2, late: 0.001 }))).toEqual([
      'Counted from the schedule, p50 / p90 / p99 of latency are 2.251 s / 2.251 s / 2.251 s; counted from sending they would read 0.25 s / 0.25 s / 0.25 s and hide up to 2.001 s of waiting for a slot.',
    ])
  })

  test.each([
    ['an open loop', open],
    ['a capped loop whose slots were free', capped],
  ])('differ by our own lateness in %s', (_, load) => {
    expect(notesOf(load, perSecond(5, { late: 0.05 }))).toEqual([
      'Counted from the schedule, p50 / p90 / p99 of latency are 0.3 s / 0.3 s / 0.3 s; counted from sending they would read 0.25 s / 0.25 s / 0.25 s and hide up to 0.05 s by which this machine sent too late.',
      'This machine sent late: p99 of the lateness is 50 ms. It was too busy, or stood still; what it measured meanwhile is its own time, too.',
    ])
  })

  test('are not compared without a schedule or a success', () => {
    expect(notesOf(closed, perSecond(5))).toEqual([])
    expect(notesOf(open, [failed('connect', { start: 0, end: 1 })])).toEqual([])
  })
})

describe('the drawn rate', () => {
  const fourPerSecond = { ...open, pacing: { ...poisson, ratePerSec: 4 } }
  const drawn = (gap: number) => Array.from({ length: 50 }, (_, index) => sent({ wanted: index * gap }))
  const drawnNotes = (gap: number, load: LoadShape = fourPerSecond, plan: Partial<RunPlan> = {}) =>
    notesOf(load, drawn(gap), plan).filter(note => note.includes('drawn schedule'))

  test('is named where chance took it more than 2 % off', () => {
    expect(drawnNotes(0.27)).toEqual([
      "The drawn schedule's rate is 3.7 req/s, requested were 4: chance, about ±14% with 50 arrivals; more requests narrow it.",
    ])
    expect(drawnNotes(0.254)).toEqual([])
  })

  test('of less than one a second keeps the digits that matter', () => {
    expect(drawnNotes(21, { ...open, pacing: { ...poisson, ratePerSec: 0.05 } })).toEqual([
      "The drawn schedule's rate is 0.04762 req/s, requested were 0.05: chance, about ±14% with 50 arrivals; more requests narrow it.",
    ])
  })

  test('is no chance with equal gaps, and is meant to be lower while a load grows', () => {
    expect(drawnNotes(0.27, { ...open, pacing: { ratePerSec: 4, arrival: 'constant' } })).toEqual([])
    expect(drawnNotes(0.27, fourPerSecond, { rampUpMs: 1000 })).toEqual([])
  })
})

describe('the realised rate', () => {
  const lastLate = (last: Partial<Sent>) => [...perSecond(10), sent({ wanted: 110, ...last })]
  const spanNotes = (load: LoadShape, last: Partial<Sent>) =>
    notesOf(load, lastLate(last)).filter(note => note.startsWith('Requests left'))

  test('is held down by the cap of a capped loop, where slots were what requests waited for', () => {
    expect(spanNotes(capped, { slotWait: 2.5 })).toEqual([
      'Requests left over 12.5 s where the schedule took 10 s: the cap of 10 in flight held the rate down to 0.8 req/s.',
    ])
  })
})

test('the schedule of a run with several turns wants conversations, and not requests', () => {
  const first = (wanted: number, given: Partial<Sent> = {}) => ({
    ...sent({ wanted, ...given }),
    conversationId: `c${wanted}`,
    isLastTurn: false,
  })
  const begun = [...Array.from({ length: 49 }, (_, index) => first(index * 0.3)), first(15, { slotWait: 2 })]
  const turns = begun.flatMap(record => [
    record,
    { ...record, turn: 2, isLastTurn: true, scheduledUs: record.endUs, sentUs: record.endUs, slotWaitUs: undefined },
  ])
  const plan = loadPlan({ ...capped, pacing: { ...poisson, ratePerSec: 4 } }, { number: 50 })
  const schedule = { overdueRequests: 2, drawnRatePerSec: 3.3 }
  const notes = otherNotes(resultOf(plan, turns, { interrupted: false, schedule }))
  expect(notes.slice(1)).toEqual([
    '2 conversations were wanted before the run ended but never sent: figures from the schedule do not know them and are too low.',
    expect.stringContaining('Counted from the schedule'),
    "The drawn schedule's rate is 3.3 conv/s, requested were 4: chance, about ±14% with 50 arrivals; more requests narrow it.",
    'Conversations began over 17 s where the schedule took 15 s: the cap of 10 in flight held the rate down to 2.88 conv/s.',
  ])
})

describe('duration and ramp-up', () => {
  const limited = { durationMs: 5000, graceMs: 2500, number: 1000 }
  const cutOff = failed('aborted', { start: 0, end: 9 })

  test('a duration that ends before all requests were sent is named', () => {
    expect(notesOf(closed, perSecond(3), limited)).toEqual([
      '--duration 5 s was over before all 1000 requests were sent: 3 were.',
    ])
    expect(notesOf(closed, perSecond(1), limited)).toEqual([
      '--duration 5 s was over before all 1000 requests were sent: 1 was.',
    ])
    expect(notesOf(closed, perSecond(3), { ...limited, number: undefined })).toEqual([])
    expect(notesOf(closed, perSecond(3), { ...limited, number: 3 })).toEqual([])
  })

  test.each([
    [
      [cutOff],
      '1 request was still under way --grace 2.5 s after --duration and cut off; not a failure, and in no latency or token figure.',
    ],
    [
      [cutOff, cutOff],
      '2 requests were still under way --grace 2.5 s after --duration and cut off; not a failure, and in no latency or token figure.',
    ],
  ])('so are requests that outlasted the grace: %#', (records, note) => {
    expect(notesOf(closed, [...perSecond(3), ...records], { ...limited, number: undefined })).toEqual([note])
  })

  test('a dataset that broke is not taken for a duration that was over', () => {
    expect(notesOf(closed, perSecond(3), { ...limited, datasetFailed: true })).toEqual([
      'The dataset broke: no more than 3 requests could be sent.',
    ])
    expect(notesOf(closed, perSecond(1), { datasetFailed: true })).toEqual([
      'The dataset broke: no more than 1 request could be sent.',
    ])
  })

  test('a run that was interrupted does not blame its duration', () => {
    expect(notesOf(closed, [...perSecond(3), cutOff], { ...limited, interrupted: true })).toEqual([
      'Interrupted: the figures cover the requests that had ended by then.',
      'Only 4 of 1000 requests were sent.',
      '1 request was cut off by us; not a failure, and in no latency or token figure.',
    ])
  })

  test('that cutting off makes figures too low is said where the verdict does not judge it', () => {
    const [, , note] = notesOf(closed, [...perSecond(3), cutOff, cutOff], { ...limited, interrupted: true })
    expect(note).toBe(
      '2 requests were cut off by us; not a failure, and in no latency or token figure. The 3 that had ended are the quickest, and all that the figures know: latencies and TTFT are too low, and throughputs lack what was under way.',
    )
  })

  test('a ramp-up is part of the figures', () => {
    expect(notesOf(closed, perSecond(3), { rampUpMs: 5000 })).toEqual([
      'The run ended within its ramp-up of 5 s, so nothing is steady.',
    ])
    expect(notesOf(closed, perSecond(3), { rampUpMs: 1000 })).toEqual([
      'The first 1 s are ramp-up: part of all figures but the steady ones.',
    ])
  })
})

describe("the load loop's own count of requests in flight", () => {
  /** Always ten in flight. */
  const records = Array.from({ length: 10 }, () => sent({ wanted: 1, latency: 4 }))
  const gaugeNotes = (mean: number) =>
    otherNotes(resultOf(loadPlan(closed, { number: 10 }), records, { interrupted: false, gauge: { mean, max: 10 } }))

  test.each([
    [10.1, []],
    [
      10.11,
      [
        'The load loop counted 10.11 requests in flight on average, the records give 10: working requests off takes this client noticeable time.',
      ],
    ],
    [
      9.5,
      ['The load loop counted 9.5 requests in flight on average, the records give 10: the two should agree within 1%.'],
    ],
  ])('of %d beside 10 in the records', (mean, notes) => {
    expect(gaugeNotes(mean)).toEqual(notes)
  })

  test.each([
    [1.16, 0],
    [1.26, 1],
  ])('of %d beside 1 in the records of answers that last 4 ms: %d notes', (mean, count) => {
    const short = Array.from({ length: 10 }, (_, index) => sent({ wanted: 1 + index * 0.004, latency: 0.004 }))
    const gauge = { mean, max: 2 }
    const { notes } = resultOf(loadPlan(closed, { number: 10 }), short, { interrupted: false, gauge })
    expect(notes.filter(note => note.startsWith('The load loop counted'))).toHaveLength(count)
  })
})

describe('prompts that were not ready in time', () => {
  const noteOf = (promptWaiting: PromptWaiting) =>
    otherNotes(
      resultOf(loadPlan(closed, { number: 3 }), perSecond(3, { latency: 100 }), { interrupted: false, promptWaiting }),
    )

  test.each<[PromptWaiting, readonly string[]]>([
    [{ requests: 0, totalMs: 0, maxMs: 0 }, []],
    // As for lateness, up to 10 ms do not show.
    [{ requests: 2, totalMs: 12, maxMs: 10 }, []],
    [
      { requests: 1, totalMs: 340.4, maxMs: 340.4 },
      ['1 request waited 340 ms for its prompt: the dataset was too slow for this load.'],
    ],
    [
      { requests: 12, totalMs: 2345.6, maxMs: 340.4 },
      ['12 requests waited up to 340 ms for their prompts, 2.346 s in all: the dataset was too slow for this load.'],
    ],
  ])('are told: %j', (waiting, notes) => {
    expect(noteOf(waiting)).toEqual(notes)
  })

  test('are told once, where the verdict has them', () => {
    expect(noteOf({ requests: 2, totalMs: 3001, maxMs: 3000 })).toEqual([])
  })
})
