import { ArgumentsError } from '../errors.ts'
import type { HealthSample } from '../model/health.ts'
import type { JsonValue } from '../model/json.ts'
import type { RequestRecord } from '../model/record.ts'
import { type Database, type DriverName, openDatabase, type Row, unreadable } from './database.ts'
import { selectHealthSql, toHealthSample } from './health-table.ts'
import { columnsExcept, schemaVersion, tables, toRecord } from './schema.ts'

/** How a stored run is read. */
export interface ReplayOptions {
  /** Leave out the answers' JSON (`responseJson`), the largest part of a row; default: read it. */
  readonly withoutResponses?: boolean
  /** Default: the best that loads. */
  readonly driver?: DriverName
}

/**
 * Hands over the records of a stored run as they were written, warm-up first, each phase in order of completion.
 * Memory stays small. Throws an ArgumentsError for a file that is no such database or comes from a newer version.
 */
export const replay = async (
  path: string,
  onRecord: (record: RequestRecord) => void,
  { withoutResponses = false, driver }: ReplayOptions = {},
): Promise<void> => {
  const columns = withoutResponses ? columnsExcept('response_messages') : columnsExcept()
  await withStored(path, driver, database => {
    for (const phase of ['warmup', 'measured'] as const) {
      const sql = `SELECT ${columns} FROM ${tables[phase]} ORDER BY rowid`
      for (const row of rows(database, path, sql)) onRecord(toRecord(row, phase))
    }
  })
}

/** The facts about the whole run that table `run` holds; fails as `replay` does. */
export const readRun = async (path: string, driver?: DriverName): Promise<ReadonlyMap<string, JsonValue>> => {
  const facts = new Map<string, JsonValue>()
  await withStored(path, driver, database => {
    for (const { key, value } of rows(database, path, 'SELECT key, value FROM run')) {
      facts.set(key as string, JSON.parse(value as string))
    }
  })
  return facts
}

/** What the threads of a stored run observed of themselves, as it was told; fails as `replay` does. */
export const readHealth = async (path: string, driver?: DriverName): Promise<readonly HealthSample[]> => {
  const samples: HealthSample[] = []
  await withStored(path, driver, database => {
    for (const row of rows(database, path, selectHealthSql)) samples.push(toHealthSample(row))
  })
  return samples
}

const withStored = async (
  path: string,
  driver: DriverName | undefined,
  read: (database: Database) => void,
): Promise<void> => {
  const database = await openDatabase(path, driver)
  try {
    checkVersion(database, path)
    read(database)
  } finally {
    await database.close()
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

/** Errors of the database become one line; those of the consumer do not pass through here. */
function* rows(database: Database, path: string, sql: string): Generator<Row> {
  try {
    yield* database.iterate(sql)
  } catch (error) {
    throw unreadable(path, error)
  }
}
