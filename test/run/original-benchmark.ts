import { mkdirSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { latencyUs, type RequestRecord } from '../../src/model/record.ts'
import { itlUs, tpotMs } from '../../src/stats/metrics.ts'

const { Database } = createRequire(import.meta.url)('node-sqlite3-wasm') as typeof import('node-sqlite3-wasm')

/** A pickle that would run a program where anybody unpickled it, in base64 as the original writes them. */
const pickle = Buffer.from("cos\nsystem\n(S'exit 1'\ntR.", 'latin1').toString('base64')

/** What Python's evalscope makes of a request: monotonic seconds, nulls for failures, no status and no words. */
const rowOf = (record: RequestRecord): readonly (string | number | null)[] => {
  const isSuccess = record.failure === undefined
  const orNull = (value: number | undefined): number | null => (isSuccess ? (value ?? null) : null)
  const latencySeconds = latencyUs(record) / 1e6
  const tpot = tpotMs(record)
  return [
    '{"messages": []}',
    record.sentUs / 1e6,
    JSON.stringify(itlUs(record).map(us => us / 1e6)),
    isSuccess ? 1 : 0,
    pickle,
    isSuccess ? record.endUs / 1e6 : 0,
    orNull(latencySeconds),
    orNull(record.isStream ? (record.firstChunkUs ?? 0) / 1e6 : latencySeconds),
    orNull(record.inputTokens),
    orNull(record.outputTokens),
    orNull(0),
    orNull(tpot === undefined ? 0 : tpot / 1000),
    record.requestId,
    record.isStream ? 1 : 0,
  ]
}

const columns = `request TEXT, start_time REAL, inter_token_latencies TEXT, success INTEGER, response_messages TEXT,
  completed_time REAL, latency REAL, first_chunk_latency REAL, prompt_tokens INTEGER, completion_tokens INTEGER,
  max_gpu_memory_cost REAL, time_per_output_token REAL, request_id TEXT, is_stream INTEGER`

/** Makes a run as Python's evalscope leaves it, with its arguments or without. */
export const makeOriginalRun = (
  directory: string,
  name: string,
  { records, given }: { readonly records: readonly RequestRecord[]; readonly given?: object },
): void => {
  mkdirSync(join(directory, name), { recursive: true })
  const database = new Database(join(directory, name, 'benchmark_data.db'))
  database.exec(`CREATE TABLE result (${columns}); BEGIN`)
  const insert = database.prepare(`INSERT INTO result VALUES (${Array(14).fill('?').join(', ')})`)
  for (const record of records) insert.run([...rowOf(record)])
  insert.finalize()
  database.exec('COMMIT')
  database.close()
  if (given !== undefined) writeFileSync(join(directory, name, 'benchmark_args.json'), JSON.stringify(given))
}
