import type { HealthSample, ValueCount } from '../model/health.ts'
import { Tally } from '../stats/tally.ts'
import type { Row, SqlValue } from './database.ts'
import { secondsOrNull, toMicroseconds } from './seconds.ts'

/** One column of table `health`; one without a field repeats what another tells. */
interface HealthColumn {
  readonly name: string
  readonly type: 'TEXT' | 'INTEGER' | 'REAL'
  readonly write: (sample: HealthSample) => SqlValue
  readonly restores?: { readonly field: keyof HealthSample; readonly read: (value: SqlValue) => unknown }
}

type DelaysField = 'firstSelfDelays' | 'laterSelfDelays'
type NumberField = Exclude<keyof HealthSample, DelaysField>

const integer = (name: string, field: NumberField): HealthColumn => ({
  name,
  type: 'INTEGER',
  write: sample => sample[field] ?? null,
  restores: { field, read: value => value ?? undefined },
})

const seconds = (name: string, field: NumberField): HealthColumn => ({
  name,
  type: 'REAL',
  write: sample => secondsOrNull(sample[field]),
  restores: { field, read: value => (value === null ? undefined : toMicroseconds(value as number)) },
})

const selfDelayAt = (name: string, percent: number, fields: readonly DelaysField[]): HealthColumn => ({
  name,
  type: 'REAL',
  write: sample => {
    const tally = new Tally()
    for (const [us, count] of fields.flatMap(field => sample[field])) tally.add(us, count)
    return secondsOrNull(tally.percentile(percent))
  },
})

const selfDelays = (name: string, field: DelaysField): HealthColumn => ({
  name,
  type: 'TEXT',
  write: sample => JSON.stringify(sample[field]),
  restores: { field, read: value => JSON.parse(value as string) as ValueCount[] },
})

/** The columns of table `health` in their order; the only list of them. */
export const healthColumns: readonly HealthColumn[] = [
  integer('thread', 'thread'),
  seconds('start_time', 'startUs'),
  seconds('duration', 'durationUs'),
  seconds('cpu_time', 'cpuUs'),
  seconds('run_queue_wait', 'runQueueUs'),
  integer('cores_given', 'coresGiven'),
  integer('gc_count', 'gcCount'),
  seconds('gc_time', 'gcUs'),
  seconds('gc_max', 'gcMaxUs'),
  integer('reads', 'reads'),
  integer('chunks', 'chunks'),
  selfDelayAt('self_delay_p50', 50, ['firstSelfDelays', 'laterSelfDelays']),
  selfDelayAt('self_delay_p99', 99, ['firstSelfDelays', 'laterSelfDelays']),
  selfDelayAt('first_self_delay_p50', 50, ['firstSelfDelays']),
  selfDelayAt('first_self_delay_p99', 99, ['firstSelfDelays']),
  selfDelays('first_self_delays', 'firstSelfDelays'),
  selfDelays('later_self_delays', 'laterSelfDelays'),
  integer('connections_opened', 'connectionsOpened'),
  integer('open_files', 'openFiles'),
  integer('quota_periods', 'quotaPeriods'),
  integer('throttled_count', 'throttledCount'),
  seconds('throttled_time', 'throttledUs'),
]

/** SQL that makes the table. */
export const createHealthTableSql = `CREATE TABLE health (${healthColumns.map(({ name, type }) => `${name} ${type}`).join(', ')});`

/** SQL that inserts one row. */
export const insertHealthSql = `INSERT INTO health VALUES (${healthColumns.map(() => '?').join(', ')})`

/** SQL that reads the rows as they came. */
export const selectHealthSql = `SELECT ${healthColumns.map(({ name }) => name).join(', ')} FROM health ORDER BY rowid`

/** A sample as the values of its row. */
export const toHealthRow = (sample: HealthSample): SqlValue[] => healthColumns.map(({ write }) => write(sample))

/** The sample that a row was made of. */
export const toHealthSample = (row: Row): HealthSample => {
  const fields = healthColumns.flatMap(({ name, restores }) =>
    restores === undefined ? [] : [[restores.field, restores.read(row[name] ?? null)] as const],
  )
  return Object.fromEntries(fields) as unknown as HealthSample
}
