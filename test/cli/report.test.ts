import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, relative } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { keepFloor } from '../../src/run/doctor/keep-floor.ts'
import { readMachine } from '../../src/run/doctor/machine.ts'
import { startSimulatedServer } from '../../src/server/simulated.ts'
import { heldRung, reportOf } from '../run/doctor/examples.ts'
import { type ChatServer, refuse, startChatServer } from '../support/chat-server.ts'
import { createCli, type Finished, fileOf, filesIn, jsonOf, words } from '../support/cli.ts'
import { chatChunk, done, event, httpChunk, lastChunk, startRawServer, streamHead } from '../support/raw-server.ts'
import { drivers } from '../support/sqlite-drivers.ts'
import { wordsTokenizerPath } from '../tokenizers/paths.ts'

const cli = createCli()

/** All of these start programs, some at once, and the machine may be busy. */
const limitMs = 60_000

/** Every fifth request fails; an answer takes 12 ms. */
let failing: ChatServer
beforeAll(async () => {
  const instead = ({ number }: { number: number }, response: Parameters<typeof refuse>[0]) =>
    number % 5 === 4 && refuse(response, 500, 'no \u001b[31mroom')
  failing = await startChatServer({ models: ['m'], tokens: 6, tokenMs: 2, instead })
})
afterAll(() => failing.close())

/** Starts a run whose answers take 60 ms; resolves when some of them are in its database. */
const startRun = async (line: string, env: Readonly<Record<string, string>>) => {
  const server = await startChatServer({ models: ['m'], tokens: 6, tokenMs: 10 })
  const running = cli.start(words(`perf --url ${server.url} --no-test-connection --no-timestamp ${line}`), {
    env,
    limitMs,
  })
  for (let waitedMs = 0; server.measured().length < 16 && waitedMs < 20_000; waitedMs += 20) await pause(20)
  // They are committed 5 times a second.
  await pause(500)
  return { running, server }
}

const pause = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms))

const talks = [1, 2, 3].map(talk => {
  const turns = [1, 2, 3].map(turn => [
    { role: 'user', content: `${talk} ${turn} ?` },
    { role: 'assistant', content: 'so' },
  ])
  return JSON.stringify(turns.flat())
})

const benchmarkIn = (directory: string): string => {
  const [database] = filesIn(directory).filter(path => path.endsWith('benchmark_data.db'))
  return relative(directory, dirname(dirname(database as string)))
}

/** Contents of all files that follow from the databases, by path. */
const derivedFiles = (directory: string): Map<string, string> =>
  new Map(
    filesIn(join(directory, 'outputs'))
      .filter(path => !/benchmark_data\.db|benchmark\.log|\.hidden$/.test(path))
      .map(path => [relative(directory, path), readFileSync(path, 'utf8')]),
  )

/** Where the doctor once found that ten streams cost 100 ms of TTFT; later nobody knows it any more. */
const cacheWithFloor = async (): Promise<string> => {
  const cache = cli.freshDirectory()
  const rung = heldRung(10, { addedTtftMs: { p50: 100, p99: 200, count: 700 } })
  const found = reportOf([{ beat: 'own', rungs: [rung], end: 'top' }], { machine: await readMachine('better-sqlite3') })
  keepFloor(found, { EVALSCOPE_CACHE: cache })
  return cache
}

const perf = async (line: string, env = {}): Promise<Finished> => {
  const directory = cli.freshDirectory()
  writeFileSync(join(directory, 'talks.jsonl'), `${talks.join('\n')}\n`)
  return cli.run(words(`perf --seed 1 --sleep-interval 0 --no-test-connection ${line}`), { directory, env, limitMs })
}

const report = (directory: string, line = '', env = {}): Promise<Finished> =>
  cli.run(['report', benchmarkIn(directory), ...words(line)], { directory, env, limitMs })

