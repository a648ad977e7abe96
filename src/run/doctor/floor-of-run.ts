import type { Environment } from '../../arguments/endpoint.ts'
import type { RunPlan } from '../../model/run-plan.ts'
import type { Accumulator } from '../../stats/accumulator.ts'
import { floorNote } from '../../stats/floor-note.ts'
import type { Tally } from '../../stats/tally.ts'
import { readFloor } from './kept-floor.ts'

/** A note for a run that comes near the floor that the doctor once found on this machine; undefined for others. */
export const floorNoteOf = (
  { workers }: Pick<RunPlan, 'workers'>,
  { inFlight, ttftUs, itlUs }: Accumulator,
  env: Environment,
): string | undefined => {
  const known = readFloor(env)
  if (known === undefined || inFlight.mean === undefined) return undefined
  // The doctor examines one thread.
  const streams = Math.ceil(inFlight.max / workers)
  return floorNote(known, { streams, ttftMs: medianMs(ttftUs), itlMs: medianMs(itlUs) })
}

const medianMs = (us: Tally): number | undefined => (us.count === 0 ? undefined : (us.percentile(50) ?? 0) / 1000)
