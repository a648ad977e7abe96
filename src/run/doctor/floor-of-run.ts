import type { Environment } from '../../arguments/endpoint.ts'
import type { RunPlan } from '../../model/run-plan.ts'
import type { Accumulator } from '../../stats/accumulator.ts'
import { floorNote } from '../../stats/floor-note.ts'
import { toMs } from '../../stats/metrics.ts'
import { medianAboveZero } from '../../stats/verdict-client.ts'
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
  const someGapsAreZero = itlUs.count > itlUs.countAbove(0)
  const medians = { ttftMs: toMs(ttftUs.percentile(50)), itlMs: toMs(medianAboveZero(itlUs)), someGapsAreZero }
  return floorNote(known, { streams, ...medians })
}
