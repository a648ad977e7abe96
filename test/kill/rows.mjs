import { copyFileSync, existsSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const load = createRequire(import.meta.url)

/** Seconds of rows have six decimals. */
const isSame = (a, b) => Math.abs(a - b) < 1.5e-6

const isJson = value => {
  try {
    JSON.parse(value)
    return true
  } catch {
    return false
  }
}

/** What makes a row whole, by what is wrong with one that is not. */
const rules = {
  'its request is not JSON': row => isJson(row.request),
  'its gaps are no list of numbers': row =>
    isJson(row.inter_token_latencies) && JSON.parse(row.inter_token_latencies).every(gap => gap >= 0),
  'its gaps are not those of its chunks': row =>
    JSON.parse(row.inter_token_latencies).length === Math.max(0, row.chunk_count - 1),
  'its answer is not JSON': row => row.response_messages === null || isJson(row.response_messages),
  'it has no request id': row => typeof row.request_id === 'string' && row.request_id !== '',
  'it is neither a success nor a failure': row => (row.success === 1) === (row.failure_kind === null),
  'a failure has words, a success none': row => (row.failure_kind === null) === (row.error === null),
  'a success has a latency, a failure none': row => (row.success === 1) === (row.latency !== null),
  'its latency is not that between its times': row =>
    row.latency === null || isSame(row.latency, row.completed_time - row.start_time),
  'it ended before it was sent': row => row.completed_time >= row.start_time,
  'a success has no first token': row => row.success === 0 || (row.ttft > 0 && row.ttft <= row.latency + 1e-6),
  'a success has no output tokens': row => row.success === 0 || row.completion_tokens > 0,
}

/**
 * What the database of a killed run holds, read from a copy, as any program would read it: `ids` of all requests with
 * their success, `measured` rows and those of them that are `counted`, `facts` of table run, and what is wrong with it
 * as `problems`. Undefined where no table is in it yet.
 */
export const readDatabase = path => {
  const directory = mkdtempSync(join(tmpdir(), 'evalscope-kill-'))
  const database = openCopy(path, directory)
  try {
    if (database.all('PRAGMA user_version')[0].user_version === 0) return undefined
    const problems = integrityOf(database)
    const ids = new Map()
    let counted = 0
    const counts = ['warmup_result', 'result'].map(table => {
      const places = new Set()
      let count = 0
      for (const row of database.all(`SELECT * FROM ${table}`)) {
        count++
        problems.push(...problemsOf(row, table))
        const place = `${row.record_index}/${row.turn}`
        if (places.has(place)) problems.push(`${table} holds request ${place} twice`)
        if (ids.has(row.request_id)) problems.push(`id ${row.request_id} comes twice`)
        places.add(place)
        ids.set(row.request_id, row.success)
        // Those that were cut off by us are no part of any figure.
        if (table === 'result' && row.failure_kind !== 'aborted') counted++
      }
      return count
    })
    const [warmup, measured] = counts
    return { ids, warmup, measured, counted, facts: factsOf(database, problems), problems }
  } finally {
    database.close()
    rmSync(directory, { recursive: true, force: true })
  }
}

const integrityOf = database => {
  const found = database.all('PRAGMA integrity_check').map(row => row.integrity_check)
  return found.join() === 'ok' ? [] : [`integrity_check: ${found.join()}`]
}

const problemsOf = (row, table) => {
  const broken = Object.entries(rules).filter(([, isWhole]) => !isWhole(row))
  return broken.map(([what]) => `${table} ${row.record_index}/${row.turn}: ${what}`)
}

const factsOf = (database, problems) => {
  for (const { first_self_delays: first, later_self_delays: later } of database.all('SELECT * FROM health')) {
    if (!isJson(first) || !isJson(later)) problems.push('a row of health is not JSON')
  }
  const rows = database.all('SELECT key, value FROM run')
  for (const { key, value } of rows) if (!isJson(value)) problems.push(`run.${key} is not JSON`)
  return Object.fromEntries(rows.map(({ key, value }) => [key, JSON.parse(value)]))
}

/** The copy has the log or journal of a writer that was killed, as the original stays what the kill has left. */
const openCopy = (path, directory) => {
  const copy = join(directory, 'copy.db')
  for (const suffix of ['', '-wal', '-journal']) {
    if (existsSync(path + suffix)) copyFileSync(path + suffix, copy + suffix)
  }
  if (statSync(copy).size === 0 && !existsSync(`${copy}-wal`)) {
    return { all: () => [{ user_version: 0 }], close: () => {} }
  }
  const Native = native()
  if (Native !== undefined) {
    const database = new Native(copy)
    return { all: sql => database.prepare(sql).all(), close: () => database.close() }
  }
  const { Database } = load('node-sqlite3-wasm')
  const database = new Database(copy)
  return { all: sql => database.all(sql), close: () => database.close() }
}

/** The native reader where it is installed. */
const native = () => {
  try {
    const Native = load('better-sqlite3')
    new Native(':memory:').close()
    return Native
  } catch {
    return undefined
  }
}
