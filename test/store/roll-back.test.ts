import { copyFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import wasm from 'node-sqlite3-wasm'
import { expect, test } from 'vitest'
import { rollBack } from '../../src/store/roll-back.ts'
import { temporaryDirectory } from './records.ts'

/** A database of 60 rows that was left in the middle of a commit that changes them all and adds as many. */
const halfCommitted = (synchronous: string): string => {
  const directory = temporaryDirectory()
  const [path, left] = [join(directory, 'x.db'), join(directory, 'left.db')]
  const writer = new wasm.Database(path)
  for (const pragma of ['locking_mode = EXCLUSIVE', `synchronous = ${synchronous}`, 'cache_size = 4']) {
    writer.exec(`PRAGMA ${pragma}`)
  }
  writer.exec('CREATE TABLE t (id INTEGER PRIMARY KEY, text TEXT)')
  const numbers = 'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60) SELECT'
  writer.exec(`INSERT INTO t ${numbers} i, hex(zeroblob(500)) FROM n`)
  writer.exec('BEGIN')
  writer.exec("UPDATE t SET text = text || 'changed'")
  writer.exec(`INSERT INTO t ${numbers} 1000 + i, hex(zeroblob(500)) FROM n`)
  for (const suffix of ['', '-journal']) copyFileSync(path + suffix, left + suffix)
  writer.exec('ROLLBACK')
  writer.close()
  return left
}

const look = (path: string) => {
  const database = new wasm.Database(path, { fileMustExist: true })
  try {
    const [first] = database.all("SELECT count(*) AS count, sum(text LIKE '%changed') AS changed FROM t")
    return { ...first, integrity: database.all('PRAGMA integrity_check')[0]?.integrity_check }
  } finally {
    database.close()
  }
}

const before = { count: 60, changed: 0, integrity: 'ok' }

test.each(['OFF', 'NORMAL'])('a commit in which its writer was killed is undone (synchronous = %s)', synchronous => {
  const path = halfCommitted(synchronous)
  rollBack(path)
  expect(existsSync(`${path}-journal`)).toBe(false)
  expect(look(path)).toEqual(before)
})

test('a page of which the journal holds a part has not been overwritten yet', () => {
  const path = halfCommitted('OFF')
  const [database, journal] = [readFileSync(path), readFileSync(`${path}-journal`)]
  const recordBytes = 4096 + 8
  const last = 512 + (Math.floor((journal.length - 512) / recordBytes) - 1) * recordBytes
  const offset = (journal.readUInt32BE(last) - 1) * 4096
  journal.copy(database, offset, last + 4, last + 4 + 4096)
  writeFileSync(path, database)
  writeFileSync(`${path}-journal`, journal.subarray(0, last + 2000))
  rollBack(path)
  expect(look(path)).toEqual(before)
})

test('a journal of zeros, as a finished commit leaves it, changes nothing', () => {
  const path = halfCommitted('OFF')
  const untouched = readFileSync(path)
  writeFileSync(`${path}-journal`, Buffer.alloc(20_000))
  rollBack(path)
  expect(readFileSync(path).equals(untouched)).toBe(true)
  expect(existsSync(`${path}-journal`)).toBe(false)
})
