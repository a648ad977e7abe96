import type { Floor, Rung } from '../model/machine-floor.ts'
import { percentile } from './percentile.ts'
import { isCarried, judgedLevels } from './sample-rule.ts'

/** One stream as both sides saw it; all times in ms of the machine's monotonic clock, token by token. */
export interface ComparedStream {
  readonly sentMs: number
  readonly arrivalsMs: readonly number[]
  /** The server's stamps, from here on. */
  readonly receivedMs: number
  readonly scheduledMs: readonly number[]
  readonly writtenMs: readonly number[]
}

/** One load as it was run. */
export interface RungSamples {
  readonly streams: number
  /** The part of the load in which all streams were there. */
  readonly fromMs: number
  readonly toMs: number
  /** Chunks of all streams in that time. */
  readonly chunks: number
  readonly cpuCores: number
  /** Some of the streams, or all. */
  readonly compared: readonly ComparedStream[]
}

/** Beyond this p99 of lateness, in ms, or the highest percentile that a small sample carries, the simulated server is busy with itself: what we saw is not the client's doing. */
export const serverLatenessLimitMs = 2
/** What a client may add to a median, as the share of it that a comparison of two engines can bear. */
export const distortionLimit = 0.05
/** One sample in a hundred may meet a garbage collection; a quarter of the figure shows in its p99. */
export const p99DistortionLimit = 0.25

/** What the client added to a load, or that the server was the limit: then the client has no figure. */
export const rungOf = (samples: RungSamples): Rung => {
  const { streams, fromMs, toMs, chunks, cpuCores, compared } = samples
  const isWithin = (timeMs: number | undefined): boolean => timeMs !== undefined && timeMs >= fromMs && timeMs < toMs
  const firsts = compared.filter(({ writtenMs }) => isWithin(writtenMs[0]))
  const gaps = compared.flatMap(stream => gapsOf(stream, isWithin))
  const late = compared.flatMap(({ scheduledMs, writtenMs }) =>
    writtenMs.map((ms, i) => [ms, ms - (scheduledMs[i] as number)] as const).filter(([ms]) => isWithin(ms)),
  )
  if (firsts.length === 0 || gaps.length === 0) return { kind: 'failed', streams, reason: 'no stream came through' }
  const lateMs = late.map(([, ms]) => ms)
  const serverLatenessMs = floorOf(lateMs)
  if (carriedP99(lateMs) > serverLatenessLimitMs) return { kind: 'server-limited', streams, serverLatenessMs }
  return {
    kind: 'measured',
    streams,
    chunksPerSec: (1000 * chunks) / (toMs - fromMs),
    addedTtftMs: floorOf(firsts.map(addedToFirst)),
    addedItlMs: floorOf(gaps.map(({ oursMs, sentMs }) => Math.abs(oursMs - sentMs))),
    ttftMs: floorOf(firsts.map(({ sentMs, arrivalsMs }) => (arrivalsMs[0] as number) - sentMs)).p50,
    itlMs: floorOf(gaps.map(({ oursMs }) => oursMs)).p50,
    serverTtftMs: floorOf(firsts.map(({ receivedMs, writtenMs }) => (writtenMs[0] as number) - receivedMs)).p50,
    cpuCores,
    serverLatenessMs,
  }
}

/** Whether the client spoils the figures of this load by more than they can bear; the ends of small samples do not count. */
export const isDistorted = (rung: Rung): boolean =>
  rung.kind === 'measured' && (exceeds(rung.addedTtftMs, rung.ttftMs) || exceeds(rung.addedItlMs, rung.itlMs))

/** Whether a load was measured, and as it is. */
export const hasHeld = (rung: Rung): boolean => rung.kind === 'measured' && !isDistorted(rung)

/** Median and p99 of some values, at least one; none is below 0. */
export const floorOf = (values: readonly number[]): Floor => {
  const sorted = ascending(values)
  const at = (percent: number): number => percentile(sorted, percent) ?? 0
  return { p50: at(50), p99: at(99), count: sorted.length }
}

/** The p99 or, where it would rest on one or two values, the highest percentile that does not. */
const carriedP99 = (values: readonly number[]): number => {
  const level = judgedLevels.find(candidate => isCarried(candidate, values.length)) ?? 50
  return percentile(ascending(values), level) ?? 0
}

const ascending = (values: readonly number[]): Float64Array =>
  Float64Array.from(values, value => Math.max(0, value)).sort()

const exceeds = ({ p50, p99, count }: Floor, figureMs: number): boolean =>
  p50 > distortionLimit * figureMs || (isCarried(99, count) && p99 > p99DistortionLimit * figureMs)

/** In it is what the server takes to read a request: what is ours is at most that. */
const addedToFirst = ({ sentMs, receivedMs, arrivalsMs, writtenMs }: ComparedStream): number =>
  receivedMs - sentMs + (arrivalsMs[0] as number) - (writtenMs[0] as number)

/** The gaps between writes that fall into the window. */
const gapsOf = ({ arrivalsMs, writtenMs }: ComparedStream, isWithin: (timeMs: number) => boolean) =>
  writtenMs.flatMap((ms, i) => {
    const [beforeMs, ourBeforeMs] = [writtenMs[i - 1], arrivalsMs[i - 1]]
    if (beforeMs === undefined || ourBeforeMs === undefined || !isWithin(beforeMs) || !isWithin(ms)) return []
    return [{ oursMs: (arrivalsMs[i] as number) - ourBeforeMs, sentMs: ms - beforeMs }]
  })
