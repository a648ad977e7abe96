import {
  chmodSync,
  closeSync,
  constants,
  copyFileSync,
  existsSync,
  mkdtempSync,
  openSync,
  readSync,
  rmSync,
  statSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/**
 * Whether the writer of a database was killed or is still at work: one that is closed leaves a single file without a
 * write-ahead log.
 */
export const isUnfinished = (path: string): boolean => isLockedByDirectory(path) || isWal(path)

/**
 * Whether it has, or had, a writer on node-sqlite3-wasm, whose lock is a directory that no other program knows: reading
 * in place may meet half a commit, and would undo it.
 */
export const isLockedByDirectory = (path: string): boolean =>
  existsSync(`${path}.lock`) || existsSync(`${path}-journal`)

const isWal = (path: string): boolean => {
  // Read version of the file format: 2 is WAL.
  return firstBytes(path, 20)[19] === 2
}

/** A copy of a database that nobody else writes, with what recovers it. */
export interface PrivateCopy {
  readonly path: string
  remove(): void
}

/** While a run is written a copy may catch the moment in which its log begins anew. */
const tries = 5

/**
 * Copies a database in any state. Nobody can tell a lock that a crash left from a living one, and recovering the original
 * would pull the log from under a living writer.
 */
export const copyForReading = (path: string): PrivateCopy => {
  const directory = mkdtempSync(join(tmpdir(), 'evalscope-db-'))
  const remove = (): void => rmSync(directory, { recursive: true, force: true })
  try {
    for (let attempt = 1; ; attempt++) {
      const before = stateOf(path)
      const copy = copyInto(directory, path)
      if (stateOf(path) === before || attempt === tries) return { path: copy, remove }
    }
  } catch (error) {
    remove()
    throw error
  }
}

const copyInto = (directory: string, path: string): string => {
  const copy = join(directory, 'copy.db')
  // The database first: what is moved into it meanwhile still stands in the log.
  for (const suffix of ['', '-wal', '-journal']) {
    rmSync(copy + suffix, { force: true })
    if (suffix !== '' && !existsSync(path + suffix)) continue
    copyFileSync(path + suffix, copy + suffix, constants.COPYFILE_FICLONE)
    // The original may be one that nobody may write; to recover the copy takes writing.
    chmodSync(copy + suffix, 0o600)
  }
  return copy
}

/** What must not change while a copy is made: a log may grow but not begin anew, anything else may not be written. */
const stateOf = (path: string): string => {
  if (existsSync(`${path}-wal`)) return firstBytes(`${path}-wal`, 32).toString('hex')
  return [path, `${path}-journal`]
    .map(file => statSync(file, { bigint: true, throwIfNoEntry: false }))
    .map(stat => `${stat?.mtimeNs} ${stat?.size}`)
    .join(' ')
}

const firstBytes = (path: string, count: number): Buffer => {
  const bytes = Buffer.alloc(count)
  const file = openSync(path, 'r')
  try {
    readSync(file, bytes, 0, count, 0)
  } finally {
    closeSync(file)
  }
  return bytes
}
