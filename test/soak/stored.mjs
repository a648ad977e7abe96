// What a soaked run has stored, read as any other program would.
import { createRequire } from 'node:module'

const load = createRequire(import.meta.url)

const all = (path, sql) => {
  let database
  try {
    const Native = load('better-sqlite3')
    database = new Native(path, { readonly: true })
    return database.prepare(sql).all()
  } catch (error) {
    if (error.code !== 'MODULE_NOT_FOUND') throw error
    const { Database } = load('node-sqlite3-wasm')
    database = new Database(path, { readOnly: true })
    return database.all(sql)
  } finally {
    database?.close()
  }
}

/** How many requests of a run came to which end, and chunks in all. */
export const countRows = path =>
  all(
    path,
    `SELECT count(*) AS "all", sum(success) AS succeeded, sum(failure_kind = 'aborted') AS cutOff,
       sum(success = 0 AND failure_kind <> 'aborted') AS failed, sum(was_resent) AS resent, sum(chunk_count) AS chunks
     FROM result`,
  ).map(row => Object.fromEntries(Object.entries(row).map(([name, value]) => [name, value ?? 0])))[0]

/** Self-delays of the thread that sends, in ms, a sample a second. */
export const healthSamples = (path, startMs) =>
  all(path, 'SELECT start_time, self_delay_p50, self_delay_p99 FROM health WHERE thread = 1 ORDER BY start_time').map(
    row => ({
      minute: (row.start_time * 1000 - startMs) / 60_000,
      selfDelayP50: row.self_delay_p50 === null ? undefined : row.self_delay_p50 * 1000,
      selfDelayP99: row.self_delay_p99 === null ? undefined : row.self_delay_p99 * 1000,
    }),
  )
