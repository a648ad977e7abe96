import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type LoadPoint, placeLines } from '../../../src/report/pictures/load-axis.ts'

const pointAt = (load: number | undefined, loadText?: string): LoadPoint => ({
  load,
  ...(loadText !== undefined && { loadText }),
  values: {},
  failed: 0,
  isDoubtful: false,
})

test.each([
  [
    'the loads of all lines, in their order',
    [
      [1, 100, 10],
      [10, 50],
    ],
    ['1', '10', '50', '100'],
  ],
  [
    'a load again, beside the first',
    [
      [8, 4, 8],
      [8, 16],
    ],
    ['4', '8', '8 (2)', '16'],
  ],
  ['no limit at the end', [[undefined, 1]], ['1', 'no limit']],
  ['no load', [[]], []],
] as const)('%s', (_, lines, expected) => {
  const { loads } = placeLines(
    lines.map((line: readonly (number | undefined)[]) => ({ name: 'x', points: line.map(load => pointAt(load)) })),
  )
  expect(loads).toEqual(expected)
})

test('points of several lines with one text share a place, whatever is in it', () => {
  const { loads, lines } = placeLines([
    { name: 'a', points: [pointAt(8, '8 / 5'), pointAt(8, '8 / 9')] },
    { name: 'b\u0007', points: [pointAt(8, '8 / 9')] },
  ])
  expect(loads).toEqual(['8 / 5', '8 / 9'])
  expect(lines.map(({ name, points }) => [name, points.map(({ at }) => at)])).toEqual([
    ['a', [0, 1]],
    ['b', [1]],
  ])
})

test('every point stands at its own load, no two of a line at the same place', () => {
  const load = fc.option(fc.integer({ min: 1, max: 6 }), { nil: undefined })
  fc.assert(
    fc.property(fc.array(fc.array(load), { maxLength: 3 }), all => {
      const placed = placeLines(all.map((line, at) => ({ name: `${at}`, points: line.map(one => pointAt(one)) })))
      const numbers = placed.loads.map(text => (text.startsWith('no') ? 1e9 : Number.parseInt(text, 10)))
      expect(numbers).toEqual(numbers.toSorted((a, b) => a - b))
      for (const [line, { points }] of placed.lines.entries()) {
        expect(points).toHaveLength(all[line]?.length ?? -1)
        expect(new Set(points.map(({ at }) => at)).size).toBe(points.length)
        for (const point of points) expect(numbers[point.at]).toBe(point.load ?? 1e9)
      }
    }),
  )
})
