import { ArgumentsError, reasonOf } from '../errors.ts'
import type { HealthSample } from '../model/health.ts'
import type { JsonValue } from '../model/json.ts'
import type { RequestRecord, RequestTimes } from '../model/record.ts'
import { areTimes, isHealthSample, isRecord } from './check-row.ts'
import { type Database, type DriverName, openDatabase, type Row, type SqlValue, unreadable } from './database.ts'
import { selectHealthSql, toHealthSample } from './health-table.ts'
import { columnList, recordReader, schemaVersion, selections, tables } from './schema.ts'

/**
 * What is read of each record: all of it, all but the answers' JSON (`responseJson`, the largest part of a row), or what
 * figures are made of, which lacks most bodies, too.
 */
export type RecordPart = 'all' | 'withoutResponses' | 'figures'

/** What takes the place of a row that cannot be read; without it the first one ends the reading. */
export type OnUnreadable = (reason: string) => void

/** A stored run that is open. Memory stays small, and its file as it is. */
export interface StoredDatabase {
  /** The facts about the whole run that table `run` holds. */
  facts(onUnreadable?: OnUnreadable): ReadonlyMap<string, JsonValue>
  /** The records of a phase, or those of these requests, as they were written, in order of completion. */
  records(
    phase: RequestRecord['phase'],
    part: RecordPart,
    onUnreadable?: OnUnreadable,
    requestIds?: readonly string[],
  ): Generator<RequestRecord>
  /** Times and tokens of the measured requests, in order of completion, in half the time. */
  times(onUnreadable?: OnUnreadable): Generator<RequestTimes>
  /** What the threads observed of themselves, as it was told. */
  health(onUnreadable?: OnUnreadable): Generator<HealthSample>
  close(): Promise<void>
}

/**
 * Opens a stored run, finished or not, with the best driver that loads or with the one named. Throws an ArgumentsError,
 * as does all reading, for a file that is no such database, is damaged, or comes from another version.
 */
export const openStored = async (path: string, driver?: DriverName): Promise<StoredDatabase> => {
  const database = await openDatabase(path, driver)
  try {
    checkVersion(database, path)
  } catch (error) {
    await database.close()
    throw error
  }
  return {
    facts: onUnreadable => {
      const read = ({ key, value }: Row) => [key as string, JSON.parse(value as string) as JsonValue] as const
      return new Map(readable(rows(database, path, 'SELECT key, value FROM run'), { read, onUnreadable }))
    },
    records: (phase, part, onUnreadable, requestIds) => {
      const only = requestIds === undefined ? '' : 'WHERE request_id IN (SELECT value FROM json_each(?)) '
      const sql = `SELECT ${columnList(selections[part])} FROM ${tables[phase]} ${only}ORDER BY rowid`
      const found = orUnreadable(path, () => database.iterateValues(sql, requestIds && [JSON.stringify(requestIds)]))
      return readable(found, { read: recordReader(selections[part], phase), accepts: isRecord, onUnreadable })
    },
    times: onUnreadable => {
      const sql = `SELECT ${columnList(selections.times)} FROM ${tables.measured} ORDER BY rowid`
      const found = orUnreadable(path, () => database.iterateValues(sql))
      return readable<readonly SqlValue[], RequestTimes>(found, { read: readTimes, accepts: areTimes, onUnreadable })
    },
    health: onUnreadable =>
      readable(rows(database, path, selectHealthSql), { read: toHealthSample, accepts: isHealthSample, onUnreadable }),
    close: () => database.close(),
  }
}

/** How a stored run is read. */
export interface ReplayOptions {
  /** Leave out the answers' JSON (`responseJson`), the largest part of a row; default: read it. */
  readonly withoutResponses?: boolean
  /** Default: the best that loads. */
  readonly driver?: DriverName
}

/** Hands over the records of a stored run as they were written, warm-up first; fails as `openStored` does. */
export const replay = async (
  path: string,
  onRecord: (record: RequestRecord) => void,
  { withoutResponses = false, driver }: ReplayOptions = {},
): Promise<void> => {
  await withStored(path, driver, stored => {
    for (const phase of ['warmup', 'measured'] as const) {
      for (const record of stored.records(phase, withoutResponses ? 'withoutResponses' : 'all')) onRecord(record)
    }
  })
}

/** The facts about the whole run that table `run` holds; fails as `openStored` does. */
export const readRun = (path: string, driver?: DriverName): Promise<ReadonlyMap<string, JsonValue>> =>
  withStored(path, driver, stored => stored.facts())

/** What the threads of a stored run observed of themselves, as it was told; fails as `openStored` does. */
export const readHealth = (path: string, driver?: DriverName): Promise<readonly HealthSample[]> =>
  withStored(path, driver, stored => [...stored.health()])

const withStored = async <T>(
  path: string,
  driver: DriverName | undefined,
  read: (stored: StoredDatabase) => T,
): Promise<T> => {
  const stored = await openStored(path, driver)
  try {
    return read(stored)
  } finally {
    await stored.close()
  }
}

const checkVersion = (database: Database, path: string): void => {
  const [row] = rows(database, path, 'PRAGMA user_version')
  const version = Number(row?.user_version)
  if (version === schemaVersion) return
  if (version > schemaVersion) {
    throw new ArgumentsError(`database ${path} has version ${version}, this program reads ${schemaVersion}; update it`)
  }
  if (version > 0) {
    throw new ArgumentsError(
      `database ${path} has version ${version}, this program reads ${schemaVersion}; run it again`,
    )
  }
  throw new ArgumentsError(
    `${path} is not a benchmark database of this program; give a benchmark_data.db it has written`,
  )
}

const readTimes = recordReader(selections.times, 'measured')

const rows = (database: Database, path: string, sql: string): Generator<Row> =>
  orUnreadable(path, () => database.iterate(sql))

/** Errors of the database become one line; those of the consumer do not pass through here. */
function* orUnreadable<T>(path: string, find: () => Iterable<T>): Generator<T> {
  try {
    yield* find()
  } catch (error) {
    throw unreadable(path, error)
  }
}

interface Reading<R, T> {
  readonly read: (row: R) => T
  readonly accepts?: (value: T) => boolean
  readonly onUnreadable: OnUnreadable | undefined
}

/** What rows hold; those that a run cannot have written are told instead of read, where somebody listens. */
function* readable<R, T>(
  found: Iterable<R>,
  { read, accepts = () => true, onUnreadable }: Reading<R, T>,
): Generator<T> {
  for (const row of found) {
    const value = onUnreadable === undefined ? read(row) : attempt(() => read(row), accepts, onUnreadable)
    if (value !== undefined) yield value
  }
}

const attempt = <T>(read: () => T, accepts: (value: T) => boolean, onUnreadable: OnUnreadable): T | undefined => {
  try {
    const value = read()
    if (accepts(value)) return value
    onUnreadable('it has values that no run writes')
  } catch (error) {
    onUnreadable(reasonOf(error))
  }
  return undefined
}
