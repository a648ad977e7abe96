import { chmodSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type ChatServer, startChatServer } from '../support/chat-server.ts'
import { createCli, type Finished, fileOf, filesIn, runDirectories, words } from '../support/cli.ts'
import { mountDisk } from '../support/full-disk.ts'
import { query } from '../support/rows.ts'
import { drivers } from '../support/sqlite-drivers.ts'
import { waitUntil } from '../support/wait.ts'

const cli = createCli()
let server: ChatServer

beforeAll(async () => {
  server = await startChatServer()
})
afterAll(() => server.close())

const perf = (line: string, options = {}): Promise<Finished> =>
  cli.run(words(`perf --url ${server.url} --model m --sleep-interval 0 ${line}`), options)

const lastLine = ({ stderr }: Finished): string => stderr.trimEnd().split('\n').at(-1) ?? ''

const expectNoStack = ({ stderr }: Finished): void => expect(stderr).not.toMatch(/^\s+at |this is a bug/m)

/** Every file below a directory, with what is in it. */
const contentsOf = (directory: string): ReadonlyMap<string, string> =>
  new Map(filesIn(directory).map(path => [path, readFileSync(path, 'latin1')]))

/** Starts a run, and does something to its output while requests are under way. */
const whileRunning = async (
  line: string,
  env: Readonly<Record<string, string>>,
  act: (directory: string) => void,
): Promise<Finished> => {
  const own = await startChatServer({ tokens: 5, tokenMs: 10 })
  const running = cli.start(words(`perf --url ${own.url} --model m --sleep-interval 0 ${line}`), { env })
  await waitUntil(() => own.measured().length > 12)
  act(running.directory)
  const finished = await running.finished
  await own.close()
  return finished
}

describe.each(drivers)('what is removed under way is told, and what was measured shown ($name)', ({ env }) => {
  test('all of the output', async () => {
    const finished = await whileRunning('--parallel 4 2 -n 40', env, directory =>
      rmSync(join(directory, 'outputs'), { recursive: true }),
    )
    expect(finished.code).toBe(1)
    expect(finished.stdout).toContain('40 / 40 / 0')
    expect(lastLine(finished)).toMatch(/^evalscope: database .*benchmark_data\.db was removed during the run; /)
    expectNoStack(finished)
    // Nor is it made again, for a second run.
    expect(finished.stdout).toContain('Only 1 of 2 runs came to their end')
    expect(runDirectories(finished.directory)).toEqual([])
  })

  test('the database alone', async () => {
    const finished = await whileRunning('--parallel 4 -n 40', env, directory =>
      rmSync(fileOf(directory, 'parallel_4_number_40', 'benchmark_data.db')),
    )
    expect(finished.code).toBe(1)
    expect(finished.stdout).toContain('40 / 40 / 0')
    expect(lastLine(finished)).toMatch(/^evalscope: database .*benchmark_data\.db was removed during the run; /)
    expectNoStack(finished)
    const left = filesIn(join(finished.directory, 'outputs')).map(path => path.split('/').at(-1))
    expect(left).toContain('benchmark_summary.json')
    expect(left.filter(name => name?.startsWith('benchmark_data'))).toEqual([])
  })
})

describe('results that are there', () => {
  test.each([
    ['as they are', () => {}],
    // The largest file is the first to be thrown away.
    ['without their database', (database: string) => rmSync(database)],
  ])('are refused, %s, and stay untouched', async (_, change) => {
    const first = await perf('--parallel 1 2 -n 2 --no-timestamp')
    for (const run of ['parallel_1_number_2', 'parallel_2_number_2']) {
      change(fileOf(first.directory, run, 'benchmark_data.db'))
    }
    const before = contentsOf(first.directory)
    const again = await perf('--parallel 3 2 -n 2 --no-timestamp', { directory: first.directory })
    expect({ code: again.code, stdout: again.stdout }).toEqual({ code: 2, stdout: '' })
    expect(lastLine(again)).toMatch(/^evalscope: outputs\/m\/parallel_2_number_2 holds results already; .*--name/)
    expect(contentsOf(first.directory)).toEqual(before)
  })

  test('stay beside those of another run: its report gets a name of its own', async () => {
    const first = await perf('--parallel 1 -n 2 --no-timestamp')
    const before = contentsOf(first.directory)
    const second = await perf('--parallel 2 -n 2 --no-timestamp', { directory: first.directory })
    expect(second.code).toBe(0)
    const after = contentsOf(first.directory)
    for (const [path, content] of before) {
      // The log goes on.
      expect(after.get(path)?.slice(0, content.length)).toBe(content)
    }
    const reports = filesIn(first.directory).filter(path => path.includes('performance_summary'))
    expect(reports.map(path => path.split('/').at(-1)).sort()).toEqual([
      'performance_summary.txt',
      'performance_summary_2.txt',
    ])
  })

  test('that come while a sweep is under way end it; the runs before are reported', async () => {
    const own = await startChatServer({ tokens: 5, tokenMs: 10 })
    const line = `perf --url ${own.url} --model m --parallel 4 5 -n 20 --sleep-interval 0 --no-timestamp`
    const running = cli.start(words(line))
    await waitUntil(() => own.measured().length > 4)
    const taken = join(running.directory, 'outputs', 'm', 'parallel_5_number_20')
    mkdirSync(taken)
    writeFileSync(join(taken, 'benchmark_data.db'), 'mine')
    const finished = await running.finished
    await own.close()
    expect(finished.code).toBe(2)
    expect(finished.stdout).toContain('Only 1 of 2 runs came to their end')
    expect(lastLine(finished)).toMatch(/parallel_5_number_20 holds results already; /)
    expect(readFileSync(join(taken, 'benchmark_data.db'), 'utf8')).toBe('mine')
    expect(filesIn(taken)).toHaveLength(1)
  })
})

