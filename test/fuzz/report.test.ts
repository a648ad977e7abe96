import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, expect, test } from 'vitest'
import { UserError } from '../../src/errors.ts'
import type { JsonValue } from '../../src/model/json.ts'
import { benchmarkJsonText } from '../../src/report/benchmark-json.ts'
import { runReport } from '../../src/report/run-report.ts'
import { sweepReport } from '../../src/report/sweep-report.ts'
import { readResults } from '../../src/run/stored-benchmark.ts'
import type { DriverName } from '../../src/store/database.ts'
import { openStored } from '../../src/store/replay.ts'
import { columns } from '../../src/store/schema.ts'
import { createStore } from '../../src/store/sqlite.ts'
import { planOf } from '../report/results.ts'
import { failed, k05Records, streamed } from '../stats/records.ts'
import { driverNames, hasBetterSqlite3 } from '../store/records.ts'
import { fuzz } from './fuzz.ts'
import {
  anyJson,
  type ByteChange,
  byteChange,
  changedBytes,
  changedJson,
  hostileText,
  type JsonChange,
  jsonChange,
  unprintable,
} from './hostile.ts'

const root = mkdtempSync(join(tmpdir(), 'evalscope-report-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

/** What a run tells of itself beside its records. */
const facts: Readonly<Record<string, JsonValue>> = {
  plan: JSON.parse(JSON.stringify(planOf(2, 8))) as JsonValue,
  arguments: { percentiles: [50, 99], model: 'm', provenance: { started_at: '2026-01-02T03:04:05Z' } },
  started_at: '2026-01-02T03:04:05Z',
  output_path: root,
  planned_runs: 1,
  process: { pid: 1, start: null },
  outcome: {
    interrupted: false,
    datasetFailed: false,
    hasThinkTime: false,
    gauge: { mean: 1.5, max: 2 },
    promptWaiting: { requests: 0, totalMs: 0, maxMs: 0 },
  },
}

const makeDatabase = async (): Promise<Buffer> => {
  const path = join(root, 'whole.db')
  const store = await createStore({ path, commitIntervalRows: 100 })
  for (const [key, value] of Object.entries(facts)) store.writeRun(key, value)
  for (const record of k05Records) store.write(record)
  store.write(streamed({ start: 7, end: 8, ttft: 0.5, gaps: [0.2, 0.3], input: 5, output: 3 }))
  store.write(failed('http_5xx', { start: 8, end: 9 }, { message: 'HTTP 500: oom', statusCode: 500 }))
  await store.close()
  return readFileSync(path)
}

const whole = await makeDatabase()
const directory = join(root, 'run')
mkdirSync(directory)
const path = join(directory, 'benchmark_data.db')

const put = (bytes: Buffer): void => {
  for (const suffix of ['-wal', '-shm', '-journal', '.lock']) rmSync(path + suffix, { recursive: true, force: true })
  writeFileSync(path, bytes)
}

/** Changes the database as anybody with SQLite may; statements that it refuses change nothing. */
const execute = (statements: readonly string[]): void => {
  const load = createRequire(import.meta.url)
  const name: DriverName = hasBetterSqlite3 ? 'better-sqlite3' : 'node-sqlite3-wasm'
  const loaded = load(name) as { Database: new (path: string) => Connection } & (new (path: string) => Connection)
  const Connect = hasBetterSqlite3 ? loaded : loaded.Database
  const connection = new Connect(path)
  connection.exec('PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF')
  for (const statement of statements) {
    try {
      connection.exec(statement)
    } catch {
      // Such as a column that is gone already.
    }
  }
  connection.close()
}

interface Connection {
  exec(sql: string): unknown
  close(): void
}

const textLiteral = (text: string): string => `CAST(X'${Buffer.from(text).toString('hex')}' AS TEXT)`

const literal = fc.oneof(
  fc.constantFrom(
    'NULL',
    '0',
    '1',
    '-1',
    '1e308',
    '9e999',
    '-9e999',
    '9223372036854775807',
    '0.1',
    "''",
    "X''",
    "X'00ff'",
  ),
  fc.constantFrom("'[]'", "'[1e999]'", "'[-1]'", "'[null]'", `'["a"]'`, "'{}'", "'http_5xx'", "'usage'", "'[1,'"),
  hostileText.map(textLiteral),
  anyJson.map(textLiteral),
)

const name = fc.constantFrom(...columns.map(column => column.name))
const table = fc.constantFrom('result', 'result', 'warmup_result', 'health', 'run')
const key = fc.constantFrom(...Object.keys(facts), '__proto__')

const statement: fc.Arbitrary<string> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .tuple(name, literal, fc.nat({ max: 6 }))
      .map(
        ([column, value, row]) => `UPDATE result SET ${column} = ${value}${row === 0 ? '' : ` WHERE rowid = ${row}`}`,
      ),
  },
  {
    weight: 4,
    arbitrary: fc
      .tuple(fc.constantFrom(...Object.keys(facts)), fc.array(jsonChange, { minLength: 1, maxLength: 3 }))
      .map(([fact, changes]: [string, JsonChange[]]) => {
        const json = changedJson(facts[fact], changes)
        return `UPDATE run SET value = ${textLiteral(json)} WHERE key = '${fact}'`
      }),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(key, literal).map(([fact, value]) => `INSERT OR REPLACE INTO run VALUES ('${fact}', ${value})`),
  },
  { weight: 1, arbitrary: name.map(column => `ALTER TABLE result DROP COLUMN ${column}`) },
  { weight: 1, arbitrary: name.map(column => `ALTER TABLE result RENAME COLUMN ${column} TO other`) },
  {
    weight: 1,
    arbitrary: fc.oneof(
      table.map(each => `DROP TABLE ${each}`),
      table.map(each => `DELETE FROM ${each}`),
      table.map(each => `DROP TABLE ${each}; CREATE VIEW ${each} AS SELECT 1 AS a`),
      fc.constant('INSERT INTO result SELECT * FROM result'),
      fc.constant('INSERT INTO warmup_result SELECT * FROM result'),
      fc.constant("INSERT INTO health SELECT 'x'"),
      fc.integer({ min: -1, max: 9 }).map(version => `PRAGMA user_version = ${version}`),
    ),
  },
)