describe.concurrent('evalscope report makes again, byte for byte, what perf made of', { timeout: limitMs }, () => {
  const expectSame = async (finished: Finished, more = ''): Promise<void> => {
    const { directory, stdout } = finished
    expect(finished.code, finished.stderr).toBe(0)
    const files = derivedFiles(directory)
    expect(files.size).toBeGreaterThan(5)
    for (const file of files.keys()) rmSync(join(directory, file))
    const again = await report(directory, more)
    expect(again.stderr).toMatch(/^page to open in a browser: outputs\/\S+\/perf_report\.html\n$/)
    expect(again.code).toBe(0)
    expect(again.stdout).toBe(stdout)
    expect(derivedFiles(directory)).toEqual(files)
  }

  test.each([
    ['a sweep with failures and warm-up', '--parallel 2 1 --number 10 6 --warmup-num 2 --percentiles 50 66 90'],
    ['a paced load', '--parallel 1 --rate 40 --number 12 --definitions'],
    ['an open loop that its duration ends', '--open-loop --rate 30 --duration 0.7 --grace 0 --workers 2'],
    ['conversations', '--multi-turn --dataset custom_multi_turn --dataset-path talks.jsonl -n 6 --parallel 2 --json'],
  ])('%s', async (_, line) => {
    const more = ['--json', '--definitions'].filter(flag => line.includes(flag))
    const finished = await perf(`--url ${failing.url} ${line}`, { EVALSCOPE_CACHE: await cacheWithFloor() })
    expect(finished.stdout).toMatch(/\(doctor, 2026-11-22\)/)
    await expectSame(finished, more.join(' '))
  })

  test('answers without tokens, on the other driver', async () => {
    const server = await startSimulatedServer({ knobs: { prefillBaseMs: 4, errorRate: 0.2, seed: 3 } })
    const line = `--url ${server.url} --api embedding --model m --dataset line_by_line --dataset-path talks.jsonl -n 9`
    const finished = await perf(line, drivers.at(-1)?.env)
    await server.close()
    await expectSame(finished)
  })

  test.each([
    ['tokens that a tokenizer counts', `--tokenizer-path ${wordsTokenizerPath}`],
    [
      'tokens that nobody counts, of requests that are not kept',
      '--extra-args {"stream_options":null} --no-save-requests --save-responses none',
    ],
  ])('%s', async (_, line) => {
    const events = [chatChunk({ content: 'the' }), chatChunk({ content: ' cat' }), chatChunk({}, 'stop')].map(event)
    const answer = streamHead + httpChunk(events.join('') + done) + lastChunk
    const server = await startRawServer(socket => void socket.write(answer))
    const finished = await perf(`--url ${server.url} --model m -n 4 ${line}`)
    await server.close()
    await expectSame(finished)
  })
})

describe.concurrent('a run that was killed', { timeout: limitMs }, () => {
  test.each(drivers)('is reported from its rows, as interrupted ($name)', async ({ env }) => {
    const { running, server } = await startRun('--parallel 2 1 -n 400 4 --name k', env)
    running.child.kill('SIGKILL')
    const { directory } = await running.finished
    await server.close()
    const found = filesIn(directory).length
    const { code, stdout, stderr } = await report(directory, '', env)
    expect(code, stderr).toBe(0)
    expect(stderr).toBe('page to open in a browser: outputs/k/perf_report.html\n')
    const summary = jsonOf(directory, 'parallel_2_number_400', 'benchmark_summary.json')
    const requests = Number(summary['Total Requests'])
    expect(requests).toBeGreaterThan(9)
    const statement = `the run did not come to its end, and its database holds ${requests} requests`
    expect(summary).toMatchObject({
      Interrupted: true,
      'Expected Requests': 400,
      'Prompt Wait (ms)': null,
      verdict: { statement },
    })
    expect(summary.verdict).not.toMatchObject({ verdict: 'VALID' })
    expect(stdout).toContain(`: ${statement}\n`)
    expect(stdout).toContain('Only 0 of 2 runs came to their end')
    expect(filesIn(directory).length).toBe(found + 7)
  })
})

test.each(drivers)(
  'a run that is under way is reported so far, and goes on ($name)',
  { timeout: limitMs },
  async ({ env }) => {
    const { running, server } = await startRun('--parallel 2 -n 2000 --name u', env)
    const { code, stdout, stderr } = await report(running.directory)
    expect(running.child.exitCode).toBeNull()
    expect(code, stderr).toBe(0)
    expect(stderr).toBe('parallel_2_number_2000 is still under way: its files are left as they are\n')
    const statement = /\nVerdict: .*the run is still under way, and its database holds (\d+) requests so far\n/
    const [, soFar] = statement.exec(stdout) ?? []
    expect(Number(soFar)).toBeGreaterThan(9)
    expect([...derivedFiles(running.directory).keys()].map(path => basename(path))).toEqual(['benchmark_args.json'])
    const seen = server.measured().length
    for (let waitedMs = 0; server.measured().length < seen + 10 && waitedMs < 20_000; waitedMs += 20) await pause(20)
    running.child.kill('SIGINT')
    const finished = await running.finished
    await server.close()
    expect(finished.code, finished.stderr).toBe(130)
    const summary = jsonOf(finished.directory, 'parallel_2_number_2000', 'benchmark_summary.json')
    expect(summary).toMatchObject({ Interrupted: true, 'Success Requests': server.measured().length })
    expect(server.measured().length).toBeGreaterThan(Number(soFar) + 9)
  },
)

