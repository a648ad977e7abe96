import { createRequire } from 'node:module'

// A reader that is not ours: plain SQL on the file as any other program would open it.
const { Database } = createRequire(import.meta.url)('node-sqlite3-wasm') as typeof import('node-sqlite3-wasm')

/** A row of the database as SQL gives it. */
export type SqlRow = Readonly<Record<string, number | string | null>>

/** What a query on a database file gives. */
export const query = (path: string, sql: string): SqlRow[] => {
  const database = new Database(path, { readOnly: true })
  try {
    return database.all(sql) as unknown as SqlRow[]
  } finally {
    database.close()
  }
}

/** The rows of the measured requests in their order. */
export const resultRows = (path: string): SqlRow[] => query(path, 'SELECT * FROM result ORDER BY record_index')
