import type { MeasuredPoint } from './outcome.ts'

/**
 * So many times the lowest mean TTFT is what requests that queue have. The median would not do: where answers end together,
 * most of the next requests find a place, and the others wait for a whole answer.
 */
export const queueGrowth = 1.25

/** Where requests begin to wait before anything comes. */
export interface QueueStart {
  /** The highest measured value below it. */
  readonly after: number
  /** The lowest measured value at which they wait. */
  readonly at: number
  readonly beforeMs: number
  readonly atMs: number
}

/**
 * Where, among measured values from low to high, the mean TTFT is for good above `queueGrowth` times the lowest: a
 * server that has a place for each request starts it at once, whatever it then takes. `none` where it is at no value;
 * undefined where TTFT is not known, as without streams.
 */
export const queueStart = (points: readonly MeasuredPoint[]): QueueStart | 'none' | undefined => {
  const means = points.flatMap(point => {
    const meanMs = meanTtftMs(point)
    return meanMs === undefined ? [] : [{ value: point.value, meanMs }]
  })
  const lowest = means.reduce((least, { meanMs }) => Math.min(least, meanMs), Number.POSITIVE_INFINITY)
  const last = means.findLastIndex(({ meanMs }) => meanMs <= queueGrowth * lowest)
  const [before, at] = [means[last], means[last + 1]]
  if (before === undefined) return undefined
  if (at === undefined) return 'none'
  return { after: before.value, at: at.value, beforeMs: before.meanMs, atMs: at.meanMs }
}

/** From when a request was wanted: with a rate it may have waited for a slot, too. */
const meanTtftMs = ({ result, accumulator }: MeasuredPoint): number | undefined => {
  const { ttftUs, scheduledTtftUs } = accumulator
  const us = (result.plan.load.pacing === undefined ? ttftUs : scheduledTtftUs).mean
  return us === undefined ? undefined : us / 1000
}
