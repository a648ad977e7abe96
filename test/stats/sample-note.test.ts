import { expect, test } from 'vitest'
import type { RequestRecord } from '../../src/model/record.ts'
import type { RunPlan } from '../../src/model/run-plan.ts'
import { planOf, resultOf } from '../report/results.ts'
import { conversationOf, failed, streamed } from './records.ts'

const noteOf = (
  records: readonly RequestRecord[],
  { levels, ...plan }: Partial<RunPlan> & { readonly levels?: readonly number[] } = {},
): string | undefined =>
  resultOf({ ...planOf(2, records.length), ...plan }, records, { levels, interrupted: false }).notes.find(note =>
    note.includes('samples'),
  )

const good = (count: number): RequestRecord[] =>
  Array.from({ length: count }, (_, index) => streamed({ start: index, end: index + 1, ttft: 0.3, gaps: [0.1] }))

const bad = (count: number): RequestRecord[] =>
  Array.from({ length: count }, (_, index) => failed('connect', { start: index, end: index + 1 }))

const suggesting = (what: string): string => `Percentiles marked * rest on too few samples; ${what}.`

test.each<[string, string | undefined, RequestRecord[], Parameters<typeof noteOf>[1]]>([
  ['all requests succeeded', suggesting('--number 662 would carry p99'), good(100), {}],
  ['enough did', undefined, good(662), {}],
  ['one is missing', suggesting('--number 662 would carry p99'), good(661), {}],
  [
    'half of them failed',
    suggesting('--number 1324, at this rate of failures, would carry p99'),
    [...good(50), ...bad(50)],
    {},
  ],
  [
    'a higher percentile is asked for',
    suggesting('--number 6636 would carry p99.9'),
    good(700),
    { levels: [50, 99.9] },
  ],
  // The report over all runs quotes it in any case.
  ['only the median is asked for', suggesting('--number 662 would carry p99'), good(20), { levels: [50] }],
  [
    'a duration ends the run',
    suggesting('--duration 662 would carry p99'),
    good(20),
    { number: undefined, durationMs: 20_000 },
  ],
  [
    'a trace has no more records',
    'Percentiles marked * rest on too few samples.',
    good(20),
    { load: { kind: 'trace' } },
  ],
  ['nothing succeeded, and no percentile is shown', undefined, bad(5), {}],
])('%s: %s', (_, note, records, plan) => {
  expect(noteOf(records, plan)).toBe(note)
})

test('where conversations have several turns, the number is one of conversations', () => {
  const turns = [
    { start: 0, end: 1 },
    { start: 1, end: 2 },
  ]
  const records = Array.from({ length: 400 }, (_, index) => conversationOf(`${index}`, turns)).flat()
  expect(noteOf(records.slice(0, 200), { number: 100 })).toBe(suggesting('--number 662 would carry p99'))
  // Its 800 requests carry theirs; those of conversations are marked all the same, and say what they need.
  expect(noteOf(records, { number: 400 })).toBeUndefined()
})
