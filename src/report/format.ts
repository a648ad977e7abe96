import { decimalText } from '../stats/decimal.ts'

/** What prints for a value that does not exist. */
export const absent = '—'

/** The request rate of a load that is not paced, in tables and JSON as in the original. */
export const unpacedRate = -1

/** The concurrency of an open loop, in JSON as in the original. */
export const unlimitedParallel = -1

/** Decimals by kind of figure; trailing zeros are dropped. */
const decimalsOf = {
  count: 0,
  meanCount: 1,
  percent: 1,
  rate: 2,
  ms: 2,
  durationSeconds: 2,
  latencySeconds: 3,
  perIteration: 2,
  ofConversation: 4,
} as const

/** The kinds of figures that tables show. */
export type FigureKind = keyof typeof decimalsOf

/** A figure as tables print it: no exponent, no thousands separator, `—` for what does not exist. */
export const formatFigure = (kind: FigureKind, value: number | undefined): string => {
  if (value === undefined || !Number.isFinite(value)) return absent
  // Of a server that answers within half a millisecond: 0 would read like no time at all.
  const isBrief = kind === 'latencySeconds' && Math.abs(value) < 0.0005
  return decimalText(value, isBrief ? 6 : decimalsOf[kind])
}

/** A figure followed by its unit, `20 s`; without value only `—`. */
export const formatWithUnit = (kind: FigureKind, value: number | undefined, unit: string): string => {
  const text = formatFigure(kind, value)
  return text === absent ? absent : `${text} ${unit}`
}

/** A share of successes, `92.5%`. One failure in 3000 must not read as 100 %, so only a full success does. */
export const formatSuccess = (percent: number | undefined): string => {
  const text = formatFigure('percent', percent)
  if (percent === undefined || text === absent) return absent
  return text === '100' && percent < 100 ? '99.9%' : `${text}%`
}

/** A count with thousands separators and at most one decimal, `5,836.8`. */
export const formatLarge = (value: number | undefined): string => {
  const [whole = '', fraction] = formatFigure('meanCount', value).split('.')
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ',')
  return fraction === undefined ? grouped : `${grouped}.${fraction}`
}

/** Seconds from milliseconds. */
export const toSeconds = (ms: number | undefined): number | undefined => (ms === undefined ? undefined : ms / 1000)

/** Percent from a share of 1. */
export const toPercent = (part: number | undefined): number | undefined => (part === undefined ? undefined : part * 100)
