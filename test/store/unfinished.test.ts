import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { createDatabase } from '../../src/store/database.ts'
import { createTablesSql } from '../../src/store/schema.ts'
import { SqliteStore } from '../../src/store/sqlite.ts'
import { copyForReading, isUnfinished } from '../../src/store/unfinished.ts'
import { driverNames, exampleRecord, storedRecords, temporaryDirectory } from './records.ts'

const pairs = driverNames.flatMap(writer => driverNames.map(reader => [writer, reader] as const))

const contents = (directory: string): ReadonlyMap<string, string> =>
  new Map(readdirSync(directory).map(name => [name, contentOf(join(directory, name))]))

const contentOf = (path: string): string => (statSync(path).isFile() ? readFileSync(path, 'base64') : 'directory')

/** A database under way on a driver, with one record. */
const openStore = async (directory: string, driver: (typeof driverNames)[number]) => {
  const path = join(directory, 'x.db')
  const database = await createDatabase(path, driver)
  database.exec(createTablesSql)
  const store = new SqliteStore(database, { path, commitIntervalRows: 100 })
  store.write(exampleRecord)
  store.flush()
  return { path, store }
}

describe.each(pairs)('what %s writes and %s reads', (writer, reader) => {
  test('under way, is read as far as it is committed, and goes on', async () => {
    const { path, store } = await openStore(temporaryDirectory(), writer)
    expect(isUnfinished(path)).toBe(true)
    expect(await storedRecords(path, reader)).toStrictEqual([exampleRecord])
    store.write({ ...exampleRecord, index: 1 })
    store.flush()
    expect(await storedRecords(path, reader)).toHaveLength(2)
    await store.close()
    expect(isUnfinished(path)).toBe(false)
    expect(readdirSync(dirname(path))).toEqual(['x.db'])
    expect(await storedRecords(path, reader)).toHaveLength(2)
  })

  test('and was killed, stays as it was left', async () => {
    const directory = temporaryDirectory()
    mkdirSync(join(directory, 'living'))
    const { store } = await openStore(join(directory, 'living'), writer)
    const left = join(directory, 'left')
    cpSync(join(directory, 'living'), left, { recursive: true })
    await store.close()
    const before = contents(left)
    expect(await storedRecords(join(left, 'x.db'), reader)).toStrictEqual([exampleRecord])
    const after = contents(left)
    // Memory that readers share; it holds nothing.
    for (const files of [before, after]) (files as Map<string, string>).delete('x.db-shm')
    expect(after).toEqual(before)
  })
})

test.each(driverNames)('a copy of what %s left is ours alone, also of files that nobody may write', async driver => {
  const { path, store } = await openStore(temporaryDirectory(), driver)
  for (const name of readdirSync(dirname(path))) {
    if (statSync(join(dirname(path), name)).isFile()) chmodSync(join(dirname(path), name), 0o444)
  }
  const copy = copyForReading(path)
  expect(statSync(copy.path).mode & 0o777).toBe(0o600)
  expect(statSync(dirname(copy.path)).mode & 0o077).toBe(0)
  expect(await storedRecords(copy.path, driver)).toHaveLength(1)
  copy.remove()
  expect(existsSync(dirname(copy.path))).toBe(false)
  await store.close()
})

test('a copy that fails leaves nothing', () => {
  expect(() => copyForReading(join(temporaryDirectory(), 'none.db'))).toThrow(/ENOENT/)
})