describe('of a directory', () => {
  let made: string
  beforeAll(async () => {
    const { code, stderr, directory } = await perf(`--url ${failing.url} --parallel 2 1 -n 6 4 --no-timestamp --name d`)
    expect(code, stderr).toBe(0)
    made = directory
  })

  /** The same benchmark for a test to change. */
  const copyOf = (): string => {
    const directory = cli.freshDirectory()
    cpSync(join(made, 'outputs'), join(directory, 'outputs'), { recursive: true })
    return directory
  }

  test('runs come in the order in which they were made, also from a level above', async () => {
    const { stdout } = await cli.run(['report', 'outputs', '--no-write'], { directory: made })
    expect(stdout.match(/Result DB path: .*/g)).toEqual([
      'Result DB path: outputs/d/parallel_2_number_6/benchmark_data.db',
      'Result DB path: outputs/d/parallel_1_number_4/benchmark_data.db',
    ])
  })

  test('one run has its own tables and files alone, and other percentiles where they are asked for', async () => {
    const directory = copyOf()
    for (const file of derivedFiles(directory).keys()) rmSync(join(directory, file))
    const argv = ['report', 'outputs/d/parallel_1_number_4', '--percentiles', '50', '66']
    const { code, stdout, stderr } = await cli.run(argv, { directory })
    expect(code).toBe(0)
    expect(stderr).toBe('page to open in a browser: outputs/d/parallel_1_number_4/perf_report.html\n')
    expect(stdout.match(/Benchmarking summary/g)).toHaveLength(1)
    expect(stdout).toMatch(/│ +min │ +50%\* │ +66%\* │ +max │/)
    const files = [...derivedFiles(directory).keys()]
    expect(files.every(file => file.startsWith('outputs/d/parallel_1_number_4/'))).toBe(true)
    expect(files).toContain('outputs/d/parallel_1_number_4/perf_report.html')
    expect(jsonOf(directory, 'parallel_1_number_4', 'benchmark_percentile.json')).toHaveLength(4)
  })

  test('that cannot be written, the tables are shown all the same', async () => {
    const directory = copyOf()
    // Root may write anywhere, but not where a directory stands in the way.
    const blocked = fileOf(directory, 'parallel_2_number_6', 'benchmark_summary.json')
    rmSync(blocked)
    cpSync(join(directory, 'outputs/d/parallel_1_number_4'), blocked, { recursive: true })
    const { code, stdout, stderr } = await report(directory)
    expect(code).toBe(0)
    expect(stdout).toContain('Performance Test Summary Report')
    expect(stderr).toMatch(/^cannot write \S+benchmark_summary\.json: .*; no more files are written\n$/)
  })

  test('runs without a database, or with a damaged one, have a line each, and the others are reported', async () => {
    const directory = copyOf()
    writeFileSync(fileOf(directory, 'parallel_2_number_6', 'benchmark_data.db'), 'x'.repeat(5000))
    const { code, stdout, stderr } = await report(directory, '--no-write')
    expect(code).toBe(0)
    expect(stderr).toMatch(/^parallel_2_number_6: cannot read database .*: file is not a database\n$/)
    expect(stdout.match(/Benchmarking summary/g)).toHaveLength(1)
    expect(stdout).toContain('Only 1 of 2 runs came to their end')
    rmSync(fileOf(directory, 'parallel_2_number_6', 'benchmark_data.db'))
    expect((await report(directory, '--no-write')).stderr).toBe('parallel_2_number_6: there is no benchmark_data.db\n')
  })

  test.each([
    ['', /^evalscope: missing required argument 'directory'; see evalscope report --help\n$/],
    ['broken', /^one: cannot read .*\nevalscope: broken holds no run that can be read; give the directory of a/],
    ['outputs/d --percentiles 100', /^evalscope: --percentiles must be a number above 0 and below 100, got '?100'?\n$/],
  ])('nothing can be said of "%s", it exits with 2 and a line', async (line, message) => {
    const directory = copyOf()
    mkdirSync(join(directory, 'broken/one'), { recursive: true })
    writeFileSync(join(directory, 'broken/one/benchmark_data.db'), 'y'.repeat(5000))
    const { code, stdout, stderr } = await cli.run(['report', ...words(line)], { directory })
    expect(stderr).toMatch(message)
    expect(code).toBe(2)
    expect(stdout).toBe('')
  })
})
