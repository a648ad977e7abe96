import { describe, expect, test } from 'vitest'
import { floorAt, floorNote, type KnownFloor } from '../../src/stats/floor-note.ts'

const known = (...rungs: readonly (readonly [streams: number, ttftMs: number, itlMs: number])[]): KnownFloor => ({
  date: '2026-11-22',
  rungs: rungs.map(([streams, ttftMs, itlMs]) => ({
    streams,
    addedTtftMs: { p50: ttftMs },
    addedItlMs: { p50: itlMs },
  })),
})

// Own beats, then all at once.
const floor = known([1, 0.2, 0.01], [10, 0.3, 0.02], [50, 0.4, 0.05], [500, 0.9, 0.4], [10, 0.35, 0.1], [50, 0.6, 0.2])

describe('the floor', () => {
  test.each([
    // streams, TTFT, ITL
    [1, { ttftMs: 0.2, itlMs: 0.01 }],
    [2, { ttftMs: 0.35, itlMs: 0.1 }], // the next load that was measured, the worse of two
    [50, { ttftMs: 0.6, itlMs: 0.2 }],
    [51, { ttftMs: 0.9, itlMs: 0.4 }],
    [501, undefined], // nobody knows
  ])('at %i streams', (streams, expected) => {
    expect(floorAt(floor, streams)).toEqual(expected)
  })

  test('does not sink with more streams', () => {
    expect(floorAt(known([10, 0.8, 0.3], [50, 0.5, 0.2]), 50)).toEqual({ ttftMs: 0.8, itlMs: 0.3 })
  })
})

describe('the note', () => {
  test('is silent where the floor is less than 5 % of what was measured', () => {
    expect(floorNote(floor, { streams: 50, ttftMs: 31, itlMs: 8 })).toBeUndefined()
  })

  test('names the figure that is near, the load and the day', () => {
    expect(floorNote(floor, { streams: 50, ttftMs: 11.5, itlMs: 8 })).toBe(
      "TTFT p50 11.5 ms, of which up to 0.6 ms may be this client's, at 50 streams (doctor, 2026-11-22).",
    )
    expect(floorNote(floor, { streams: 1, ttftMs: 3.9, itlMs: 0.1 })).toBe(
      "TTFT p50 3.9 ms, of which up to 0.2 ms may be this client's; ITL p50 0.1 ms, by which its gaps may be 0.01 ms off through this client, at 1 stream (doctor, 2026-11-22).",
    )
  })

  test('is silent without figures, and beyond what was examined', () => {
    expect(floorNote(floor, { streams: 50, ttftMs: undefined, itlMs: undefined })).toBeUndefined()
    expect(floorNote(floor, { streams: 1000, ttftMs: 1, itlMs: 1 })).toBeUndefined()
    expect(floorNote(known(), { streams: 1, ttftMs: 1, itlMs: 1 })).toBeUndefined()
    expect(floorNote(floor, { streams: 1, ttftMs: 0, itlMs: 0.004 })).toBeUndefined()
  })
})
