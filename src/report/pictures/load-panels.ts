import { plainText } from '../text.ts'
import { type ChartOption, type PictureSize, textWidthPx } from './draw-svg.ts'
import { type LoadLine, type PlacedLines, placeLines } from './load-axis.ts'
import { failuresKey, hasBars, hasRings, type Panel, panelSeries } from './panel-series.ts'
import { aroundPx, cellPx, plotPx } from './panel-size.ts'
import { doubtfulSeries, pointMarks } from './point-marks.ts'

/** Small charts over the same loads, of one benchmark or several. */
export interface LoadPicture {
  readonly title: string
  readonly subtitle: string
  /** What the axis of all panels counts. */
  readonly loadName: string
  readonly panels: readonly Panel[]
  /** With a legend of their names where there are several. */
  readonly lines: readonly LoadLine[]
}

const edgePx = 24
const headPx = 74
const legendPx = { row: 14, gap: 22, below: 12 }
const widestNamePx = 420
const footPx = 24

const ink = '#222'
const paleInk = '#666'
const lineInk = '#bbb'
const gridInk = '#eaeaea'

/** Charts in a row: four make a square. */
const columnsOf = ({ panels }: LoadPicture): number => (panels.length === 4 ? 2 : Math.min(3, panels.length))

/** How large the picture is to be drawn. */
export const loadPanelsSize = (picture: LoadPicture): PictureSize => {
  const columns = columnsOf(picture)
  return {
    widthPx: 2 * edgePx + columns * cellPx.width,
    heightPx: headPxOf(picture) + Math.ceil(picture.panels.length / columns) * cellPx.height + footPx,
  }
}

/** The picture in the words of the chart library; to be drawn in its own size. */
export const loadPanels = (picture: LoadPicture): ChartOption => {
  const { panels, lines } = picture
  const { widthPx } = loadPanelsSize(picture)
  const placed = placeLines(lines)
  const corners = panels.map((_, at) => cornerOf(at, picture))
  return {
    title: [
      headline(picture, widthPx - 2 * edgePx),
      ...panels.map(({ title }, at) => panelTitle(title, corners[at] as Corner)),
      ...footnote(lines),
    ],
    legend: {
      data: legendOf(picture),
      top: 70,
      left: edgePx - 5,
      width: widthPx - 2 * edgePx,
      itemGap: legendPx.gap,
      itemWidth: lines.length > 1 ? 30 : 14,
      itemHeight: legendPx.row,
      textStyle: { color: ink, fontSize: 12, width: widestNamePx, overflow: 'truncate' },
    },
    grid: corners.map(({ left, top }) => ({
      left: left + aroundPx.left,
      top: top + aroundPx.top,
      ...plotPx,
    })),
    xAxis: panels.map((_, gridIndex) => loadAxis(gridIndex, placed, picture.loadName)),
    yAxis: panels.map(({ key }, gridIndex) => valueAxis(gridIndex, key, placed)),
    series: [...panels.flatMap((_, at) => panelSeries(panels, at, placed)), doubtfulSeries],
  }
}

const headPxOf = (picture: LoadPicture): number => {
  const widthPx = columnsOf(picture) * cellPx.width
  const entriesPx = legendOf(picture).map(({ name }) => 60 + Math.min(widestNamePx, textWidthPx(name, 12)))
  let [rows, usedPx] = [entriesPx.length > 0 ? 1 : 0, 0]
  for (const entryPx of entriesPx) {
    if (usedPx > 0 && usedPx + entryPx > widthPx) [rows, usedPx] = [rows + 1, 0]
    usedPx += entryPx
  }
  return headPx + (rows === 0 ? 0 : rows * legendPx.row + (rows - 1) * legendPx.gap + legendPx.below)
}

interface Corner {
  readonly left: number
  readonly top: number
}

const cornerOf = (at: number, picture: LoadPicture): Corner => ({
  left: edgePx + (at % columnsOf(picture)) * cellPx.width,
  top: headPxOf(picture) + Math.floor(at / columnsOf(picture)) * cellPx.height,
})

