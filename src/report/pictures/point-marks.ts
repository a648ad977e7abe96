import { decimalText } from '../../stats/decimal.ts'
import type { ChartOption } from './draw-svg.ts'
import type { PlacedPoint } from './load-axis.ts'

interface LineLook {
  readonly color: string
  readonly symbol: string
  readonly symbolSize: number
  readonly dash: 'solid' | readonly number[]
}

/**
 * How the nth line looks: colours that colour-blind readers tell apart; in grey print shapes and dashes do. Colours that
 * come again have other shapes, so that 36 lines can be told apart.
 */
export const lookOf = (line: number): LineLook => {
  const color = colors[line % colors.length] as string
  const shape = shapes[(line + Math.floor(line / colors.length)) % shapes.length] as Omit<LineLook, 'color'>
  return { color, ...shape }
}

const colors = ['#0072B2', '#E69F00', '#009E73', '#CC79A7', '#56B4E9', '#333333']

const shapes: readonly Omit<LineLook, 'color'>[] = [
  { symbol: 'circle', symbolSize: 9, dash: 'solid' },
  { symbol: 'rect', symbolSize: 8, dash: [8, 4] },
  { symbol: 'triangle', symbolSize: 11, dash: [2, 3] },
  { symbol: 'diamond', symbolSize: 12, dash: [8, 3, 2, 3] },
  { symbol: 'path://M0,0L10,0L5,9Z', symbolSize: 11, dash: [12, 4] },
  { symbol: 'path://M3,0L9,0L12,5L9,10L3,10L0,5Z', symbolSize: 11, dash: [3, 3] },
]

/** A point of a run whose verdict is not VALID. */
export const hollow = (color: string): ChartOption => ({
  color: '#fff',
  borderColor: color,
  borderWidth: 2,
  opacity: 1,
})

const failureColor = '#C4420A'
const cross = 'path://M0,1L1,0L4,3L7,0L8,1L5,4L8,7L7,8L4,5L1,8L0,7L3,4Z'
/** Of half circles: the library rounds coordinates, and an arc back to its start would be none. */
const ringAndDot =
  'path://M8,0A8,8,0,0,1,8,16A8,8,0,0,1,8,0ZM8,2.2A5.8,5.8,0,0,0,8,13.8A5.8,5.8,0,0,0,8,2.2ZM8,4.6A3.4,3.4,0,0,1,8,11.4A3.4,3.4,0,0,1,8,4.6Z'

/** What the marks of points mean: entries of a legend, under the names of their series. */
export const pointMarks = {
  doubtful: { name: 'verdict not VALID' },
  failures: {
    name: 'requests failed',
    icon: ringAndDot,
    itemStyle: { color: failureColor, borderWidth: 0, opacity: 1 },
  },
  nothing: { name: 'requests failed, no figure' },
} as const

/** For the legend alone: the points themselves belong to their lines. */
export const doubtfulSeries: ChartOption = {
  type: 'scatter',
  name: pointMarks.doubtful.name,
  symbol: 'circle',
  symbolSize: 9,
  itemStyle: hollow('#333'),
  data: [],
}

/** Around points of runs with failures. */
export const rings = (points: readonly PlacedPoint[], key: string): ChartOption => ({
  type: 'scatter',
  name: pointMarks.failures.name,
  symbol: 'circle',
  symbolSize: 19,
  z: 4,
  itemStyle: { color: 'transparent', borderColor: failureColor, borderWidth: 2, opacity: 1 },
  data: points.map(({ at, values }) => [at, values[key]]),
})

/** For runs without a value: on the axis, where no line leads. */
export const crosses = (points: readonly PlacedPoint[], roomPx: number): ChartOption => ({
  type: 'scatter',
  name: pointMarks.nothing.name,
  symbol: cross,
  symbolSize: 12,
  z: 4,
  itemStyle: { color: failureColor, opacity: 1 },
  data: points.map(point => ({ value: [point.at, 0], label: { formatter: failuresText(point, roomPx) } })),
})

/** How labels above these points look: upright where numbers have no room beside each other. */
export const labelAbove = (points: readonly PlacedPoint[], roomPx: number): ChartOption => {
  const isUpright = points.some(({ failed }) => failed > 0 && !hasRoom(`${failed}`, roomPx))
  return isUpright ? { ...label, rotate: 90, align: 'left', verticalAlign: 'middle', distance: 13 } : label
}

/** With a margin, as lines run through it. */
const label = {
  show: true,
  position: 'top',
  distance: 7,
  fontSize: 11,
  color: '#333',
  lineHeight: 14,
  textBorderColor: '#fff',
  textBorderWidth: 3,
  rich: { failures: { color: failureColor, fontSize: 11, textBorderColor: '#fff', textBorderWidth: 3 } },
}

/** What stands above a point with so much room: failures, and below them the value. */
export const labelText = (point: PlacedPoint, key: string, roomPx: number): string =>
  [failuresText(point, roomPx), valueText(point, key, roomPx)].filter(text => text !== '').join('\n')

const failuresText = ({ failed }: PlacedPoint, roomPx: number): string => {
  if (failed === 0) return ''
  const words = `${failed} failed`
  return `{failures|${hasRoom(words, roomPx) ? words : failed}}`
}

const hasRoom = (text: string, roomPx: number): boolean => text.length * 6.2 <= roomPx

/** All of them or none: enough for four digits. */
const valueText = ({ values, tooFewSamples = [] }: PlacedPoint, key: string, roomPx: number): string => {
  const value = values[key]
  return value === undefined || roomPx < 34 ? '' : shortText(value) + (tooFewSamples.includes(key) ? '*' : '')
}

/** Three digits, or all of a whole part that has more. */
const shortText = (value: number): string =>
  decimalText(value, value === 0 ? 0 : Math.min(6, Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))))))
