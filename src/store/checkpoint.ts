import { createRequire } from 'node:module'
import { Worker } from 'node:worker_threads'
import type BetterSqlite3 from 'better-sqlite3'

const dueBytes = 64 * 1024 * 1024
/** Of a database that is written. */
export const pageBytes = 32 * 1024

/** Moves the write-ahead log into the database file on a thread of its own: 64 MB take 0.4 s. */
export interface Checkpointer {
  /** Starts a checkpoint when 64 MB of log wait for it and none is running. */
  startIfDue(): void
  /** Resolves when no checkpoint is running. */
  finished(): Promise<void>
}

/**
 * A second round takes what was committed during the first; it is short, so usually nothing is committed during it.
 * Only then does the writer start the log from its beginning again instead of letting it grow. A round tells the length
 * that the log had when it began: that nothing has come since shows in the next one.
 */
const threadSource = `
const { workerData } = require('node:worker_threads')
const Database = require(workerData.driverPath)
const connection = new Database(workerData.path, { fileMustExist: true })
for (let round = 0, known; round < 40; round++) {
  const [{ log, checkpointed }] = connection.pragma('wal_checkpoint(PASSIVE)')
  if (log === checkpointed && log === known) break
  known = log
}
connection.close()
`

/** Makes the checkpointer of the database at `path` that `connection` writes. */
export const createCheckpointer = (connection: BetterSqlite3.Database, path: string): Checkpointer => {
  let running: Promise<void> | undefined
  const waitingBytes = (): number => {
    // NOOP only reports; both numbers are pages.
    const [state] = connection.pragma('wal_checkpoint(NOOP)') as { log: number; checkpointed: number }[]
    return state === undefined ? 0 : (state.log - state.checkpointed) * pageBytes
  }
  return {
    startIfDue: () => {
      if (running !== undefined || waitingBytes() < dueBytes) return
      running = runCheckpoint(path).finally(() => {
        running = undefined
      })
    },
    finished: async () => running,
  }
}

/** Never rejects: a checkpoint that fails only leaves the log longer, and the last one, at close, tells. */
const runCheckpoint = (path: string): Promise<void> =>
  new Promise(resolve => {
    const driverPath = createRequire(import.meta.url).resolve('better-sqlite3')
    const worker = new Worker(threadSource, { eval: true, workerData: { driverPath, path } })
    worker.on('error', () => resolve())
    worker.on('exit', () => resolve())
  })
