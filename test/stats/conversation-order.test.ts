import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { RequestRecord } from '../../src/model/record.ts'
import { Accumulator } from '../../src/stats/accumulator.ts'
import { makeResult } from '../../src/stats/result.ts'
import { columns, recordReader, toRow } from '../../src/store/schema.ts'
import { planOf } from '../report/results.ts'
import { failed, streamed } from './records.ts'

const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined })

const turn = fc.record({
  gapUs: fc.nat(1_000_000),
  runUs: fc.integer({ min: 1, max: 3_000_000 }),
  ttftUs: maybe(fc.nat(900_000)),
  inputTokens: maybe(fc.integer({ min: 1, max: 400 })),
  outputTokens: maybe(fc.nat(60)),
  cachedTokens: maybe(fc.nat(300)),
  isStream: fc.boolean(),
})

/** Turns of one conversation as they follow each other, whole, abandoned or cut off. */
const conversation = (index: number): fc.Arbitrary<readonly RequestRecord[]> =>
  fc
    .record({
      turns: fc.array(turn, { minLength: 1, maxLength: 5 }),
      end: fc.constantFrom('whole', 'whole', 'failed', 'aborted', 'cut' as const),
      reports: fc.boolean(),
    })
    .map(({ turns, end, reports }) => {
      let nowUs = 0
      return turns.map(({ gapUs, runUs, cachedTokens, ...fields }, position): RequestRecord => {
        const isEnd = position + 1 === turns.length
        const sentUs = nowUs + gapUs
        nowUs = sentUs + runUs
        const given = {
          ...fields,
          index,
          conversationId: `bench-${index}`,
          requestId: `${index}-${position}`,
          turn: position + 1,
          isLastTurn: isEnd && end !== 'cut',
          sentUs,
          endUs: nowUs,
          ttfatUs: fields.ttftUs,
          cachedTokens: reports ? cachedTokens : undefined,
        }
        if (!isEnd || end === 'whole' || end === 'cut') return streamed({ start: 0, end: 0 }, given)
        return failed(end === 'failed' ? 'empty' : 'aborted', { start: 0, end: 0 }, given)
      })
    })

const conversations = fc
  .integer({ min: 1, max: 12 })
  .chain(count => fc.tuple(...Array.from({ length: count }, (_, index) => conversation(index))))

/** Deals the turns of all conversations in some order that keeps that of each. */
const interleaved = (given: readonly (readonly RequestRecord[])[], picks: readonly number[]): RequestRecord[] => {
  const rest = given.map(turns => [...turns])
  const dealt: RequestRecord[] = []
  for (let step = 0; rest.some(turns => turns.length > 0); step++) {
    const open = rest.filter(turns => turns.length > 0)
    dealt.push(open[(picks[step % picks.length] as number) % open.length]?.shift() as RequestRecord)
  }
  return dealt
}

const picks = fc.array(fc.nat(100), { minLength: 1, maxLength: 40 })

const fold = (records: readonly RequestRecord[]): Accumulator => {
  const accumulator = new Accumulator()
  for (const record of records) accumulator.write(record)
  return accumulator
}

const figuresOf = (accumulator: Accumulator): unknown => {
  const { summary, conversations, notes } = makeResult(planOf(2, 5), accumulator, { interrupted: false })
  return { summary, conversations, notes }
}

describe('the same figures come of', () => {
  test('any interleaving of the conversations, to the last digit', () => {
    fc.assert(
      fc.property(conversations, picks, (given, order) => {
        expect(figuresOf(fold(interleaved(given, order)))).toEqual(figuresOf(fold(given.flat())))
      }),
      { numRuns: 30 },
    )
  })

  test('turns that come late because their tokens were counted after the run', () => {
    fc.assert(
      fc.property(conversations, given => {
        const records = given.flat()
        const late = records.filter(record => record.turn % 2 === 0)
        const early = records.filter(record => record.turn % 2 === 1)
        expect(figuresOf(fold([...early, ...late]))).toEqual(figuresOf(fold(records)))
      }),
      { numRuns: 20 },
    )
  })

  test('parts of a run, merged in any order, which merging leaves as they were', () => {
    const parted = conversations.chain(given =>
      fc.record({
        given: fc.constant(given),
        part: fc.array(fc.nat(2), { minLength: given.length, maxLength: given.length }),
        mergeOrder: fc.shuffledSubarray([0, 1, 2], { minLength: 3 }),
      }),
    )
    fc.assert(
      fc.property(parted, picks, ({ given, part, mergeOrder }, order) => {
        const parts = mergeOrder.map(shard =>
          fold(
            interleaved(
              given.filter((_, index) => part[index] === shard),
              order,
            ),
          ),
        )
        const before = parts.map(figuresOf)
        const merged = new Accumulator()
        for (const shard of parts) merged.merge(shard)
        expect(figuresOf(merged)).toEqual(figuresOf(fold(given.flat())))
        expect(parts.map(figuresOf)).toEqual(before)
      }),
      { numRuns: 20 },
    )
  })

  test('the rows of the database', () => {
    const readRecord = recordReader(columns, 'measured')
    const stored = (record: RequestRecord): RequestRecord => readRecord(toRow(record))
    fc.assert(
      fc.property(conversations, picks, (given, order) => {
        const records = interleaved(given, order)
        expect(figuresOf(fold(records.map(stored)))).toEqual(figuresOf(fold(records)))
      }),
      { numRuns: 30 },
    )
  })
})
