import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { reasonOf, UserError } from '../../errors.ts'
import type { Beat } from '../../model/machine-floor.ts'
import { type SpawnedServer, spawnSimulatedServer } from '../../server/spawn.ts'
import { engineTimes } from './rung-plan.ts'

/** Makes the directory for databases; throws `UserError` where that cannot be. */
export const makeDirectory = (): string => {
  try {
    return mkdtempSync(join(tmpdir(), 'evalscope-doctor-'))
  } catch (error) {
    throw noRoom(error)
  }
}

/** What a rung failed with or, where it could not write to `directory`, the `UserError` that says what to do. */
export const explainFailure = (error: unknown, directory: string): unknown =>
  error instanceof UserError && error.message.includes(directory) ? noRoom(error.cause ?? error) : error

const noRoom = (error: unknown): UserError =>
  new UserError(`doctor cannot write to ${tmpdir()}: ${reasonOf(error)}; set TMPDIR to a directory with room`, {
    cause: error,
  })

/** Starts the server that is measured against, for so many streams; throws `UserError` when it does not come up. */
export const startServer = async (
  beat: Beat,
  streams: number,
  spawn = spawnSimulatedServer,
): Promise<SpawnedServer> => {
  const { ttftMs, itlMs } = engineTimes
  const knobs = {
    prefillBaseMs: ttftMs,
    prefillTokensPerSec: Number.POSITIVE_INFINITY,
    itlMs,
    batchScale: Number.POSITIVE_INFINITY,
    maxBatch: 2 * streams,
    desync: beat === 'own',
  }
  try {
    return await spawn({ knobs })
  } catch (error) {
    throw new UserError(
      `doctor has nothing to measure against: ${reasonOf(error)}; see that this process may start others, and try again`,
      { cause: error },
    )
  }
}
