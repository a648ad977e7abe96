import type { RequestRecord, TokenSource } from '../model/record.ts'
import { type Database, inTransaction, type Statement } from './database.ts'
import { columnsExcept, tables, tokenColumns, toRecord } from './schema.ts'

/** Token counts that are found after the run. */
export interface TokenCounts {
  readonly inputTokens: number | undefined
  readonly outputTokens: number | undefined
  readonly tokenSource: TokenSource | undefined
}

/** New counts of one measured request. */
export type TokenUpdate = readonly [requestId: string, counts: TokenCounts]

const indexName = 'result_request_id'
const selectSql = `
SELECT rowid AS row_number, ${columnsExcept('request', 'response_messages')} FROM ${tables.measured} WHERE request_id = ?`
const updateSql = `
UPDATE ${tables.measured} SET ${tokenColumns.map(column => `${column.name} = ?`).join(', ')} WHERE rowid = ?`

/** Replaces token counts of stored rows, and what follows from them. */
export interface TokenCountWriter {
  /** All in one transaction; a request that is not stored is passed over. */
  update(updates: readonly TokenUpdate[]): void
  /** To be called before the database is closed. */
  finish(): void
}

/** Makes the writer; the index it needs exists only between its first update and `finish`. */
export const createTokenCountWriter = (database: Database): TokenCountWriter => {
  let statement: Statement | undefined
  return {
    update: updates =>
      inTransaction(database, () => {
        database.exec(`CREATE INDEX IF NOT EXISTS ${indexName} ON ${tables.measured} (request_id)`)
        statement ??= database.prepare(updateSql)
        for (const update of updates) updateOne(database, statement, update)
      }),
    finish: () => {
      if (statement !== undefined) database.exec(`DROP INDEX ${indexName}`)
    },
  }
}

const updateOne = (database: Database, statement: Statement, [requestId, counts]: TokenUpdate): void => {
  // Read to the end first: no row may change while rows are read.
  for (const row of Array.from(database.iterate(selectSql, [requestId]))) {
    const record: RequestRecord = { ...toRecord(row, 'measured'), ...counts }
    statement.run([...tokenColumns.map(column => column.write(record)), row.row_number ?? null])
  }
}
