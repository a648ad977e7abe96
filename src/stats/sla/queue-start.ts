import type { MeasuredPoint } from './outcome.ts'

/** By how much the median TTFT has grown, against the lowest measured one of a lower load, where requests are said to queue. */
export const queueGrowth = 1.5

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
 * Where, among measured values from low to high, the median TTFT is for good above `queueGrowth` times the lowest: a
 * server that has a place for each request starts it at once, whatever it then takes. `none` where it is at no value;
 * undefined where TTFT is not known, as without streams.
 */
export const queueStart = (points: readonly MeasuredPoint[]): QueueStart | 'none' | undefined => {
  const medians = points.flatMap(point => {
    const medianMs = medianTtftMs(point)
    return medianMs === undefined ? [] : [{ value: point.value, medianMs }]
  })
  const lowest = medians.reduce((least, { medianMs }) => Math.min(least, medianMs), Number.POSITIVE_INFINITY)
  const last = medians.findLastIndex(({ medianMs }) => medianMs <= queueGrowth * lowest)
  const [before, at] = [medians[last], medians[last + 1]]
  if (before === undefined) return undefined
  if (at === undefined) return 'none'
  return { after: before.value, at: at.value, beforeMs: before.medianMs, atMs: at.medianMs }
}

/** From when a request was wanted: with a rate it may have waited for a slot, too. */
const medianTtftMs = ({ result, accumulator }: MeasuredPoint): number | undefined => {
  const { ttftUs, scheduledTtftUs } = accumulator
  const us = (result.plan.load.pacing === undefined ? ttftUs : scheduledTtftUs).percentile(50)
  return us === undefined ? undefined : us / 1000
}
