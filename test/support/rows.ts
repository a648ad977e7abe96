import { rmSync } from 'node:fs'
import { createRequire } from 'node:module'

/** A row of the database as SQL gives it. */
export type SqlRow = Readonly<Record<string, number | string | null>>

const load = createRequire(import.meta.url)

/** What a query on a database file gives: plain SQL, as any other program would ask. */
export const query = (path: string, sql: string): SqlRow[] => {
  const { open, all } = reader()
  const database = open(path)
  try {
    return all(database, sql)
  } finally {
    database.close()
  }
}

/** The rows of the measured requests in their order. */
export const resultRows = (path: string): SqlRow[] => query(path, 'SELECT * FROM result ORDER BY record_index')

interface Reader {
  readonly open: (path: string) => { close(): void }
  readonly all: (database: unknown, sql: string) => SqlRow[]
}

/** The native reader where there is one: only it opens a file that a killed native writer left with its journal. */
const reader = (): Reader => {
  try {
    const Native = load('better-sqlite3') as typeof import('better-sqlite3')
    return {
      open: path => new Native(path, { fileMustExist: true }),
      all: (database, sql) => (database as import('better-sqlite3').Database).prepare(sql).all() as SqlRow[],
    }
  } catch {
    const { Database } = load('node-sqlite3-wasm') as typeof import('node-sqlite3-wasm')
    return {
      open: path => {
        // Its lock is a directory, which a writer that was killed leaves behind.
        rmSync(`${path}.lock`, { recursive: true, force: true })
        return new Database(path, { fileMustExist: true })
      },
      all: (database, sql) => (database as InstanceType<typeof Database>).all(sql) as unknown as SqlRow[],
    }
  }
}
