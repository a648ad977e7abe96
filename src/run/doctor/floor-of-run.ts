import type { Environment } from '../../arguments/endpoint.ts'
import type { RunResult } from '../../model/result.ts'
import type { Accumulator } from '../../stats/accumulator.ts'
import { floorNote } from '../../stats/floor-note.ts'
import type { Tally } from '../../stats/tally.ts'
import { readFloor } from './kept-floor.ts'

/** The result with a note where it comes near the floor that the doctor once found on this machine. */
export const withFloorNote = (result: RunResult, { ttftUs, itlUs }: Accumulator, env: Environment): RunResult => {
  const { concurrency, plan, notes } = result
  const known = readFloor(env)
  if (known === undefined || concurrency === undefined) return result
  // The doctor examines one thread.
  const streams = Math.ceil(concurrency.max / plan.workers)
  const note = floorNote(known, { streams, ttftMs: medianMs(ttftUs), itlMs: medianMs(itlUs) })
  return note === undefined ? result : { ...result, notes: [...notes, note] }
}

const medianMs = (us: Tally): number | undefined => (us.count === 0 ? undefined : (us.percentile(50) ?? 0) / 1000)