const headline = ({ title, subtitle }: LoadPicture, widthPx: number): ChartOption => ({
  text: plainText(title),
  subtext: plainText(subtitle),
  left: edgePx - 5,
  top: 8,
  itemGap: 8,
  textStyle: { color: ink, fontSize: 20, fontWeight: 'normal', width: widthPx, overflow: 'truncate' },
  subtextStyle: { color: paleInk, fontSize: 13, width: widthPx, overflow: 'truncate' },
})

const panelTitle = (text: string, { left, top }: Corner): ChartOption => ({
  text,
  left: left + aroundPx.left - 5,
  top: top + 10,
  textStyle: { color: ink, fontSize: 13, fontWeight: 'normal' },
})

const footnote = (lines: readonly LoadLine[]): readonly ChartOption[] =>
  lines.length === 1 && lines[0]?.points.some(({ tooFewSamples = [] }) => tooFewSamples.length > 0)
    ? [
        {
          text: '* rests on too few requests',
          left: edgePx - 5,
          bottom: 4,
          textStyle: { color: paleInk, fontSize: 11, fontWeight: 'normal' },
        },
      ]
    : []

/** Several lines by name, and the marks that any of the panels has. */
const legendOf = ({ panels, lines }: LoadPicture): readonly (ChartOption & { readonly name: string })[] => {
  const placed = placeLines(lines)
  const points = placed.lines.flatMap(line => line.points)
  const failing = hasBars(placed) ? [] : points.filter(({ failed }) => failed > 0)
  const hasFailing = (isThere: boolean): boolean =>
    failing.some(({ values }) => panels.some(({ key }) => (values[key] !== undefined) === isThere))
  return [
    ...(lines.length > 1 ? placed.lines.map(({ name }) => ({ name })) : []),
    ...(points.some(({ isDoubtful }) => isDoubtful)
      ? [{ ...pointMarks.doubtful, ...(hasBars(placed) && { icon: 'rect' }) }]
      : []),
    ...(hasRings(panels) && hasFailing(true) ? [pointMarks.failures] : []),
    ...(hasFailing(false) ? [pointMarks.nothing] : []),
  ]
}

const loadAxis = (gridIndex: number, { loads }: PlacedLines, name: string): ChartOption => ({
  gridIndex,
  type: 'category',
  data: loads,
  name,
  nameLocation: 'middle',
  nameGap: 30,
  nameTextStyle: { color: paleInk, fontSize: 11 },
  axisLabel: { color: ink, ...loadLabels(loads) },
  axisLine: { lineStyle: { color: lineInk } },
  axisTick: { alignWithLabel: true, lineStyle: { color: lineInk } },
})

/** All of them where they have room. */
const loadLabels = (loads: readonly string[]): ChartOption => {
  const fontSize = loads.length > 12 ? 10 : 11
  const longest = Math.max(0, ...loads.map(load => load.length)) * 0.65 * fontSize
  return { fontSize, interval: longest + 2 < plotPx.width / loads.length ? 0 : 'auto' }
}

/** From 0, so that a small difference looks small; the labels of the highest points have room. */
const valueAxis = (gridIndex: number, key: string, { lines }: PlacedLines): ChartOption => ({
  gridIndex,
  type: 'value',
  min: 0,
  ...roomAbove(Math.max(0, ...lines.flatMap(({ points }) => points.map(({ values }) => values[key] ?? 0))), key),
  axisLabel: { color: ink, fontSize: 11 },
  splitLine: { lineStyle: { color: gridInk } },
})

/** Two lines of text and a ring take a quarter of a plot. */
const headroom = 1.33

/** Its own end and steps, as the library leaves room by how much values differ: none where they are alike. */
const roomAbove = (highest: number, key: string): ChartOption => {
  if (!(highest > 0)) return key === failuresKey ? { minInterval: 1 } : {}
  const rough = (headroom * highest) / 5
  const power = 10 ** Math.floor(Math.log10(rough))
  const nice = power * ([1, 2, 2.5, 5].find(step => step * power >= rough) ?? 10)
  const interval = key === failuresKey ? Math.max(1, Math.ceil(nice)) : nice
  return { interval, max: Number((interval * Math.ceil((headroom * highest) / interval)).toPrecision(12)) }
}
