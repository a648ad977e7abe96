import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ArgumentsError } from '../../src/errors.ts'
import type { RequestRecord } from '../../src/model/record.ts'
import { createDatabase, type Database, type DriverName, openDatabase } from '../../src/store/database.ts'
import { readRun, replay } from '../../src/store/replay.ts'
import { createTablesSql } from '../../src/store/schema.ts'
import { createStore, SqliteStore, StoreError } from '../../src/store/sqlite.ts'
import { anyRecord, driverNames, exampleRecord, storedRecords, temporaryDirectory } from './records.ts'

const commitIntervalRows = 1000
const numbered = (index: number): RequestRecord => ({ ...exampleRecord, index, requestId: `request-${index}` })

const store = async (path: string, driver: DriverName, records: readonly RequestRecord[]): Promise<void> => {
  const sink = await createStore({ path, commitIntervalRows, driver })
  for (const record of records) sink.write(record)
  await sink.close()
}

const failingWrites = (database: Database): Database => ({
  driverName: database.driverName,
  exec: sql => database.exec(sql),
  prepare: sql => ({
    run: () => {
      throw new Error(`no space left for ${sql.slice(0, 6)}`)
    },
  }),
  iterate: (sql, values) => database.iterate(sql, values),
  iterateValues: (sql, values) => database.iterateValues(sql, values),
  afterCommit: () => database.afterCommit(),
  close: () => database.close(),
})

