import type { Beat, Ladder, LadderEnd, Rung } from '../../model/machine-floor.ts'
import { hasHeld, isDistorted } from '../../stats/rung-figures.ts'

/** What a ladder is climbed with. */
export interface Climb {
  readonly beat: Beat
  /** Streams of each rung, ascending. */
  readonly counts: readonly number[]
  readonly measure: (streams: number) => Promise<Rung>
  /** Whether there is time for one rung more. */
  readonly hasTime: () => boolean
}

/** A neighbour that is busy for a moment is nobody's limit. */
const mostTries = 3

/** Measures rung after rung, up to the first that does not hold in any of three tries. */
export const climb = async ({ beat, counts, measure, hasTime }: Climb): Promise<Ladder> => {
  const rungs: Rung[] = []
  for (const streams of counts) {
    if (!hasTime()) return { beat, rungs, end: 'time' }
    let rung = await measure(streams)
    for (let tries = 1; tries < mostTries && !hasHeld(rung) && hasTime(); tries++) rung = await measure(streams)
    rungs.push(rung)
    const end = endOf(rung)
    if (end !== undefined) return { beat, rungs, end }
  }
  return { beat, rungs, end: 'top' }
}

const endOf = (rung: Rung): LadderEnd | undefined => {
  if (rung.kind === 'server-limited') return 'server'
  if (rung.kind === 'failed') return 'failed'
  return isDistorted(rung) ? 'client' : undefined
}
