import { mkdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { RequestRecord } from '../../src/model/record.ts'
import { createStore } from '../../src/store/sqlite.ts'
import { planOf } from '../report/results.ts'
import { k01Records } from '../stats/records.ts'

const { Database } = createRequire(import.meta.url)('node-sqlite3-wasm') as typeof import('node-sqlite3-wasm')

const plan = planOf(2, 5)
/** An outcome without anything odd. */
export const over = { interrupted: false, ended_at: '2026-01-01T00:00:00Z' }

/** What is in a run's database. */
export interface Run {
  readonly facts?: Readonly<Record<string, unknown>>
  readonly records?: readonly RequestRecord[]
  /** SQL that changes the database afterwards. */
  readonly change?: string
}

/** Makes a run below `directory`, as `perf` would or as nobody would; gives the path of its database. */
export const makeRun = async (
  directory: string,
  name: string,
  { facts = {}, records, change }: Run = {},
): Promise<string> => {
  mkdirSync(join(directory, name), { recursive: true })
  const path = join(directory, name, 'benchmark_data.db')
  const store = await createStore({ path, commitIntervalRows: 100 })
  const all: Record<string, unknown> = { plan: { ...plan, name }, outcome: over, ...facts }
  for (const [key, value] of Object.entries(all)) if (value !== undefined) store.writeRun(key, value)
  for (const record of records ?? k01Records) store.write(record)
  await store.close()
  if (change !== undefined) {
    const database = new Database(path)
    database.exec(change)
    database.close()
  }
  return path
}