describe.each(driverNames)('a store on %s', driver => {
  test('gives back every record as it was written, each phase in its order', async () => {
    const directory = temporaryDirectory()
    let run = 0
    const anyRecords = fc.array(anyRecord, { maxLength: 8 })
    await fc.assert(
      fc.asyncProperty(anyRecords, async records => {
        const path = join(directory, `${run++}.db`)
        await store(path, driver, records)
        const expected = [
          ...records.filter(record => record.phase === 'warmup'),
          ...records.filter(record => record.phase === 'measured'),
        ]
        expect(await storedRecords(path, driver)).toStrictEqual(expected)
      }),
      { numRuns: 60 },
    )
  })

  test.each(driverNames)('is read by %s', async reader => {
    const path = join(temporaryDirectory(), 'benchmark_data.db')
    const records = Array.from({ length: 250 }, (_, index) => numbered(index))
    await store(path, driver, records)
    expect(await storedRecords(path, reader)).toStrictEqual(records)
  })

  test('leaves one sound file that the sqlite3 program reads', async context => {
    const directory = temporaryDirectory()
    const path = join(directory, 'benchmark_data.db')
    await store(path, driver, [numbered(0), { ...numbered(1), phase: 'warmup' }])
    expect(readdirSync(directory)).toEqual(['benchmark_data.db'])
    if (!existsSync('/usr/bin/sqlite3')) context.skip()
    const ask = (sql: string): string => execFileSync('/usr/bin/sqlite3', [path, sql], { encoding: 'utf8' }).trim()
    expect(ask('PRAGMA integrity_check')).toBe('ok')
    expect(ask('PRAGMA user_version')).toBe('4')
    expect(ask('PRAGMA journal_mode')).toBe('delete')
    expect(ask("SELECT request_id, typeof(start_time), printf('%.6f', start_time) FROM result")).toBe(
      'request-0|real|1800000000.123456',
    )
    expect(ask('SELECT count(*) FROM warmup_result')).toBe('1')
  })

  test('leaves an existing file alone', async () => {
    const path = join(temporaryDirectory(), 'benchmark_data.db')
    writeFileSync(path, 'precious')
    await expect(createStore({ path, commitIntervalRows, driver })).rejects.toThrow(
      new ArgumentsError(`cannot create database ${path}: it exists already; remove it or choose another directory`),
    )
    expect(readFileSync(path, 'utf8')).toBe('precious')
  })

  test('needs a directory that exists', async () => {
    const path = join(temporaryDirectory(), 'absent', 'benchmark_data.db')
    const error: Error = await createStore({ path, commitIntervalRows, driver }).then(
      () => expect.unreachable(),
      reason => reason,
    )
    expect(error).toBeInstanceOf(ArgumentsError)
    expect(error.message).not.toContain('\n')
  })

  test('is not disturbed by what a killed run with a removed database left behind', async () => {
    const path = join(temporaryDirectory(), 'benchmark_data.db')
    mkdirSync(`${path}.lock`)
    for (const suffix of ['-wal', '-journal']) writeFileSync(path + suffix, Buffer.alloc(5000, 7))
    await store(path, driver, [numbered(0)])
    expect(await storedRecords(path, driver)).toStrictEqual([numbered(0)])
  })

  test('writes nothing in the turn of the event loop that brings a record', async () => {
    const path = join(temporaryDirectory(), 'benchmark_data.db')
    const sink = await createStore({ path, commitIntervalRows, driver })
    for (let index = 0; index < 250; index++) sink.write(numbered(index))
    expect(await storedRecords(path, driver)).toEqual([])
    await nextTurn()
    await nextTurn()
    expect((await storedRecords(path, driver)).length % 100).toBe(0)
    await sink.close()
    expect(await storedRecords(path, driver)).toHaveLength(250)
  })

  test('commits a small batch when its time slice ends', async () => {
    const path = join(temporaryDirectory(), 'benchmark_data.db')
    const sink = await createStore({ path, commitIntervalRows, driver })
    sink.write(numbered(0))
    for (let tries = 0; tries < 100 && (await storedRecords(path, driver)).length === 0; tries++) await sleep(20)
    expect(await storedRecords(path, driver)).toHaveLength(1)
    await sink.close()
  })

  test('flush makes all rows safe at once', async () => {
    const path = join(temporaryDirectory(), 'benchmark_data.db')
    const sink = await createStore({ path, commitIntervalRows: 1, driver })
    for (let index = 0; index < 5; index++) sink.write(numbered(index))
    sink.flush()
    expect(await storedRecords(path, driver)).toHaveLength(5)
    await sink.close()
  })

  test('keeps facts about the run, the last of each key', async () => {
    const path = join(temporaryDirectory(), 'benchmark_data.db')
    const sink = await createStore({ path, commitIntervalRows, driver })
    sink.writeRun('plan', { number: 10, name: 'größer' })
    sink.writeRun('interrupted', false)
    sink.writeRun('interrupted', true)
    expect(await readRun(path, driver)).toEqual(
      new Map<string, unknown>([
        ['plan', { number: 10, name: 'größer' }],
        ['interrupted', true],
      ]),
    )
    await sink.close()
  })

  test('takes token counts that come after the rows, with the time per token that follows from them', async () => {
    const directory = temporaryDirectory()
    const path = join(directory, 'benchmark_data.db')
    const sink = await createStore({ path, commitIntervalRows, driver })
    for (let index = 0; index < 3; index++) {
      sink.write({ ...numbered(index), outputTokens: undefined, tokenSource: undefined })
    }
    sink.updateTokens({ index: 1, turn: 1 }, { inputTokens: 70, outputTokens: 11, tokenSource: 'tokenizer' })
    sink.updateTokens({ index: 1, turn: 9 }, { inputTokens: 1, outputTokens: 1, tokenSource: 'tokenizer' })
    await sink.close()
    const [first, second] = await storedRecords(path, driver)
    expect(first?.outputTokens).toBeUndefined()
    expect(second).toStrictEqual({ ...numbered(1), inputTokens: 70, outputTokens: 11, tokenSource: 'tokenizer' })
    const database = await openDatabase(path, driver)
    expect(Array.from(database.iterate('SELECT time_per_output_token AS tpot FROM result ORDER BY rowid'))).toEqual([
      { tpot: null },
      { tpot: 0.01 },
      { tpot: null },
    ])
    expect(Array.from(database.iterate("SELECT name FROM sqlite_schema WHERE type = 'index' AND sql <> ''"))).toEqual(
      [],
    )
    await database.close()
  })

  test('keeps an error out of the load loop, drops later rows, and tells it when it is closed', async () => {
    const path = join(temporaryDirectory(), 'benchmark_data.db')
    const database = await createDatabase(path, driver)
    database.exec(createTablesSql)
    const sink = new SqliteStore(failingWrites(database), { path, commitIntervalRows })
    for (let index = 0; index < 100; index++) sink.write(numbered(index))
    await nextTurn()
    await nextTurn()
    expect(sink.failure).toBeInstanceOf(StoreError)
    sink.write(numbered(100))
    sink.writeRun('plan', {})
    sink.flush()
    const line = `cannot write database ${path}: no space left for INSERT; it holds the first 0 rows only`
    await expect(sink.close()).rejects.toThrow(new StoreError(line))
    expect(await storedRecords(path, driver)).toEqual([])
  })

  test('a full disk ends the writing and leaves the rows before it whole', async () => {
    const path = join(temporaryDirectory(), 'benchmark_data.db')
    const database = await createDatabase(path, driver)
    database.exec(createTablesSql)
    const [{ page_size: pageBytes }] = [...database.iterate('PRAGMA page_size')] as [{ page_size: number }]
    Array.from(database.iterate(`PRAGMA max_page_count = ${Math.ceil(240_000 / pageBytes)}`))
    const sink = new SqliteStore(database, { path, commitIntervalRows: 10 })
    for (let index = 0; index < 1000; index++) sink.write(numbered(index))
    await expect(sink.close()).rejects.toThrow(/full; it holds the first \d+0 rows only$/)
    const records = await storedRecords(path, driver)
    expect(records.length).toBeGreaterThan(0)
    expect(records).toStrictEqual(records.map((_, index) => numbered(index)))
    expect(sink.failure?.message).toContain(`the first ${records.length} rows`)
  })

  test('a directory that is removed during the run is told at the end', async () => {
    const directory = join(temporaryDirectory(), 'run')
    mkdirSync(directory)
    const path = join(directory, 'benchmark_data.db')
    const sink = await createStore({ path, commitIntervalRows, driver })
    sink.write(numbered(0))
    sink.flush()
    rmSync(directory, { recursive: true })
    sink.write(numbered(1))
    sink.flush()
    await expect(sink.close()).rejects.toThrow(StoreError)
  })

  test('a second close does nothing', async () => {
    const path = join(temporaryDirectory(), 'benchmark_data.db')
    const sink = await createStore({ path, commitIntervalRows, driver })
    await sink.close()
    await sink.close()
    expect(await storedRecords(path, driver)).toEqual([])
  })
})

