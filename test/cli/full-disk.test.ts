import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type ChatServer, startChatServer } from '../support/chat-server.ts'
import { createCli, type Finished, filesIn, type StartOptions, words } from '../support/cli.ts'
import { filesUpTo, mountDisk } from '../support/full-disk.ts'
import { query } from '../support/rows.ts'
import { drivers } from '../support/sqlite-drivers.ts'

const cli = createCli()
let server: ChatServer

beforeAll(async () => {
  server = await startChatServer()
})
afterAll(() => server.close())

/** 40 requests, whose rows take 2 MB. */
const perf = (options: StartOptions): Promise<Finished> => {
  const directory = options.directory ?? cli.freshDirectory()
  const prompts = join(cli.freshDirectory(), 'long.txt')
  writeFileSync(prompts, 'all work and no play '.repeat(2500))
  const argv = `perf --url ${server.url} --model m --parallel 2 -n 40 --dataset line_by_line --dataset-path ${prompts}`
  return cli.run(words(argv), { ...options, directory, limitMs: 40_000 })
}

const lastLine = ({ stderr }: Finished): string => stderr.trimEnd().split('\n').at(-1) ?? ''

const databasesIn = (directory: string): string[] =>
  filesIn(directory).filter(path => path.endsWith('benchmark_data.db'))

const expectNoStack = ({ stderr }: Finished): void => expect(stderr).not.toMatch(/^\s+at |this is a bug/m)

/** What was measured is shown; the rows that were stored before the disk was full are whole. */
const expectShown = (finished: Finished): void => {
  expect(finished.code).toBe(1)
  expectNoStack(finished)
  expect(finished.stdout).toContain('40 / 40 / 0')
  expect(finished.stdout).toContain('Result DB path')
  const [database = ''] = databasesIn(finished.directory)
  expect(query(database, 'PRAGMA integrity_check')).toEqual([{ integrity_check: 'ok' }])
  const [{ n }] = query(database, 'SELECT count(*) AS n FROM result') as [{ n: number }]
  expect(query(database, 'SELECT count(*) AS n FROM result WHERE length(request) > 50000')).toEqual([{ n }])
  const [, told] =
    /^evalscope: .*benchmark_data\.db: .*; (?:it holds the first |its )(\d+) rows /.exec(lastLine(finished)) ?? []
  expect(Number(told)).toBe(n)
}

describe.each(drivers)('files may not grow ($name)', ({ env }) => {
  test.each([
    ['at all', 0, 1, /^evalscope: cannot write .*benchmark_args\.json: .*/],
    ['to a database', 20, 2, /^evalscope: cannot create database .*benchmark_data\.db: .*/],
  ])('%s: one line before anything is measured, and nothing that looks like results', async (_, kib, code, line) => {
    const finished = await perf({ through: filesUpTo(kib), env })
    expect({ code: finished.code, stdout: finished.stdout }).toEqual({ code, stdout: '' })
    expect(lastLine(finished)).toMatch(line)
    expectNoStack(finished)
    expect(databasesIn(finished.directory)).toEqual([])
  })

  test('to all of the rows: it is said at once, the run goes on and is shown', async () => {
    const finished = await perf({ through: filesUpTo(500), env })
    expectShown(finished)
    // Said when it happened, and at the end.
    expect(finished.stderr.match(/cannot write database/g)).toHaveLength(2)
  })
})

const disk = mountDisk('size=64k')
disk?.remove()

describe.runIf(disk !== undefined)('a disk of its own', () => {
  // The sizes are those at which it fills up in different steps: making files, rows, and moving the log into the file.
  const sizesKib = { 'better-sqlite3': [64, 1000, 3000], 'node-sqlite3-wasm': [1000] }
  test.each(drivers.flatMap(driver => sizesKib[driver.name].map(kib => ({ ...driver, kib }))))(
    'of $kib KiB is full: a line says so, and what was measured is shown ($name)',
    async ({ kib, env }) => {
      const small = mountDisk(`size=${kib}k`)
      if (small === undefined) throw new Error('it could be mounted before')
      try {
        const finished = await perf({ directory: small.path, env })
        if (finished.stdout !== '') return expectShown(finished)
        expect([1, 2]).toContain(finished.code)
        expect(lastLine(finished)).toMatch(/^evalscope: cannot (write|create) .*/)
        expectNoStack(finished)
      } finally {
        small.remove()
      }
    },
  )
})

test.runIf(existsSync('/dev/full'))('a log on a full disk, or a stderr, costs a run nothing', async () => {
  const directory = cli.freshDirectory()
  mkdirSync(join(directory, 'outputs', 'm'), { recursive: true })
  symlinkSync('/dev/full', join(directory, 'outputs', 'm', 'benchmark.log'))
  const through = ['sh', '-c', 'exec "$@" --no-timestamp 2>/dev/full', 'sh']
  const finished = await perf({ through, directory })
  expect(finished.code).toBe(0)
  expect(finished.stdout).toContain('40 / 40 / 0')
})

test.runIf(existsSync('/dev/full'))('tables that cannot be printed are an error, with the files written', async () => {
  const finished = await perf({ through: ['sh', '-c', 'exec "$@" >/dev/full', 'sh'] })
  expect(finished.code).toBe(1)
  expect(lastLine(finished)).toMatch(/^evalscope: cannot print: ENOSPC/)
  expectNoStack(finished)
  expect(filesIn(finished.directory).some(path => path.endsWith('benchmark_summary.json'))).toBe(true)
  const [database = ''] = databasesIn(finished.directory)
  expect(query(database, 'SELECT count(*) AS n FROM result')).toEqual([{ n: 40 }])
})
