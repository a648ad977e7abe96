import { decimalText } from '../../stats/decimal.ts'
import { plainText } from '../text.ts'

/** One run in a picture. */
export interface LoadPoint {
  /** Its place on the axis: concurrency or rate; undefined, without limit, comes last. */
  readonly load: number | undefined
  /** What the axis says in place of the number. */
  readonly loadText?: string
  /** By key of a panel, in the unit that its title names. */
  readonly values: Readonly<Record<string, number | undefined>>
  /** Requests that failed. */
  readonly failed: number
  /** The verdict is not VALID. */
  readonly isDoubtful: boolean
  /** Keys of values that rest on too few samples. */
  readonly tooFewSamples?: readonly string[]
}

/** The runs of one benchmark, to be joined by a line. */
export interface LoadLine {
  readonly name: string
  readonly points: readonly LoadPoint[]
}

/** A point and its place among the loads. */
export interface PlacedPoint extends LoadPoint {
  readonly at: number
}

/** Lines over the loads that any of them has. */
export interface PlacedLines {
  readonly loads: readonly string[]
  readonly lines: readonly { readonly name: string; readonly points: readonly PlacedPoint[] }[]
}

/**
 * Loads side by side, each with its own place: sweeps double or multiply by ten, so that a scale would press the first of
 * them together. A load that a line has again gets a place of its own.
 */
export const placeLines = (lines: readonly LoadLine[]): PlacedLines => {
  const named = lines.map(({ name, points }) => ({
    name: plainText(name),
    points: points.map((point, at) => ({ ...point, text: textOf(points, at) })),
  }))
  const loads = new Map<string, number>()
  for (const { points } of named) {
    for (const { text, load } of points) if (!loads.has(text)) loads.set(text, load ?? Number.MAX_VALUE)
  }
  const texts = [...loads].toSorted(([, a], [, b]) => a - b).map(([text]) => text)
  const placed = named.map(({ name, points }) => ({
    name,
    points: points.map(({ text, ...point }) => ({ ...point, at: texts.indexOf(text) })).toSorted((a, b) => a.at - b.at),
  }))
  return { loads: texts, lines: placed }
}

const textOf = (points: readonly LoadPoint[], at: number): string => {
  const text = ownText(points[at] as LoadPoint)
  const before = points.slice(0, at).filter(point => ownText(point) === text).length
  return before === 0 ? text : `${text} (${before + 1})`
}

const ownText = ({ load, loadText }: LoadPoint): string =>
  plainText(loadText ?? (load === undefined ? 'no limit' : decimalText(load, 6)))
