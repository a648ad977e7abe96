import { createRequire } from 'node:module'
import type BetterSqlite3 from 'better-sqlite3'
import { type Checkpointer, createCheckpointer, pageBytes } from './checkpoint.ts'
import type { Database, Driver, Row, SqlValue, Statement } from './database.ts'
import { copyForReading, isLockedByDirectory, isUnfinished, type PrivateCopy } from './unfinished.ts'

const require = createRequire(import.meta.url)

/** Whether a better-sqlite3 version can be loaded: from 13 on it needs Node-API 10 and kills a process that has less. */
export const isLoadable = (version: string, nodeApi: number): boolean =>
  Number.parseInt(version, 10) < 13 || nodeApi >= 10

/** Loads better-sqlite3; rejects when it is absent, has no binary for this Node, or would crash it. */
export const loadBetterSqlite3 = async (): Promise<Driver> => {
  const { version } = require('better-sqlite3/package.json') as { version: string }
  if (!isLoadable(version, Number(process.versions.napi))) throw new Error(`version ${version} needs a newer Node`)
  const { default: Connection } = await import('better-sqlite3')
  // The binary is loaded by the first connection, so only this shows whether there is one.
  new Connection(':memory:').close()
  return {
    create: path => createForWriting(new Connection(path), path),
    open: path => openForReading(Connection, path),
  }
}

const createForWriting = (connection: BetterSqlite3.Database, path: string): Database => {
  // Long rows lie on many pages: 0.5 us a chunk against 0.8 with pages of 4 KiB.
  connection.pragma(`page_size = ${pageBytes}`)
  connection.pragma('journal_mode = WAL')
  connection.pragma('synchronous = NORMAL')
  // A checkpoint inside a commit takes 5 ms per MB and would stall the load; see checkpoint.ts.
  connection.pragma('wal_autocheckpoint = 0')
  return new BetterSqlite3Database(connection, { checkpointer: createCheckpointer(connection, path) })
}

/** Read-only, so that nothing is taken from under a living writer and what a killed one left stays as it was found. */
const openForReading = (Connection: typeof BetterSqlite3, path: string): Database => {
  if (isLockedByDirectory(path)) return openCopy(Connection, path)
  try {
    return new BetterSqlite3Database(openAndLook(Connection, path))
  } catch (error) {
    // A log that a killed writer left cannot be read where nothing may be written beside it.
    if (!isUnfinished(path)) throw error
    return openCopy(Connection, path)
  }
}

/** SQLite looks at nothing of a file before it is asked something. */
const openAndLook = (Connection: typeof BetterSqlite3, path: string): BetterSqlite3.Database => {
  const connection = new Connection(path, { readonly: true, fileMustExist: true })
  try {
    connection.pragma('schema_version')
    return connection
  } catch (error) {
    connection.close()
    throw error
  }
}

const openCopy = (Connection: typeof BetterSqlite3, path: string): Database => {
  const copy = copyForReading(path)
  try {
    return new BetterSqlite3Database(new Connection(copy.path, { fileMustExist: true }), { copy })
  } catch (error) {
    copy.remove()
    throw error
  }
}

interface BetterSqlite3Parts {
  readonly checkpointer?: Checkpointer
  readonly copy?: PrivateCopy
}

class BetterSqlite3Database implements Database {
  readonly driverName = 'better-sqlite3'
  readonly #connection: BetterSqlite3.Database
  /** Only a database that is written has one. */
  readonly #checkpointer: Checkpointer | undefined
  /** What is read instead of the original. */
  readonly #copy: PrivateCopy | undefined

  constructor(connection: BetterSqlite3.Database, { checkpointer, copy }: BetterSqlite3Parts = {}) {
    this.#connection = connection
    this.#checkpointer = checkpointer
    this.#copy = copy
  }

  exec(sql: string): void {
    this.#connection.exec(sql)
  }

  prepare(sql: string): Statement {
    return this.#connection.prepare<[readonly SqlValue[]]>(sql)
  }

  iterate(sql: string, values: readonly SqlValue[] = []): IterableIterator<Row> {
    return this.#connection.prepare<[readonly SqlValue[]], Row>(sql).iterate(values)
  }

  iterateValues(sql: string, values: readonly SqlValue[] = []): IterableIterator<readonly SqlValue[]> {
    return this.#connection.prepare<[readonly SqlValue[]], readonly SqlValue[]>(sql).raw().iterate(values)
  }

  afterCommit(): void {
    this.#checkpointer?.startIfDue()
  }

  async close(): Promise<void> {
    if (!this.#connection.open) return
    try {
      await this.#checkpointer?.finished()
      if (this.#checkpointer !== undefined) this.#leaveOneFile()
    } finally {
      this.#connection.close()
      this.#copy?.remove()
    }
  }

  #leaveOneFile(): void {
    this.#connection.pragma('wal_checkpoint(TRUNCATE)')
    this.#connection.pragma('journal_mode = DELETE')
  }
}
