import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { MeasuredRung } from '../../src/model/machine-floor.ts'
import { type ComparedStream, hasHeld, isDistorted, rungOf } from '../../src/stats/rung-figures.ts'

/** A stream of ITL 20 ms that was sent 50 ms before its first write; each chunk is seen late by its entry. */
const stream = (
  firstMs: number,
  lateMs: readonly number[],
  { serverLateMs = 0, requestMs = 0 } = {},
): ComparedStream => {
  const scheduledMs = lateMs.map((_, i) => firstMs + 20 * i)
  const writtenMs = scheduledMs.map(ms => ms + serverLateMs)
  const sentMs = firstMs - 50
  const arrivalsMs = writtenMs.map((ms, i) => ms + (lateMs[i] as number))
  return { sentMs, arrivalsMs, receivedMs: sentMs + requestMs, scheduledMs, writtenMs }
}

const rung = (compared: readonly ComparedStream[], change: { fromMs?: number; toMs?: number } = {}) =>
  rungOf({ streams: 10, fromMs: 0, toMs: 1000, chunks: 500, cpuCores: 0.25, ...change, compared })

const measured = (...given: Parameters<typeof rung>): MeasuredRung => {
  const found = rung(...given)
  if (found.kind !== 'measured') throw new Error(`it is ${found.kind}`)
  return found
}

describe('what the client added', () => {
  test('to TTFT is the way of the request to the server and that of the first chunk from it', () => {
    const { addedTtftMs, ttftMs, serverTtftMs } = measured([stream(100, [0.5, 9, 9], { requestMs: 0.25 })])
    expect(addedTtftMs).toEqual({ p50: 0.75, p99: 0.75, count: 1 })
    expect(ttftMs).toBe(50.5)
    expect(serverTtftMs).toBe(49.75)
  })

  test('to a gap is how far it is off, in either direction', () => {
    const { addedItlMs, itlMs } = measured([stream(100, [0, 3, 1])])
    expect(addedItlMs.p50).toBeCloseTo(2.5)
    expect(addedItlMs.count).toBe(2)
    expect(itlMs).toBeCloseTo(20.5)
  })

  test('has nothing to do with how late the server is, nor with when the load ran', () => {
    const lates = fc.array(fc.array(fc.integer({ min: 0, max: 40 }), { minLength: 2, maxLength: 5 }), { minLength: 1 })
    fc.assert(
      fc.property(
        lates,
        fc.constantFrom(0, 0.5, 1.5),
        fc.integer({ min: 0, max: 1e6 }),
        (all, serverLateMs, offsetMs) => {
          const atZero = measured(all.map(late => stream(100, late)))
          const later = measured(
            all.map(late => stream(100 + offsetMs, late, { serverLateMs })),
            { fromMs: offsetMs, toMs: offsetMs + 1000 },
          )
          expect(later.addedItlMs.p50).toBeCloseTo(atZero.addedItlMs.p50, 6)
          expect(later.addedTtftMs.p99).toBeCloseTo(atZero.addedTtftMs.p99, 6)
        },
      ),
    )
  })

  test('counts only where all streams were there', () => {
    const early = stream(-50, [8, 8, 8, 8, 0])
    const { addedTtftMs, addedItlMs } = measured([early, stream(100, [0, 0])])
    expect(addedTtftMs).toEqual({ p50: 0, p99: 0, count: 1 })
    // Its writes at 10 and 30, and those at 100 and 120.
    expect(addedItlMs.count).toBe(2)
  })

  test('chunks a second are those of the window', () => {
    expect(measured([stream(100, [0, 0])], { toMs: 2000 }).chunksPerSec).toBe(250)
  })
})

test('where the server is more than 2 ms late there is no figure of the client', () => {
  expect(rung([stream(100, [0, 0, 0], { serverLateMs: 2.5 })])).toEqual({
    kind: 'server-limited',
    streams: 10,
    serverLatenessMs: { p50: 2.5, p99: 2.5, count: 3 },
  })
  expect(rung([stream(100, [0, 0, 0], { serverLateMs: 1.9 })]).kind).toBe('measured')
})

/** Chunks in one stream, the last few of which the server wrote 20 ms late. */
const lastLate = (count: number, late: number): ComparedStream => {
  const { writtenMs, arrivalsMs, ...one } = stream(100, Array<number>(count).fill(0))
  const later = (ms: number, i: number): number => (i < count - late ? ms : ms + 20)
  return { ...one, writtenMs: writtenMs.map(later), arrivalsMs: arrivalsMs.map(later) }
}

test.each([
  // writes, late ones, kind
  [80, 1, 'measured'], // the p99 of so few is all but their max
  [80, 16, 'server-limited'],
  [661, 30, 'measured'],
  [661, 40, 'server-limited'], // beyond p95
  [662, 3, 'measured'],
  [662, 9, 'server-limited'], // beyond p99
] as const)('of %i writes %i late ones make it %s', (count, late, kind) => {
  expect(rung([lastLate(count, late)], { toMs: 20_000 }).kind).toBe(kind)
})

test('without a stream in the window it has failed', () => {
  expect(rung([stream(5000, [0, 0])]).kind).toBe('failed')
})

describe('a load is distorted', () => {
  const steady = Array.from({ length: 20 }, () => 0)

  test.each([
    // late by (ms)                                            is it?
    ['2 ms of a TTFT of 52 ms', [stream(100, [2, 2, 2])], false],
    ['4 ms of a TTFT of 54 ms', [stream(100, [4, 4, 4])], true],
    ['0.8 ms of an ITL of 20 ms', [stream(100, [0, 0.8, 0, 0.8])], false],
    ['1.2 ms of an ITL of 20 ms', [stream(100, [0, 1.2, 0, 1.2])], true],
    ['one gap in 19 by 15 ms: too few samples to tell a p99', [stream(100, [...steady.slice(1), 15])], false],
    ['one gap in 19 by 15 ms, 40 times', Array.from({ length: 40 }, () => stream(100, [...steady.slice(1), 15])), true],
  ])('by %s', (_, compared, expected) => {
    expect(isDistorted(rung(compared))).toBe(expected)
    expect(hasHeld(rung(compared))).toBe(!expected)
  })

  test('by a server that was the limit: not, but it has not held either', () => {
    const limited = rung([stream(100, [0, 0, 0], { serverLateMs: 3 })])
    expect([isDistorted(limited), hasHeld(limited)]).toEqual([false, false])
  })
})
