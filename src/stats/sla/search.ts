import type { Scale } from './scale.ts'

/** Where a search looks; `start` lies within the bounds, which both may be answers. */
export interface SearchRange {
  readonly start: number
  readonly lower: number
  readonly upper: number
  readonly scale: Scale
}

/** What a value turned out to be: within, beyond what can be kept, or too little load for what is to be reached. */
export type ValueFinding = 'good' | 'too much' | 'too little'

/** A value that the search wants measured, and what it knows by then. */
export interface SearchStep {
  readonly value: number
  /** The highest value that was good, or of an optimum the best one. */
  readonly good: number | undefined
  /** The highest one that was too little load, while none is good. */
  readonly tooLittle?: number | undefined
  /** The lowest one that was too much. */
  readonly bad: number | undefined
}

/** Yields values, each once; is told of each what it is; returns the answer, undefined where none is good. */
export type Search = Generator<SearchStep, number | undefined, ValueFinding>

/**
 * The highest good value, where all above a good one are good until one is too much. Doubles from the start until one is
 * too much, or halves until one is not, then halves the interval between the two. Once a value is good, none above it
 * can be too little: what is reached no more there has been exceeded.
 */
export function* searchBoundary(range: SearchRange): Search {
  const { start, lower, scale } = range
  const first = yield { value: start, good: undefined, bad: undefined }
  if (first !== 'too much') return yield* climb(range, first)
  let bad = start
  while (bad > lower) {
    const value = Math.max(lower, scale.halved(bad))
    const finding = yield { value, good: undefined, bad }
    if (finding !== 'too much') return yield* narrow(edge(value, finding), bad, scale)
    bad = value
  }
  return undefined
}

/** The best value from the start on, where "good" means better than the `good` of the step; below it nothing is tried. */
export function* searchOptimum(range: SearchRange): Search {
  const first = yield { value: range.start, good: undefined, bad: undefined }
  return first === 'good' ? yield* climb(range, first) : undefined
}

/** A value from which the search goes up: the last good one, or one that is too little. */
type Edge =
  | { readonly good: number; readonly tooLittle?: undefined }
  | { readonly good: undefined; readonly tooLittle: number }

const edge = (value: number, finding: ValueFinding): Edge =>
  finding === 'good' ? { good: value } : { good: undefined, tooLittle: value }

/** Where a value leaves the edge; undefined where it is too much. */
const moved = (from: Edge, value: number, finding: ValueFinding): Edge | undefined =>
  finding === 'good' || (finding === 'too little' && from.good === undefined) ? edge(value, finding) : undefined

function* climb({ start, upper, scale }: SearchRange, first: ValueFinding): Search {
  let from = edge(start, first)
  for (;;) {
    const reached = from.good ?? from.tooLittle
    if (reached >= upper) return from.good
    const value = Math.min(upper, scale.doubled(reached))
    const next = moved(from, value, yield { value, ...from, bad: undefined })
    if (next === undefined) return yield* narrow(from, value, scale)
    from = next
  }
}

function* narrow(left: Edge, right: number, scale: Scale): Search {
  let [from, bad] = [left, right]
  for (;;) {
    const value = scale.between(from.good ?? from.tooLittle, bad)
    if (value === undefined) return from.good
    const next = moved(from, value, yield { value, ...from, bad })
    if (next === undefined) bad = value
    else from = next
  }
}
