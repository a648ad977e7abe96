import { existsSync, rmSync } from 'node:fs'
import { ArgumentsError, exitCodes, reasonOf, UserError } from '../errors.ts'
import type { HealthSample } from '../model/health.ts'
import type { RecordSink, RequestRecord } from '../model/record.ts'
import { createDatabase, type Database, type DriverName, inTransaction, type Statement } from './database.ts'
import { insertHealthSql, toHealthRow } from './health-table.ts'
import { createTablesSql, insertRunSql, insertSql, toRow } from './schema.ts'
import {
  createTokenCountWriter,
  type RecordPlace,
  type TokenCounts,
  type TokenCountWriter,
  type TokenUpdate,
} from './token-counts.ts'

/** Rows of one commit at most: 100 small ones take 1 ms. */
const rowsPerCommit = 100
/** Text of one commit at most, in characters: long answers would make 100 rows a stall of 10 ms and more. */
const charsPerCommit = 256 * 1024
/** A row waits no longer than this for its commit. */
const commitAfterMs = 200

/** The database could not take all rows: one line, with what is in it. */
export class StoreError extends UserError {
  override readonly name = 'StoreError'
  override readonly exitCode = exitCodes.notPassed
}

/** Where and how a run is stored. */
export interface StoreOptions {
  /** A file that must not exist yet, in a directory that does. */
  readonly path: string
  /** Upper bound on the rows of one commit. */
  readonly commitIntervalRows: number
  /** Keep no bodies of requests. */
  readonly withoutRequests?: boolean
  /** Default: the best that loads. */
  readonly driver?: DriverName
}

/** Creates the database of one run; throws an ArgumentsError when the path exists or cannot be written. */
export const createStore = async (options: StoreOptions): Promise<SqliteStore> => {
  const database = await createDatabase(options.path, options.driver)
  try {
    inTransaction(database, () => database.exec(createTablesSql))
    return new SqliteStore(database, options)
  } catch (error) {
    // Where a disk is full, closing fails as well; an empty file would be taken for results the next time.
    await database.close().catch(() => {})
    for (const suffix of ['', '-wal', '-shm', '-journal', '.lock'])
      rmSync(options.path + suffix, { recursive: true, force: true })
    throw new ArgumentsError(`cannot create database ${options.path}: ${reasonOf(error)}`, { cause: error })
  }
}

/**
 * Stores records in small commits after the turn that brought them, so dispatching never waits for the database.
 * An error never reaches the load loop: it is kept as `failure`, later rows are dropped, and `close` throws it.
 */
export class SqliteStore implements RecordSink {
  readonly #database: Database
  readonly #path: string
  readonly #rowsPerCommit: number
  readonly #withoutRequests: boolean
  readonly #inserts: Readonly<Record<RequestRecord['phase'], Statement>>
  readonly #insertRun: Statement
  readonly #insertHealth: Statement
  readonly #tokenCounts: TokenCountWriter
  #pending: RequestRecord[] = []
  #pendingChars = 0
  #pendingCounts: TokenUpdate[] = []
  #pendingHealth: HealthSample[] = []
  #storedRows = 0
  #failure: StoreError | undefined
  #isClosed = false
  #timer: NodeJS.Timeout | undefined
  #immediate: NodeJS.Immediate | undefined

