import type { RequestRecord, TokenSource } from '../model/record.ts'
import { type Database, inTransaction, type Statement } from './database.ts'
import { columnList, recordReader, selections, tables, tokenColumns } from './schema.ts'

/** Token counts that are found after the run. */
export interface TokenCounts {
  readonly inputTokens: number | undefined
  readonly outputTokens: number | undefined
  readonly tokenSource: TokenSource | undefined
}

/** Which measured request is meant; a recorded request's id may come twice. */
export type RecordPlace = Pick<RequestRecord, 'index' | 'turn'>

/** New counts of one measured request. */
export type TokenUpdate = readonly [place: RecordPlace, counts: TokenCounts]

const indexName = 'result_place'
const selectSql = `
SELECT ${columnList(selections.withoutTexts)}, rowid FROM ${tables.measured}
WHERE record_index = ? AND turn = ?`
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
        database.exec(`CREATE INDEX IF NOT EXISTS ${indexName} ON ${tables.measured} (record_index, turn)`)
        statement ??= database.prepare(updateSql)
        for (const update of updates) updateOne(database, statement, update)
      }),
    finish: () => {
      if (statement !== undefined) database.exec(`DROP INDEX ${indexName}`)
    },
  }
}

const updateOne = (database: Database, statement: Statement, [{ index, turn }, counts]: TokenUpdate): void => {
  // Read to the end first: no row may change while rows are read.
  for (const values of Array.from(database.iterateValues(selectSql, [index, turn]))) {
    const record: RequestRecord = { ...readRecord(values), ...counts }
    statement.run([...tokenColumns.map(column => column.write(record)), values.at(-1) ?? null])
  }
}

const readRecord = recordReader(selections.withoutTexts, 'measured')
