import { closeSync, constants, copyFileSync, existsSync, mkdtempSync, openSync, readSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type wasm from 'node-sqlite3-wasm'
import type { Database, Driver, Row, SqlValue, Statement } from './database.ts'

/** Loads node-sqlite3-wasm, which needs no binary of its own for each machine. */
export const loadWasm = async (): Promise<Driver> => {
  const { default: library } = await import('node-sqlite3-wasm')
  return {
    create: path => createForWriting(library, path),
    open: path => openForReading(library, path),
  }
}

/**
 * This driver locks by making a directory, and other programs do not see that. So it keeps the rollback journal: in WAL
 * mode a look at the running database with `sqlite3` would delete the log that is being written.
 */
const createForWriting = (library: typeof wasm, path: string): Database => {
  // Left by a run that was killed and whose database is gone.
  rmSync(`${path}.lock`, { recursive: true, force: true })
  const connection = new library.Database(path)
  // Exclusive: 1.1 ms for 100 rows against 1.4, and the lock tells readers for the whole run that someone writes.
  connection.exec('PRAGMA locking_mode = EXCLUSIVE')
  // Without fsync a commit is safe when the process is killed, though not when power fails; with it, dispatching would
  // wait for the disk at each commit.
  connection.exec('PRAGMA synchronous = OFF')
  return new WasmDatabase(connection, undefined)
}

const openForReading = (library: typeof wasm, path: string): Database => {
  if (!isUnfinished(path)) return new WasmDatabase(new library.Database(path, { fileMustExist: true }), undefined)
  const directory = mkdtempSync(join(tmpdir(), 'evalscope-db-'))
  try {
    const connection = new library.Database(copyInto(directory, path), { fileMustExist: true })
    // The only way for this driver to read a write-ahead log: the file is ours alone, so no shared memory is needed.
    connection.exec('PRAGMA locking_mode = EXCLUSIVE')
    return new WasmDatabase(connection, directory)
  } catch (error) {
    rmSync(directory, { recursive: true, force: true })
    throw error
  }
}

/**
 * Whether its writer was killed or is still at work. Such a database is read from a copy: nobody can tell a lock that a
 * crash left from a living one, and recovering the original would pull the log from under a living writer.
 */
const isUnfinished = (path: string): boolean =>
  existsSync(`${path}.lock`) || existsSync(`${path}-journal`) || isWal(path)

const isWal = (path: string): boolean => {
  const header = Buffer.alloc(20)
  const file = openSync(path, 'r')
  try {
    readSync(file, header, 0, header.length, 0)
  } finally {
    closeSync(file)
  }
  // Read version of the file format: 2 is WAL.
  return header[19] === 2
}

const copyInto = (directory: string, path: string): string => {
  const copy = join(directory, 'copy.db')
  for (const suffix of ['', '-wal', '-journal']) {
    if (existsSync(path + suffix)) copyFileSync(path + suffix, copy + suffix, constants.COPYFILE_FICLONE)
  }
  return copy
}

class WasmDatabase implements Database {
  readonly driverName = 'node-sqlite3-wasm'
  readonly #connection: wasm.Database
  /** Directory of the private copy that is read instead of the original. */
  readonly #copyDirectory: string | undefined
  /** This driver frees nothing by itself. */
  readonly #statements = new Set<wasm.Statement>()

  constructor(connection: wasm.Database, copyDirectory: string | undefined) {
    this.#connection = connection
    this.#copyDirectory = copyDirectory
  }

  exec(sql: string): void {
    this.#connection.exec(sql)
  }

  prepare(sql: string): Statement {
    let statement = this.#prepared(sql)
    const run = (values: readonly SqlValue[]): void => {
      try {
        statement.run(values as SqlValue[])
      } catch (error) {
        // This driver refuses the next use of a statement that has failed.
        this.#drop(statement)
        statement = this.#prepared(sql)
        throw error
      }
    }
    return { run }
  }

  *iterate(sql: string, values: readonly SqlValue[] = []): IterableIterator<Row> {
    const statement = this.#connection.prepare(sql)
    try {
      yield* statement.iterate(values as SqlValue[]) as IterableIterator<Row>
    } finally {
      statement.finalize()
    }
  }

  afterCommit(): void {}

  async close(): Promise<void> {
    if (!this.#connection.isOpen) return
    for (const statement of this.#statements) this.#drop(statement)
    this.#connection.close()
    if (this.#copyDirectory !== undefined) rmSync(this.#copyDirectory, { recursive: true, force: true })
  }

  #prepared(sql: string): wasm.Statement {
    const statement = this.#connection.prepare(sql)
    this.#statements.add(statement)
    return statement
  }

  #drop(statement: wasm.Statement): void {
    this.#statements.delete(statement)
    try {
      statement.finalize()
    } catch {
      // Tells once more why the statement failed.
    }
  }
}
