import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readdirSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { isDeepStrictEqual } from 'node:util'
import { describe, expect, test } from 'vitest'
import type { RequestRecord } from '../../src/model/record.ts'
import type { DriverName } from '../../src/store/database.ts'
import { readRun } from '../../src/store/replay.ts'
import { driverNames, exampleRecord, hasBetterSqlite3, storedRecords, temporaryDirectory } from './records.ts'

const root = resolve(fileURLToPath(import.meta.url), '../../..')
const storeModule = join(root, 'dist/store/sqlite.js')
const writer = join(root, 'test/store/endless-writer.mjs')
/** Pause of the writer between turns: none, so that many kills hit a commit, and one that never fills a batch. */
const pausesMs = [0, 25, 0]
/** One batch, and the rows of the turn that filled it and of the one not yet told. */
const unsafeRows = 100 + 3 * 7
/** The time slice of a commit, and what a busy machine may add to it. */
const unsafeMs = 200 + 300

/** What the writer said: rows handed over so far, and when. */
interface Report {
  readonly rows: number
  readonly atMs: number
}

const killedWriter = async (path: string, driver: DriverName, pauseMs: number): Promise<readonly Report[]> => {
  const example = JSON.stringify(exampleRecord)
  const child = spawn(
    process.execPath,
    [writer, pathToFileURL(storeModule).href, path, driver, example, `${pauseMs}`],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
  let output = ''
  const started = new Promise<void>(ready => {
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text
      ready()
    })
  })
  const ended = new Promise<void>(done => child.on('close', () => done()))
  await Promise.race([started, ended])
  await sleep(pauseMs === 0 ? 100 + Math.random() * 300 : 600 + Math.random() * 300)
  child.kill('SIGKILL')
  await ended
  const lines = output.slice(0, output.lastIndexOf('\n')).split('\n')
  return lines.map(line => {
    const [rows, atMs] = line.split(' ').map(Number)
    return { rows: rows as number, atMs: atMs as number }
  })
}

const writtenAs = (index: number): RequestRecord => ({
  ...exampleRecord,
  index,
  requestId: `request-${index}`,
  responseJson: JSON.stringify('y'.repeat(index % 3000)),
})

const checkWithSqlite3 = (path: string): void => {
  if (!existsSync('/usr/bin/sqlite3')) return
  expect(execFileSync('/usr/bin/sqlite3', [path, 'PRAGMA integrity_check'], { encoding: 'utf8' }).trim()).toBe('ok')
}

describe.concurrent.each(driverNames)('a run on %s that is killed', driver => {
  test('leaves a sound database that lacks at most the last batch and time slice', { timeout: 60_000 }, async ({
    onTestFinished,
  }) => {
    const directory = temporaryDirectory(onTestFinished)
    let storedRows = 0
    for (const [round, pauseMs] of pausesMs.entries()) {
      const original = join(directory, `${round}`)
      mkdirSync(original)
      const reports = await killedWriter(join(original, 'x.db'), driver, pauseMs)
      const last = reports.at(-1) as Report
      const safeByAge = reports.findLast(report => report.atMs < last.atMs - unsafeMs)?.rows ?? 0
      // Each reader gets the leftovers as the killed process left them: reading repairs them.
      const copyFor = (reader: string): string => {
        cpSync(original, `${original}-${reader}`, { recursive: true })
        return join(`${original}-${reader}`, 'x.db')
      }
      for (const reader of driverNames) {
        const copy = copyFor(reader)
        const records = await storedRecords(copy, reader)
        // Thousands of rows: vitest's own comparison would take seconds.
        expect(
          isDeepStrictEqual(
            records,
            records.map((_, index) => writtenAs(index)),
          ),
        ).toBe(true)
        expect(records.length).toBeGreaterThanOrEqual(safeByAge)
        expect(records.length).toBeGreaterThanOrEqual(last.rows - unsafeRows)
        storedRows += records.length
        expect(await readRun(copy, reader)).toEqual(new Map([['plan', { number: 1 }]]))
      }
      checkWithSqlite3(copyFor('sqlite3'))
    }
    expect(storedRows).toBeGreaterThan(unsafeRows)
  })
})

test.runIf(hasBetterSqlite3)('a run that ends while its log is being moved waits for that', async () => {
  const path = join(temporaryDirectory(), 'x.db')
  const script = `
    const { createStore } = await import(${JSON.stringify(pathToFileURL(storeModule).href)})
    const store = await createStore({ path: process.argv[1], commitIntervalRows: 100, driver: 'better-sqlite3' })
    const record = { ...JSON.parse(process.argv[2]), responseJson: JSON.stringify('z'.repeat(1024 * 1024)) }
    for (let index = 0; index < 65; index++) store.write({ ...record, index })
    await store.close()
  `
  const args = ['--input-type=module', '--eval', script, '--', path, JSON.stringify(exampleRecord)]
  expect(spawnSync(process.execPath, args, { stdio: 'inherit' }).status).toBe(0)
  expect(readdirSync(dirname(path))).toEqual(['x.db'])
  expect(await storedRecords(path, 'node-sqlite3-wasm')).toHaveLength(65)
})
