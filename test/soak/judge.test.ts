import { describe, expect, test } from 'vitest'
import { judge, type Sample, slopePerMinute } from './judge.mjs'

/** Ten minutes, a sample every five seconds. */
const samplesOf = (valueAt: (minute: number, index: number) => number | undefined): readonly Sample[] =>
  Array.from({ length: 120 }, (_, index) => ({ minute: index / 12, mb: valueAt(index / 12, index) }))

const figure = { key: 'mb', label: 'RSS', unit: 'MB', most: 1, hasTeeth: true }
/** What a collector leaves behind each time, and what it finds. */
const teeth = (index: number): number => (index * 7) % 23

describe('a soak', () => {
  test('tells the slope per minute', () => {
    expect(slopePerMinute([0, 1, 2, 3], [5, 7, 9, 11])).toBeCloseTo(2)
    expect(slopePerMinute([0, 1], [5, 7])).toBeUndefined()
  })

  test('finds what grows below the teeth of a collector', () => {
    const { slope, isFlat } = judge(
      samplesOf((minute, index) => 100 + 2 * minute + teeth(index)),
      figure,
    )
    expect(slope).toBeGreaterThan(1.5)
    expect(isFlat).toBe(false)
  })

  test('takes teeth alone for flat', () => {
    const { first, slope, isFlat } = judge(
      samplesOf((_, index) => 100 + teeth(index)),
      figure,
    )
    expect(Math.abs(slope as number)).toBeLessThan(0.5)
    expect(first).toBeGreaterThan(100)
    expect(isFlat).toBe(true)
  })

  test('does not mind how it begins, nor what shrinks', () => {
    expect(
      judge(
        samplesOf(minute => (minute < 4 ? 20 * minute : 80 - minute)),
        figure,
      ),
    ).toMatchObject({ isFlat: true })
  })

  test('says nothing of what was not seen', () => {
    expect(
      judge(
        samplesOf(() => undefined),
        figure,
      ),
    ).toMatchObject({ slope: undefined, first: undefined, isFlat: true })
  })
})