/** A directory that takes nothing; undefined where only a mount could be one, and none is allowed. */
const readOnlyDirectory = (): { readonly path: string; remove(): void } | undefined => {
  // Nothing keeps root from writing but a file system.
  if (process.getuid?.() === 0) return mountDisk('ro,size=64k')
  const path = cli.freshDirectory()
  chmodSync(path, 0o555)
  return { path, remove: () => chmodSync(path, 0o755) }
}

describe('a place that takes nothing', () => {
  test('is one line before anything is sent: read-only', async () => {
    const readOnly = readOnlyDirectory()
    if (readOnly === undefined) return expect(process.getuid?.()).toBe(0)
    const own = await startChatServer()
    const line = `perf --url ${own.url} --model m -n 1 --outputs-dir ${readOnly.path}/deep/er`
    const finished = await cli.run(words(line))
    readOnly.remove()
    await own.close()
    expect({ code: finished.code, stdout: finished.stdout, sent: own.seen.length }).toEqual({
      code: 2,
      stdout: '',
      sent: 0,
    })
    expect(lastLine(finished)).toMatch(/^evalscope: cannot write to .*(EROFS|EACCES).*; give another --outputs-dir$/)
    expectNoStack(finished)
  })

  test.each(['file/deeper', 'link'])('is one line before anything is sent: %s', async place => {
    const directory = cli.freshDirectory()
    writeFileSync(join(directory, 'file'), 'mine')
    symlinkSync('file', join(directory, 'link'))
    const own = await startChatServer()
    const line = `perf --url ${own.url} --model m -n 1 --outputs-dir ${place}`
    const finished = await cli.run(words(line), { directory })
    await own.close()
    expect({ code: finished.code, stdout: finished.stdout, sent: own.seen.length }).toEqual({
      code: 2,
      stdout: '',
      sent: 0,
    })
    expect(lastLine(finished)).toMatch(/^evalscope: cannot write to .*; give another --outputs-dir$/)
    expect(readFileSync(join(directory, 'file'), 'utf8')).toBe('mine')
  })

  test('is one line where a directory has the name of the log', async () => {
    const directory = cli.freshDirectory()
    mkdirSync(join(directory, 'outputs', 'm', 'benchmark.log'), { recursive: true })
    const finished = await perf('-n 1 --no-timestamp', { directory })
    expect({ code: finished.code, stdout: finished.stdout }).toEqual({ code: 2, stdout: '' })
    expect(lastLine(finished)).toMatch(/^evalscope: cannot write .*benchmark\.log: .*; give another --outputs-dir$/)
    expectNoStack(finished)
  })

  test('for one file costs that file alone', async () => {
    const directory = cli.freshDirectory()
    const run = join(directory, 'outputs', 'm', 'parallel_1_number_2')
    mkdirSync(join(run, 'workload_throughput.json'), { recursive: true })
    const finished = await perf('-n 2 --no-timestamp', { directory })
    expect(finished.code).toBe(1)
    expect(finished.stdout).toContain('2 / 2 / 0')
    expect(lastLine(finished)).toMatch(/^evalscope: cannot write .*workload_throughput\.json: EISDIR/)
    expect(query(join(run, 'benchmark_data.db'), 'SELECT count(*) AS n FROM result')).toEqual([{ n: 2 }])
    expect(filesIn(dirname(run)).some(path => path.endsWith('performance_summary.txt'))).toBe(true)
  })
})
