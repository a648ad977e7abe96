import type { ChartOption } from './draw-svg.ts'
import type { PlacedLines, PlacedPoint } from './load-axis.ts'
import { plotPx } from './panel-size.ts'
import { crosses, hollow, labelAbove, labelText, lookOf, rings } from './point-marks.ts'

/** One small chart of a picture. */
export interface Panel {
  readonly key: string
  /** With the unit of its values. */
  readonly title: string
}

/** The panel of failures itself. */
export const failuresKey = 'failed'

/** Whether points with failures have rings: not where a panel shows their number. */
export const hasRings = (panels: readonly Panel[]): boolean => panels.every(({ key }) => key !== failuresKey)

/** Whether there is nothing to join by lines. */
export const hasBars = ({ loads }: PlacedLines): boolean => loads.length === 1

/** The series of the panel at this place of a picture. */
export const panelSeries = (panels: readonly Panel[], at: number, placed: PlacedLines): readonly ChartOption[] => {
  const { key } = panels[at] as Panel
  const series = hasBars(placed) ? barsOf(key, placed) : [...linesOf(key, placed), ...failuresOf(panels, key, placed)]
  return series.map(one => ({ ...one, xAxisIndex: at, yAxisIndex: at, clip: false, silent: true }))
}

/** Of each line its only point, with room between them; what has no value is a bar of no height, its failures above it. */
const barsOf = (key: string, { lines }: PlacedLines): readonly ChartOption[] =>
  lines.map(({ name, points }, line) => {
    const { color } = lookOf(line)
    const roomPx = (0.8 * plotPx.width) / lines.length
    return {
      type: 'bar',
      name,
      barMaxWidth: 56,
      barGap: '60%',
      itemStyle: { color, borderColor: color, borderWidth: 2 },
      label: labelAbove(points, roomPx),
      data: itemsOf(points, { key, color, roomPx, otherwise: 0 }),
    }
  })

const linesOf = (key: string, { loads, lines }: PlacedLines): readonly ChartOption[] =>
  lines.map(({ name, points }, line) => {
    const { color, symbol, symbolSize, dash } = lookOf(line)
    const roomPx = plotPx.width / loads.length
    return {
      type: 'line',
      name,
      symbol,
      symbolSize,
      z: 3,
      itemStyle: { color, borderColor: color, borderWidth: 2 },
      lineStyle: { color, width: 2, type: dash },
      label: { ...labelAbove(points, roomPx), show: lines.length === 1 },
      data: itemsOf(points, { key, color, roomPx, otherwise: '-' }),
    }
  })

interface ItemLook {
  readonly key: string
  readonly color: string
  readonly roomPx: number
  /** In place of a value that is not there; a line ends at `-`. */
  readonly otherwise: 0 | '-'
}

const itemsOf = (points: readonly PlacedPoint[], { key, color, roomPx, otherwise }: ItemLook): readonly ChartOption[] =>
  points.map(point => {
    // The value of the panel of failures says it all.
    const labelled = key === failuresKey ? { ...point, failed: 0 } : point
    return {
      value: [point.at, point.values[key] ?? otherwise],
      ...(point.isDoubtful && { itemStyle: hollow(color) }),
      label: { formatter: labelText(labelled, key, roomPx) },
    }
  })

const failuresOf = (panels: readonly Panel[], key: string, { loads, lines }: PlacedLines): readonly ChartOption[] => {
  const failing = lines.flatMap(({ points }) => points).filter(({ failed }) => failed > 0)
  const hasValue = ({ values }: PlacedPoint): boolean => values[key] !== undefined
  const without = failing.filter(point => !hasValue(point))
  const roomPx = plotPx.width / loads.length
  return [
    rings(hasRings(panels) ? failing.filter(hasValue) : [], key),
    { ...crosses(without, roomPx), label: { ...labelAbove(without, roomPx), show: lines.length === 1 } },
  ]
}