/** Tables take ten times as long as all else: each case has one kind of them. */
const forms = ['tables of a run', 'tables of all runs', 'JSON'] as const

/** What is printed and written of the database; a mistake is told in one line that names it. */
const expectReport = async (form: (typeof forms)[number]): Promise<void> => {
  const said: string[] = []
  try {
    const benchmark = await readResults(path, { say: line => said.push(line) })
    const results = benchmark.runs.map(({ result }) => result)
    const [result] = results
    if (result === undefined) throw new Error('no run')
    const options = { outputPath: benchmark.outputPath, interrupted: false, definitions: true }
    const text = {
      'tables of a run': () => runReport(result, { dbPath: path, columns: undefined }),
      'tables of all runs': () => sweepReport(results, benchmark),
      JSON: () => benchmarkJsonText(results, options),
    }[form]()
    for (const line of [...text.split('\n'), ...said]) expect(line).not.toMatch(unprintable)
    if (form === 'JSON') JSON.parse(text)
    else for (const word of ['NaN', 'Infinity', 'undefined']) expect(text).not.toContain(word)
    for (const run of benchmark.runs) for await (const record of run.records({ withAnswers: true })) void record
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    expect(error.message).toContain(path)
    expect(error.message).not.toMatch(unprintable)
  }
}

test('the database that all cases are made of is reported', async () => {
  put(whole)
  for (const form of forms) await expectReport(form)
  const { runs } = await readResults(path)
  expect(runs[0]).toMatchObject({ state: 'over', result: { summary: { totalRequests: 5, failedRequests: 1 } } })
})

fuzz<[readonly string[], (typeof forms)[number]]>(
  'report: rows, tables and facts that nobody wrote',
  [fc.array(statement, { minLength: 1, maxLength: 4 }), fc.constantFrom(...forms)],
  async (statements, form) => {
    put(whole)
    execute(statements)
    await expectReport(form)
  },
  { share: 0.3 },
)

interface Damage {
  readonly changes: readonly ByteChange[]
  readonly bits: readonly (readonly [share: number, bit: number])[]
  readonly keep: number
}

const damage: fc.Arbitrary<Damage> = fc.record({
  changes: fc.oneof({ weight: 2, arbitrary: fc.constant([]) }, fc.array(byteChange, { maxLength: 3 })),
  bits: fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.nat({ max: 7 })), { maxLength: 30 }),
  // Of the file; mostly all of it.
  keep: fc.oneof({ weight: 3, arbitrary: fc.constant(1) }, fc.double({ min: 0, max: 1, noNaN: true })),
})

const damaged = ({ changes, bits, keep }: Damage): Buffer => {
  const bytes = changedBytes(whole, changes)
  for (const [share, bit] of bits) {
    // Squared: what a file is made of is told at its beginning.
    const at = Math.min(bytes.length - 1, Math.floor(share * share * bytes.length))
    if (at >= 0) bytes[at] = (bytes[at] as number) ^ (1 << bit)
  }
  return bytes.subarray(0, Math.floor(keep * bytes.length))
}

fuzz<[Damage, (typeof forms)[number]]>(
  'report: damaged database files',
  [damage, fc.constantFrom(...forms)],
  async (given, form) => {
    put(damaged(given))
    await expectReport(form)
  },
  { share: 0.3 },
)

for (const driver of driverNames) {
  fuzz<[Damage]>(
    `${driver}: damaged database files`,
    [damage],
    async given => {
      put(damaged(given))
      try {
        const stored = await openStored(path, driver)
        try {
          stored.facts(() => undefined)
          for (const phase of ['warmup', 'measured'] as const)
            for (const record of stored.records(phase, 'all', () => undefined)) void record
          for (const sample of stored.health(() => undefined)) void sample
        } finally {
          await stored.close()
        }
      } catch (error) {
        if (!(error instanceof UserError)) throw error
      }
    },
    { share: 0.3 },
  )
}
