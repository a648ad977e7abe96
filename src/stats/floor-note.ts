import type { Floor } from '../model/machine-floor.ts'
import { decimalText } from './decimal.ts'
import { distortionLimit } from './rung-figures.ts'

/** What the doctor once found for one load on this machine. */
export interface KnownRung {
  readonly streams: number
  readonly addedTtftMs: Pick<Floor, 'p50'>
  readonly addedItlMs: Pick<Floor, 'p50'>
}

/** What the doctor once found on this machine. */
export interface KnownFloor {
  /** `2026-11-22` */
  readonly date: string
  readonly rungs: readonly KnownRung[]
}

/** What a run measured; undefined where there is no such figure. */
export interface MeasuredMedians {
  /** Most at a time, per thread. */
  readonly streams: number
  readonly ttftMs: number | undefined
  /** Of gaps above 0: those between chunks that shared a read are nobody's. */
  readonly itlMs: number | undefined
  readonly someGapsAreZero?: boolean
}

/** The most that this client may add with so many streams, by p50; undefined beyond what the doctor measured. */
export const floorAt = (
  { rungs }: KnownFloor,
  streams: number,
): { readonly ttftMs: number; readonly itlMs: number } | undefined => {
  const enough = rungs.map(rung => rung.streams).filter(count => count >= streams)
  const upTo = Math.min(...enough)
  const below = rungs.filter(rung => rung.streams <= upTo)
  if (enough.length === 0) return undefined
  return {
    ttftMs: Math.max(...below.map(({ addedTtftMs }) => addedTtftMs.p50)),
    itlMs: Math.max(...below.map(({ addedItlMs }) => addedItlMs.p50)),
  }
}

/** The sentence that says how near to this machine's floor a run was; undefined where that is less than 5 %. */
export const floorNote = (
  known: KnownFloor,
  { streams, ttftMs, itlMs, someGapsAreZero = false }: MeasuredMedians,
): string | undefined => {
  const floor = floorAt(known, streams)
  if (floor === undefined) return undefined
  const parts = [
    isNear(ttftMs, floor.ttftMs)
      ? `TTFT p50 ${text(ttftMs)} ms, of which up to ${text(floor.ttftMs)} ms may be this client's`
      : undefined,
    isNear(itlMs, floor.itlMs)
      ? `ITL p50 ${text(itlMs)} ms${someGapsAreZero ? ' of gaps above 0' : ''}, by which its gaps may be ${text(floor.itlMs)} ms off through this client`
      : undefined,
  ].filter(part => part !== undefined)
  if (parts.length === 0) return undefined
  return `${parts.join('; ')}, at ${streams} ${streams === 1 ? 'stream' : 'streams'} (doctor, ${known.date}).`
}

const isNear = (figureMs: number | undefined, floorMs: number): figureMs is number =>
  // Nothing is said of a figure that would read 0.
  figureMs !== undefined && text(figureMs) !== '0' && floorMs > distortionLimit * figureMs

const text = (ms: number): string => decimalText(ms, 2)
