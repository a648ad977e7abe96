import type { ChartOption } from './draw-svg.ts'
import type { PlacedLines, PlacedPoint } from './load-axis.ts'
import { crosses, hollow, label, labelText, lookOf, rings } from './point-marks.ts'

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

/** Of each line its only point; what has no value is a bar of no height, with its failures above. */
const barsOf = (key: string, { lines }: PlacedLines): readonly ChartOption[] =>
  lines.map(({ name, points }, line) => {
    const { color } = lookOf(line)
    return {
      type: 'bar',
      name,
      barMaxWidth: 56,
      barGap: '40%',
      itemStyle: { color, borderColor: color, borderWidth: 2 },
      label: { ...label, show: lines.length <= mostLabelledBars },
      data: points.map(point => ({
        value: [point.at, point.values[key] ?? 0],
        ...(point.isDoubtful && { itemStyle: hollow(color) }),
        label: { formatter: labelText(point, key, lines.length) },
      })),
    }
  })

const mostLabelledBars = 6

const linesOf = (key: string, { loads, lines }: PlacedLines): readonly ChartOption[] =>
  lines.map(({ name, points }, line) => {
    const { color, symbol, symbolSize, dash } = lookOf(line)
    return {
      type: 'line',
      name,
      symbol,
      symbolSize,
      z: 3,
      itemStyle: { color, borderColor: color, borderWidth: 2 },
      lineStyle: { color, width: 2, type: dash },
      label: { ...label, show: lines.length === 1 },
      data: points.map(point => ({
        value: [point.at, point.values[key] ?? '-'],
        ...(point.isDoubtful && { itemStyle: hollow(color) }),
        label: { formatter: labelText(point, key, loads.length) },
      })),
    }
  })

const failuresOf = (panels: readonly Panel[], key: string, { loads, lines }: PlacedLines): readonly ChartOption[] => {
  const failing = lines.flatMap(({ points }) => points).filter(({ failed }) => failed > 0)
  const hasValue = ({ values }: PlacedPoint): boolean => values[key] !== undefined
  const labelled = lines.length === 1 ? loads.length : Number.POSITIVE_INFINITY
  return [
    rings(hasRings(panels) ? failing.filter(hasValue) : [], key),
    crosses(
      failing.filter(point => !hasValue(point)),
      labelled,
    ),
  ]
}
