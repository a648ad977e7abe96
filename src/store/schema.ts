import { type FailureKind, latencyUs, type RequestRecord, timesFields } from '../model/record.ts'
import { tpotMs } from '../stats/metrics.ts'
import type { SqlValue } from './database.ts'
import { createHealthTableSql } from './health-table.ts'
import { secondsOrNull, toMicroseconds, toSeconds } from './seconds.ts'

/** Version of the tables, kept in `PRAGMA user_version`. */
export const schemaVersion = 4

/** Table of each phase: warm-up requests never mix with measured ones. */
export const tables = { warmup: 'warmup_result', measured: 'result' } as const

/** One column: what it holds of a record, and how the record gets it back. */
interface Column {
  readonly name: string
  readonly type: 'TEXT' | 'INTEGER' | 'REAL'
  readonly write: (record: RequestRecord) => SqlValue
  /** The record's field that is restored from it; a column without one repeats what others tell. */
  readonly restores?: Restoring
}

interface Restoring {
  readonly field: keyof RequestRecord
  readonly read: (value: SqlValue, beside: SqlValue) => unknown
  /** The column whose value is read `beside`. */
  readonly beside?: string
}

type FieldOf<T> = { [K in keyof RequestRecord]-?: RequestRecord[K] extends T ? K : never }[keyof RequestRecord]

const orUndefined = (value: SqlValue): SqlValue | undefined => value ?? undefined

const derived = (name: string, type: Column['type'], write: Column['write']): Column => ({ name, type, write })

const integer = (name: string, field: FieldOf<number | undefined>): Column => ({
  name,
  type: 'INTEGER',
  write: record => record[field] ?? null,
  restores: { field, read: orUndefined },
})

const flag = (name: string, field: FieldOf<boolean>): Column => ({
  name,
  type: 'INTEGER',
  write: record => (record[field] ? 1 : 0),
  restores: { field, read: value => value === 1 },
})

const seconds = (name: string, field: FieldOf<number | undefined>): Column => ({
  name,
  type: 'REAL',
  write: record => secondsOrNull(record[field]),
  restores: { field, read: value => (value === null ? undefined : toMicroseconds(value as number)) },
})

/** For JSON text, whose escapes keep it clear of what SQLite drivers cannot hold, and for names of our own. */
const text = (name: string, field: FieldOf<string | undefined>): Column => ({
  name,
  type: 'TEXT',
  write: record => record[field] ?? null,
  restores: { field, read: orUndefined },
})

/** For text that others wrote. */
const freeText = (name: string, field: FieldOf<string>): Column => ({
  ...text(name, field),
  write: record => storable(record[field]),
})

/** A NUL ends a text for most readers, half a surrogate pair is no UTF-8, and a byte order mark gets lost. */
const storable = (value: string): string => value.replace(/[\0\p{Surrogate}\u{FEFF}]/gu, '\u{FFFD}')

/** Built piece by piece: 57 ns a gap against 98 for JSON.stringify over a mapped array. */
const gapsText = (gapsUs: readonly number[]): string => {
  let json = ''
  for (const us of gapsUs) json += `${json === '' ? '[' : ','}${toSeconds(us)}`
  return json === '' ? '[]' : `${json}]`
}

const readGaps = (value: SqlValue): number[] => (JSON.parse(value as string) as number[]).map(toMicroseconds)

const latency = (record: RequestRecord): number | null =>
  record.failure === undefined ? toSeconds(latencyUs(record)) : null

/** Not rounded to µs: it is a ratio, and its mean should be the one that reports print. */
const timePerOutputToken = (record: RequestRecord): number | null => {
  const tpot = record.failure === undefined ? tpotMs(record) : undefined
  return tpot === undefined ? null : tpot / 1000
}

const readFailure = (kind: SqlValue, message: SqlValue): RequestRecord['failure'] =>
  kind === null ? undefined : { kind: kind as FailureKind, message: String(message) }

/**
 * The columns of `result` and `warmup_result` in their order: first those of evalscope's own `result`, then ours.
 * The only list of them: tables, inserts and reading follow from it.
 */