  constructor(database: Database, { path, commitIntervalRows, withoutRequests = false }: StoreOptions) {
    this.#database = database
    this.#path = path
    this.#rowsPerCommit = Math.min(rowsPerCommit, Math.max(1, commitIntervalRows))
    this.#withoutRequests = withoutRequests
    this.#inserts = {
      measured: database.prepare(insertSql('measured')),
      warmup: database.prepare(insertSql('warmup')),
    }
    this.#insertRun = database.prepare(insertRunSql)
    this.#insertHealth = database.prepare(insertHealthSql)
    this.#tokenCounts = createTokenCountWriter(database)
  }

  get driverName(): DriverName {
    return this.#database.driverName
  }

  /** What went wrong, as soon as it did; rows after it are not in the database. */
  get failure(): StoreError | undefined {
    return this.#failure
  }

  /** Keeps the record for the next commit; does nothing after a failure. */
  write(record: RequestRecord): void {
    if (this.#failure !== undefined) return
    const kept = this.#withoutRequests ? { ...record, body: undefined } : record
    this.#pending.push(kept)
    this.#pendingChars += charsOf(kept)
    this.#schedule()
  }

  /** Sets the counts of a measured request that is or will be stored. */
  updateTokens(place: RecordPlace, counts: TokenCounts): void {
    if (this.#failure !== undefined) return
    this.#pendingCounts.push([place, counts])
    this.#schedule()
  }

  /** Keeps what a thread observed of itself for the next commit. */
  writeHealth(sample: HealthSample): void {
    if (this.#failure !== undefined) return
    this.#pendingHealth.push(sample)
    this.#schedule()
  }

  /** Stores a fact about the whole run in table `run`, at once; a later one replaces it. */
  writeRun(key: string, value: unknown): void {
    this.#guard(() => this.#insertRun.run([key, JSON.stringify(value) ?? 'null']))
  }

  /** Commits everything that waits, now. */
  flush(): void {
    while (this.#hasPending()) this.#commitSome()
  }

  /** Commits, and leaves one file that any reader opens; throws a StoreError when rows are missing. */
  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    this.flush()
    this.#guard(() => this.#tokenCounts.finish())
    await this.#database.close().catch((error: unknown) => this.#failToClose(error))
    if (!existsSync(this.#path)) this.#failure = this.#removed()
    if (this.#failure !== undefined) throw this.#failure
  }

  #hasPending(): boolean {
    return this.#pending.length + this.#pendingCounts.length + this.#pendingHealth.length > 0
  }

  /** A full batch is committed after this turn of the event loop, a smaller one when its time slice ends. */
  #schedule(): void {
    const waiting = Math.max(this.#pending.length, this.#pendingCounts.length)
    if (waiting >= this.#rowsPerCommit || this.#pendingChars >= charsPerCommit)
      this.#immediate ??= setImmediate(() => this.#commitSome())
    else this.#timer ??= setTimeout(() => this.#commitSome(), commitAfterMs).unref()
  }

  #commitSome(): void {
    clearTimeout(this.#timer)
    clearImmediate(this.#immediate)
    this.#timer = undefined
    this.#immediate = undefined
    if (this.#pending.length + this.#pendingHealth.length > 0) this.#commitRows()
    else if (this.#pendingCounts.length > 0) this.#commitCounts()
    if (this.#hasPending()) this.#schedule()
  }

  #commitRows(): void {
    const batch = this.#takeBatch()
    const health = this.#pendingHealth.splice(0)
    this.#guard(() => {
      inTransaction(this.#database, () => {
        for (const record of batch) this.#inserts[record.phase].run(toRow(record))
        for (const sample of health) this.#insertHealth.run(toHealthRow(sample))
      })
      this.#storedRows += batch.length
      this.#database.afterCommit()
    })
  }

  /** The oldest rows, up to the bounds of a commit; one row may be longer alone. */
  #takeBatch(): readonly RequestRecord[] {
    let count = 0
    let chars = 0
    while (count < this.#rowsPerCommit && count < this.#pending.length) {
      chars += charsOf(this.#pending[count] as RequestRecord)
      if (count > 0 && chars > charsPerCommit) break
      count++
    }
    const batch = this.#pending.splice(0, count)
    for (const record of batch) this.#pendingChars -= charsOf(record)
    return batch
  }

  #commitCounts(): void {
    const batch = this.#pendingCounts.splice(0, this.#rowsPerCommit)
    this.#guard(() => this.#tokenCounts.update(batch))
  }

  #guard(work: () => void): void {
    if (this.#failure !== undefined) return
    try {
      work()
    } catch (error) {
      this.#fail(error)
    }
  }

  #fail(error: unknown): void {
    this.#pending = []
    this.#pendingChars = 0
    this.#pendingCounts = []
    this.#pendingHealth = []
    if (this.#failure !== undefined) return
    const held = `it holds the first ${this.#storedRows} rows only`
    this.#failure = existsSync(this.#path)
      ? new StoreError(`cannot write database ${this.#path}: ${reasonOf(error)}; ${held}`, { cause: error })
      : this.#removed()
  }

  /** By now every row has been committed, to the log if not to the file. */
  #failToClose(error: unknown): void {
    if (this.#failure !== undefined) return
    const held = `its ${this.#storedRows} rows are all in it, or in the files beside it that belong to it`
    this.#failure = new StoreError(`cannot close database ${this.#path}: ${reasonOf(error)}; ${held}`, { cause: error })
  }

  /** Whoever has the file open does not notice, until it makes another one beside it. */
  #removed(): StoreError {
    return new StoreError(`database ${this.#path} was removed during the run; its rows are lost`)
  }
}

const charsOf = (record: RequestRecord): number =>
  (record.body?.length ?? 0) + (record.responseJson?.length ?? 0) + record.gapsUs.length * 9
