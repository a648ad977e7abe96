import { accessSync, constants, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import type wasm from 'node-sqlite3-wasm'
import type { Database, Driver, Row, SqlValue, Statement } from './database.ts'
import { rollBack } from './roll-back.ts'
import { copyForReading, isUnfinished, type PrivateCopy } from './unfinished.ts'

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
  if (!isUnfinished(path)) {
    try {
      return new WasmDatabase(openAndLook(library, path), undefined)
    } catch (error) {
      // Its lock is a directory, which cannot be made where nothing may be written.
      if (isWritable(dirname(path))) throw error
    }
  }
  const copy = copyForReading(path)
  try {
    rollBack(copy.path)
    const connection = new library.Database(copy.path, { fileMustExist: true })
    // The only way for this driver to read a write-ahead log: the file is ours alone, so no shared memory is needed.
    connection.exec('PRAGMA locking_mode = EXCLUSIVE')
    return new WasmDatabase(connection, copy)
  } catch (error) {
    copy.remove()
    throw error
  }
}

/** Read-only; SQLite looks at nothing of a file before it is asked something. */
const openAndLook = (library: typeof wasm, path: string): wasm.Database => {
  const connection = new library.Database(path, { fileMustExist: true, readOnly: true })
  try {
    connection.all('PRAGMA schema_version')
    return connection
  } catch (error) {
    connection.close()
    throw error
  }
}

const isWritable = (directory: string): boolean => {
  try {
    accessSync(directory, constants.W_OK)
    return true
  } catch {
    return false
  }
}

class WasmDatabase implements Database {
  readonly driverName = 'node-sqlite3-wasm'
  readonly #connection: wasm.Database
  /** What is read instead of the original. */
  readonly #copy: PrivateCopy | undefined
  /** This driver frees nothing by itself. */
  readonly #statements = new Set<wasm.Statement>()

  constructor(connection: wasm.Database, copy: PrivateCopy | undefined) {
    this.#connection = connection
    this.#copy = copy
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

  *iterateValues(sql: string, values?: readonly SqlValue[]): IterableIterator<readonly SqlValue[]> {
    let names: readonly string[] | undefined
    for (const row of this.iterate(sql, values)) {
      // Object.values takes half as long again.
      names ??= Object.keys(row)
      yield names.map(name => row[name] ?? null)
    }
  }

  afterCommit(): void {}

  async close(): Promise<void> {
    if (!this.#connection.isOpen) return
    for (const statement of this.#statements) this.#drop(statement)
    this.#connection.close()
    this.#copy?.remove()
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
