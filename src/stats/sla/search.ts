import type { Scale } from './scale.ts'

/** Where a search looks; `start` lies within the bounds, which both may be answers. */
export interface SearchRange {
  readonly start: number
  readonly lower: number
  readonly upper: number
  readonly scale: Scale
}

/** A value that the search wants measured, and what it knows by then. */
export interface SearchStep {
  readonly value: number
  /** The highest value that was good, or of an optimum the best one. */
  readonly good: number | undefined
  /** The lowest one that was not. */
  readonly bad: number | undefined
}

/** Yields values, each once; is told of each whether it is good; returns the answer, undefined where none is good. */
export type Search = Generator<SearchStep, number | undefined, boolean>

/**
 * The highest good value, where all below a good one are good too. Doubles from the start until one is not, or halves
 * until one is, then halves the interval between the two.
 */
export function* searchBoundary(range: SearchRange): Search {
  const { start, lower, scale } = range
  if (yield { value: start, good: undefined, bad: undefined }) return yield* climb(range)
  let bad = start
  while (bad > lower) {
    const value = Math.max(lower, scale.halved(bad))
    if (yield { value, good: undefined, bad }) return yield* narrow(value, bad, scale)
    bad = value
  }
  return undefined
}

/** The best value from the start on, where "good" means better than the `good` of the step; below it nothing is tried. */
export function* searchOptimum(range: SearchRange): Search {
  return (yield { value: range.start, good: undefined, bad: undefined }) ? yield* climb(range) : undefined
}

function* climb({ start, upper, scale }: SearchRange): Search {
  let good = start
  while (good < upper) {
    const value = Math.min(upper, scale.doubled(good))
    if (!(yield { value, good, bad: undefined })) return yield* narrow(good, value, scale)
    good = value
  }
  return good
}

function* narrow(from: number, to: number, scale: Scale): Search {
  let [good, bad] = [from, to]
  for (;;) {
    const value = scale.between(good, bad)
    if (value === undefined) return good
    if (yield { value, good, bad }) good = value
    else bad = value
  }
}
