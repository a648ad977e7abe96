import { expect, test } from 'vitest'
import { lookOf } from '../../../src/report/pictures/point-marks.ts'

test('36 lines look different, neighbours in colour and in shape', () => {
  const looks = Array.from({ length: 36 }, (_, line) => lookOf(line))
  expect(new Set(looks.map(({ color, symbol }) => `${color} ${symbol}`)).size).toBe(36)
  for (const [line, { color, symbol }] of looks.slice(0, -1).entries()) {
    const next = lookOf(line + 1)
    expect([line, next.color === color, next.symbol === symbol]).toEqual([line, false, false])
  }
})