export const columns: readonly Column[] = [
  text('request', 'body'),
  seconds('start_time', 'sentUs'),
  {
    name: 'inter_token_latencies',
    type: 'TEXT',
    write: record => gapsText(record.gapsUs),
    restores: { field: 'gapsUs', read: readGaps },
  },
  derived('success', 'INTEGER', record => (record.failure === undefined ? 1 : 0)),
  text('response_messages', 'responseJson'),
  seconds('completed_time', 'endUs'),
  derived('latency', 'REAL', latency),
  seconds('first_chunk_latency', 'firstChunkUs'),
  integer('prompt_tokens', 'inputTokens'),
  integer('completion_tokens', 'outputTokens'),
  derived('max_gpu_memory_cost', 'REAL', () => null),
  derived('time_per_output_token', 'REAL', timePerOutputToken),
  freeText('request_id', 'requestId'),
  flag('is_stream', 'isStream'),
  seconds('ttft', 'ttftUs'),
  seconds('ttfat', 'ttfatUs'),
  seconds('scheduled_time', 'scheduledUs'),
  seconds('slot_wait_time', 'slotWaitUs'),
  seconds('connect_time', 'connectUs'),
  integer('chunk_count', 'chunkCount'),
  integer('events_per_read_max', 'eventsPerReadMax'),
  integer('cached_tokens', 'cachedTokens'),
  integer('reasoning_tokens', 'reasoningTokens'),
  text('token_source', 'tokenSource'),
  {
    name: 'failure_kind',
    type: 'TEXT',
    write: record => record.failure?.kind ?? null,
    restores: { field: 'failure', read: readFailure, beside: 'error' },
  },
  integer('status_code', 'statusCode'),
  derived('error', 'TEXT', record => (record.failure === undefined ? null : storable(record.failure.message))),
  freeText('conversation_id', 'conversationId'),
  integer('turn', 'turn'),
  flag('is_last_turn', 'isLastTurn'),
  integer('record_index', 'index'),
  flag('was_resent', 'wasResent'),
]

/** The columns that counting tokens after the run changes. */
export const tokenColumns = columns.filter(column =>
  ['prompt_tokens', 'completion_tokens', 'time_per_output_token', 'token_source'].includes(column.name),
)

const columnDefinitions = columns.map(column => `${column.name} ${column.type}`).join(', ')

/** SQL that makes an empty database of this version. */
export const createTablesSql = `
CREATE TABLE ${tables.measured} (${columnDefinitions});
CREATE TABLE ${tables.warmup} (${columnDefinitions});
CREATE TABLE run (key TEXT PRIMARY KEY, value TEXT);
${createHealthTableSql}
PRAGMA user_version = ${schemaVersion};
`

/** The columns that these fields of a record are read from, among them what is read beside others. */
const columnsOf = (isChosen: (field: keyof RequestRecord) => boolean): readonly Column[] => {
  const chosen = columns.filter(({ restores }) => restores !== undefined && isChosen(restores.field))
  const beside = chosen.map(({ restores }) => restores?.beside)
  return columns.filter(column => chosen.includes(column) || beside.includes(column.name))
}

const withoutResponses = columnsOf(field => field !== 'responseJson')

/** What is selected to make records of, which then lack what other columns tell. */
export const selections = {
  all: columnsOf(() => true),
  withoutResponses,
  withoutTexts: columnsOf(field => field !== 'body' && field !== 'responseJson'),
  /** What makes a `RequestTimes`. */
  times: columnsOf(field => timesFields.some(name => name === field)),
  /** A body only where it may tell why the server did not count; others are empty. */
  figures: withoutResponses.map(column =>
    column.name === 'request'
      ? { ...column, name: "CASE WHEN token_source = 'usage' OR success = 0 THEN '' ELSE request END" }
      : column,
  ),
} as const

/** These columns as SQL. */
export const columnList = (selected: readonly Column[]): string => selected.map(({ name }) => name).join(', ')

/** SQL that inserts one row into a phase's table. */
export const insertSql = (phase: RequestRecord['phase']): string =>
  `INSERT INTO ${tables[phase]} VALUES (${columns.map(() => '?').join(', ')})`

/** SQL that keeps a fact about the whole run; a later one replaces it. */
export const insertRunSql = 'INSERT OR REPLACE INTO run VALUES (?, ?)'

/** A record as the values of its row. */
export const toRow = (record: RequestRecord): SqlValue[] => columns.map(column => column.write(record))

/** Reads records of a phase from the values of these columns, in this order. */
export const recordReader = (
  selected: readonly Column[],
  phase: RequestRecord['phase'],
): ((values: readonly SqlValue[]) => RequestRecord) => {
  const places = selected.flatMap(({ restores }, at) =>
    restores === undefined
      ? []
      : [{ ...restores, at, besideAt: selected.findIndex(({ name }) => name === restores.beside) }],
  )
  return values => {
    // Texts may have been left out.
    const fields: Record<string, unknown> = { phase, body: undefined, responseJson: undefined }
    for (const { field, read, at, besideAt } of places)
      fields[field] = read(values[at] ?? null, values[besideAt] ?? null)
    return fields as unknown as RequestRecord
  }
}
