import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  type FigureKind,
  formatFigure,
  formatLarge,
  formatSuccess,
  formatWithUnit,
  toPercent,
} from '../../src/report/format.ts'
import { decimalText, roundHalfUp } from '../../src/stats/decimal.ts'

test.each<[FigureKind, number | undefined, string]>([
  ['latencySeconds', 38.312345, '38.312'],
  ['latencySeconds', 0.0005, '0.001'],
  ['latencySeconds', 0.0004, '0.0004'],
  ['latencySeconds', 0.000049, '0.000049'],
  ['latencySeconds', 0, '0'],
  ['ms', 2.675, '2.68'],
  ['ms', 1.005, '1.01'],
  ['ms', 99.999, '100'],
  ['ms', 5, '5'],
  ['ms', 0.1, '0.1'],
  ['ms', 0.005, '0.01'],
  ['ms', 1234567.891, '1234567.89'],
  ['count', 0.5, '1'],
  ['count', 2.5, '3'],
  ['count', 100, '100'],
  ['count', 1200, '1200'],
  ['meanCount', 0.05, '0.1'],
  ['meanCount', 1083.25, '1083.3'],
  ['rate', -1, '-1'],
  ['rate', 1e-7, '0'],
  ['rate', -1e-7, '0'],
  ['percent', toPercent(0.5616), '56.2'],
  ['ms', undefined, '—'],
  ['ms', Number.NaN, '—'],
  ['ms', Number.POSITIVE_INFINITY, '—'],
])('K06: %s of %d prints %s', (kind, value, text) => {
  expect(formatFigure(kind, value)).toBe(text)
})

test.each([
  [-2.675, 2, '-2.67'],
  [-1.5, 0, '-1'],
  [-0.4, 0, '0'],
  [1.5e-7, 7, '0.0000002'],
])('%d to %i decimals prints %s: halves go up, also below zero', (value, decimals, text) => {
  expect(decimalText(value, decimals)).toBe(text)
})

test.each([
  [92.5, '92.5%'],
  [100, '100%'],
  [(100 * 2999) / 3000, '99.9%'],
  [0, '0%'],
  [undefined, '—'],
])('a success rate of %d prints %s', (percent, text) => {
  expect(formatSuccess(percent)).toBe(text)
})

test('units follow a value and nothing follows an absent one', () => {
  expect(formatWithUnit('durationSeconds', 20, 's')).toBe('20 s')
  expect(formatWithUnit('rate', undefined, 'tok/s')).toBe('—')
})

test.each([
  [5836.8, '5,836.8'],
  [999, '999'],
  [1234567, '1,234,567'],
  [undefined, '—'],
])('%d with thousands separators is %s', (value, text) => {
  expect(formatLarge(value)).toBe(text)
})

/** Rounds the printed digits by long-hand arithmetic on integers. */
const byHand = (value: number, decimals: number): string => {
  const [, sign = '', whole = '', fraction = ''] = /^(-?)(\d+)\.?(\d*)$/.exec(String(value)) ?? []
  const padded = fraction.padEnd(decimals + 1, '0')
  const kept = BigInt(whole + padded.slice(0, decimals))
  const rest = padded.slice(decimals)
  const isHalf = /^50*$/.test(rest)
  const isUp = isHalf ? sign === '' : rest >= '5'
  const digits = String(kept + (isUp ? 1n : 0n)).padStart(decimals + 1, '0')
  const text = decimals === 0 ? digits : `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`
  const trimmed = text.includes('.') ? text.replace(/0+$/, '').replace(/\.$/, '') : text
  return trimmed === '0' ? '0' : sign + trimmed
}

describe('against long-hand rounding', () => {
  const plain = (value: number): boolean => !String(value).includes('e')

  test('any number prints the same', () => {
    fc.assert(
      fc.property(fc.double({ min: -1e7, max: 1e7, noNaN: true }).filter(plain), fc.nat(4), (value, decimals) => {
        expect(decimalText(value, decimals)).toBe(byHand(value, decimals))
      }),
    )
  })

  test('numbers at a half print the same', () => {
    fc.assert(
      fc.property(fc.integer({ min: -1e9, max: 1e9 }), fc.nat(4), (whole, decimals) => {
        const value = Number(`${whole}5e-${decimals + 1}`)
        fc.pre(plain(value))
        expect(decimalText(value, decimals)).toBe(byHand(value, decimals))
        expect(roundHalfUp(value, decimals)).toBe(Number(byHand(value, decimals)))
      }),
    )
  })
})
