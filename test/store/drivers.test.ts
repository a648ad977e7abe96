import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { isLoadable } from '../../src/store/better-sqlite3-driver.ts'
import { createDatabase, inTransaction, openDatabase } from '../../src/store/database.ts'
import { createStore } from '../../src/store/sqlite.ts'
import { driverNames, exampleRecord, hasBetterSqlite3, storedRecords, temporaryDirectory } from './records.ts'

const megabyte = 1024 * 1024

describe('the choice of driver', () => {
  afterEach(() => {
    vi.doUnmock('better-sqlite3')
  })

  test.runIf(hasBetterSqlite3)('is better-sqlite3 where it loads', async () => {
    const database = await createDatabase(join(temporaryDirectory(), 'x.db'))
    expect(database.driverName).toBe('better-sqlite3')
    await database.close()
  })

  test.each([
    [
      'is not installed',
      () => {
        throw new Error("Cannot find package 'better-sqlite3'")
      },
    ],
    [
      'has no binary',
      () => ({
        default: class {
          constructor() {
            throw new Error('Could not locate the bindings file. Tried:\n → build/better_sqlite3.node')
          }
        },
      }),
    ],
  ])('is node-sqlite3-wasm where better-sqlite3 %s', async (_, module) => {
    vi.doMock('better-sqlite3', module)
    const path = join(temporaryDirectory(), 'x.db')
    const database = await createDatabase(path)
    expect(database.driverName).toBe('node-sqlite3-wasm')
    await database.close()
    const error: Error = await openDatabase(path, 'better-sqlite3').then(
      () => expect.unreachable(),
      reason => reason,
    )
    expect(error.message).toMatch(/^cannot load better-sqlite3 \(.+\); install it or leave the choice of driver open$/)
  })

  test.each([
    ['12.11.1', 9, true],
    ['12.11.1', 10, true],
    ['13.0.0', 9, false],
    ['13.2.0', 10, true],
  ])('better-sqlite3 %s on Node-API %i may be loaded: %s', (version, nodeApi, expected) => {
    expect(isLoadable(version, nodeApi)).toBe(expected)
  })
})

describe.each(driverNames)('a database of %s', driver => {
  test('binds and returns text, whole numbers, fractions and nothing alike', async () => {
    const database = await createDatabase(join(temporaryDirectory(), 'x.db'), driver)
    database.exec('CREATE TABLE t (a TEXT, b INTEGER, c REAL, d TEXT)')
    const insert = database.prepare('INSERT INTO t VALUES (?, ?, ?, ?)')
    const rows = [
      ['Größe 熵 \u{1F600}', 2 ** 40, 1_800_000_000.123456, null],
      ['', 0, 2, ''],
    ] as const
    for (const row of rows) insert.run(row)
    const read = (sql: string, values: readonly number[] = []): unknown[] => Array.from(database.iterate(sql, values))
    expect(read('SELECT * FROM t WHERE b >= ?', [0])).toEqual(rows.map(([a, b, c, d]) => ({ a, b, c, d })))
    expect(read('SELECT DISTINCT typeof(a) AS a, typeof(b) AS b, typeof(c) AS c FROM t')).toEqual([
      { a: 'text', b: 'integer', c: 'real' },
    ])
    await database.close()
  })

  test('takes all of a transaction or none', async () => {
    const database = await createDatabase(join(temporaryDirectory(), 'x.db'), driver)
    database.exec('CREATE TABLE t (a TEXT PRIMARY KEY)')
    const insert = database.prepare('INSERT INTO t VALUES (?)')
    const insertAll = (values: readonly string[]): void =>
      inTransaction(database, () => {
        for (const value of values) insert.run([value])
      })
    insertAll(['a', 'b'])
    expect(() => insertAll(['c', 'a'])).toThrow(/UNIQUE/)
    insertAll(['d'])
    expect(Array.from(database.iterate('SELECT a FROM t'))).toEqual([{ a: 'a' }, { a: 'b' }, { a: 'd' }])
    await database.close()
  })

  test('may be left in the middle of its rows', async () => {
    const path = join(temporaryDirectory(), 'x.db')
    const database = await createDatabase(path, driver)
    database.exec("CREATE TABLE t (a TEXT); INSERT INTO t VALUES ('1'), ('2')")
    for (const row of database.iterate('SELECT a FROM t')) {
      expect(row).toEqual({ a: '1' })
      break
    }
    database.exec("INSERT INTO t VALUES ('3')")
    await database.close()
    expect(readFileSync(path).subarray(0, 15).toString()).toBe('SQLite format 3')
  })
})

test.runIf(hasBetterSqlite3)(
  '64 MB of log are moved into the database while rows go on, and it is used again',
  async () => {
    const path = join(temporaryDirectory(), 'benchmark_data.db')
    const store = await createStore({ path, commitIntervalRows: 100, driver: 'better-sqlite3' })
    const body = JSON.stringify('x'.repeat(megabyte))
    let rows = 0
    const writeMegabyte = (): void => {
      store.write({ ...exampleRecord, index: rows++, body })
      store.flush()
    }
    while (rows < 70) writeMegabyte()
    for (let tries = 0; tries < 400 && statSync(path).size < 60 * megabyte; tries++) await sleep(20)
    expect(statSync(path).size).toBeGreaterThan(60 * megabyte)
    // What the thread had not seen yet is copied in its next round.
    await sleep(200)
    const logBytes = statSync(`${path}-wal`).size
    while (rows < 90) writeMegabyte()
    expect(statSync(`${path}-wal`).size).toBe(logBytes)
    await store.close()
    expect((await storedRecords(path, 'better-sqlite3')).map(record => record.index)).toEqual(
      Array.from({ length: 90 }, (_, index) => index),
    )
  },
)