describe.each(driverNames)('reading with %s', driver => {
  test('can leave out the answers', async () => {
    const path = join(temporaryDirectory(), 'benchmark_data.db')
    await store(path, driver, [numbered(0)])
    const records: RequestRecord[] = []
    await replay(path, record => records.push(record), { driver, withoutResponses: true })
    expect(records).toStrictEqual([{ ...numbered(0), responseJson: undefined }])
  })

  test('refuses a database of a newer version in one line', async () => {
    const path = join(temporaryDirectory(), 'benchmark_data.db')
    const database = await createDatabase(path, driver)
    database.exec(`${createTablesSql}; PRAGMA user_version = 5`)
    await database.close()
    await expect(storedRecords(path, driver)).rejects.toThrow(
      new ArgumentsError(`database ${path} has version 5, this program reads 4; update it`),
    )
  })

  test.each([
    ['no file', undefined],
    ['a text file', 'not a database, and longer than the hundred bytes that a header of SQLite takes'.repeat(20)],
    ['an empty file', ''],
  ])('refuses %s in one line', async (_, content) => {
    const path = join(temporaryDirectory(), 'benchmark_data.db')
    if (content !== undefined) writeFileSync(path, content)
    const error: Error = await readRun(path, driver).then(
      () => expect.unreachable(),
      reason => reason,
    )
    expect(error).toBeInstanceOf(ArgumentsError)
    expect(error.message).toContain(path)
    expect(error.message).not.toContain('\n')
  })

  test('lets an error of the consumer through', async () => {
    const path = join(temporaryDirectory(), 'benchmark_data.db')
    await store(path, driver, [numbered(0)])
    const bug = new TypeError('bug')
    const failing = (): never => {
      throw bug
    }
    await expect(replay(path, failing, { driver })).rejects.toBe(bug)
    expect(await storedRecords(path, driver)).toHaveLength(1)
  })
})
