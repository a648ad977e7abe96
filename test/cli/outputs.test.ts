import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type ChatServer, startChatServer } from '../support/chat-server.ts'
import { createCli, type Finished, fileOf, filesIn, jsonOf, runDirectories, words } from '../support/cli.ts'
import { resultRows } from '../support/rows.ts'

const cli = createCli()
let server: ChatServer

beforeAll(async () => {
  server = await startChatServer()
})
afterAll(() => server.close())

/** Runs against the server; what stands on the line comes after the target. */
const perf = (line: string, options = {}): Promise<Finished> =>
  cli.run(words(`perf --url ${server.url} --model org/m --sleep-interval 0 ${line}`), options)

const escapeMark = '\u001b'
const lastFolders = (directory: string): string[] =>
  filesIn(directory)
    .map(path => path.slice(directory.length + 1))
    .filter(path => path.endsWith('.db'))

describe.concurrent('stdout and stderr', () => {
  test('in a pipe, tables are on stdout and all else on stderr, without escape sequences', async () => {
    const { code, stdout, stderr } = await perf('--parallel 1 2 -n 3', {
      env: { NO_COLOR: '1', TERM: 'xterm-256color' },
    })
    expect(code).toBe(0)
    expect(stdout + stderr).not.toContain(escapeMark)
    expect(stdout).toMatch(/^\nBenchmarking summary:\n┌/)
    expect(stdout.match(/Benchmarking summary/g)).toHaveLength(2)
    expect(stdout).not.toMatch(/seed|connection test/)
    expect(stderr).not.toMatch(/[│┌]/)
    expect(stderr).toMatch(/^seed \d+ drawn/m)
    expect(stderr).toMatch(/^connection test: answered in \d+ ms$/m)
  })

  test('FORCE_COLOR does not colour a pipe, and one load has no plots', async () => {
    const { stdout, directory } = await perf('-n 1', { env: { FORCE_COLOR: '1' } })
    expect(stdout).not.toContain(escapeMark)
    expect(filesIn(directory).filter(path => path.includes('performance_metrics'))).toEqual([])
  })

  test('with --json stdout is one document of all runs', async () => {
    const { code, stdout, directory } = await perf('--parallel 1 2 -n 3 --json')
    expect(code).toBe(0)
    const document = JSON.parse(stdout)
    expect(Object.keys(document.runs)).toEqual(['parallel_1_number_3', 'parallel_2_number_3'])
    for (const [name, run] of Object.entries<{ metrics: object; percentiles: object }>(document.runs)) {
      expect(run.metrics).toEqual(jsonOf(directory, name, 'benchmark_summary.json'))
      expect(run.percentiles).toEqual(jsonOf(directory, name, 'benchmark_percentile.json'))
    }
    for (const name of ['performance_summary.txt', 'performance_metrics.svg', 'performance_metrics.png'])
      expect(existsSync(join(directory, document.output_path, name))).toBe(true)
  })

  test('a short run shows no progress in a pipe; figures go to the log after every few requests', async () => {
    const { stderr, directory } = await perf('-n 9 --log-every-n-query 4')
    expect(stderr).not.toMatch(/req\/s/)
    const log = readFileSync(filesIn(directory).find(path => path.endsWith('benchmark.log')) ?? '', 'utf8')
    expect(log.match(/"Total Requests": (\d)/g)).toEqual(['"Total Requests": 4', '"Total Requests": 8'])
  })
})

describe.concurrent('directories', () => {
  test('are outputs/<time>/<model>/<run>; a repeated point gets one of its own', async () => {
    const { code, directory } = await perf('--parallel 1 2 1 1 -n 2')
    expect(code).toBe(0)
    const runs = ['parallel_1_number_2', 'parallel_1_number_2_2', 'parallel_1_number_2_3', 'parallel_2_number_2']
    expect(runDirectories(directory)).toEqual(runs)
    for (const path of lastFolders(directory)) expect(path).toMatch(/^outputs\/\d{8}_\d{6}\/m\/parallel_\d_number_2/)
    for (const run of runs) {
      expect(readdirSync(join(fileOf(directory, run, 'benchmark_data.db'), '..')).toSorted()).toEqual([
        'benchmark_args.json',
        'benchmark_data.db',
        'benchmark_percentile.json',
        'benchmark_summary.json',
        'workload_throughput.json',
        'workload_timeline.json',
      ])
    }
  })

  test.each([
    ['my/run', 'my_run'],
    ['..', '_'],
    ['CON:1', 'CON_1'],
    ['模型', '模型'],
  ])('the name %s stays one level: %s', async (name, level) => {
    const { code, directory } = await perf(`-n 1 --no-timestamp --outputs-dir deep/er --name ${name}`)
    expect(code).toBe(0)
    expect(lastFolders(directory)).toEqual([`deep/er/${level}/parallel_1_number_1/benchmark_data.db`])
  })

  test('with results in them are refused before anything is sent', async () => {
    const first = await perf('-n 1 --no-timestamp')
    const before = server.seen.length
    const own = await startChatServer()
    const argv = words(`perf --url ${own.url} --model org/m --parallel 3 1 -n 1 --no-timestamp`)
    const { code, stdout, stderr } = await cli.run(argv, { directory: first.directory })
    await own.close()
    expect(before).toBeGreaterThan(0)
    expect({ code, stdout, sent: own.seen.length }).toEqual({ code: 2, stdout: '', sent: 0 })
    expect(stderr.trimEnd().split('\n').at(-1)).toMatch(
      /^evalscope: .*parallel_1_number_1 holds results already; .*--name/,
    )
    expect(runDirectories(first.directory)).toEqual(['parallel_1_number_1'])
  })

  test('with results in them are refused before a model is looked for', async () => {
    const directory = cli.freshDirectory()
    const taken = join(directory, 'outputs', 'no-such-model', 'parallel_1_number_20')
    mkdirSync(taken, { recursive: true })
    writeFileSync(join(taken, 'benchmark_data.db'), '')
    const argv = words('perf --api local --model ./no-such-model --no-timestamp')
    const { code, stderr } = await cli.run(argv, { directory })
    expect(code).toBe(2)
    expect(stderr.trimEnd().split('\n').at(-1)).toMatch(/parallel_1_number_20 holds results already; /)
  })

  test.each([
    ['a file stands in their way', 'blocked'],
    // Where Node's own recursive mkdir never returns.
    ['the file system takes none', '/proc/evalscope/deeper'],
  ])('that cannot be made because %s are one line and exit code 2', async (_, outputs) => {
    const directory = cli.freshDirectory()
    writeFileSync(join(directory, 'blocked'), '')
    const { code, stdout, stderr } = await perf(`-n 1 --outputs-dir ${outputs}`, { directory })
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr.trimEnd().split('\n').at(-1)).toMatch(/^evalscope: cannot write to .*; give another --outputs-dir$/)
    expect(stderr).not.toMatch(/^\s+at /m)
  })
})

describe.concurrent('what is kept', () => {
  test.each<[string, (messages: unknown) => void]>([
    ['full', messages => expect((messages as object[]).at(-1)).toHaveProperty('usage')],
    ['text', messages => expect(messages).toEqual([{ text: 'ok ok ok ', reasoning: '' }])],
    ['none', messages => expect(messages).toBeUndefined()],
  ])('of answers with --save-responses %s', async (much, check) => {
    const { directory } = await perf(`-n 2 --save-responses ${much}`)
    for (const row of resultRows(fileOf(directory, 'parallel_1_number_2', 'benchmark_data.db'))) {
      check(row.response_messages === null ? undefined : JSON.parse(String(row.response_messages)))
      expect(row).toMatchObject({ completion_tokens: 3, prompt_tokens: 7, token_source: 'usage' })
    }
  })

  test('of a run in the log is readable text', async () => {
    const { directory } = await perf('-n 2')
    const log = readFileSync(filesIn(directory).find(path => path.endsWith('benchmark.log')) ?? '', 'utf8')
    const starts = log
      .split('\n')
      .filter(line => /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d - evalscope - (INFO|WARN): /.test(line))
    expect(starts.length).toBeGreaterThan(4)
    expect(log).toMatch(/Starting benchmark with args:\n\{\n {4}"url"/)
    expect(log).toContain('│ Avg TTFT (ms)')
    expect(log).not.toContain('DEBUG')
  })

  test('of the wire in the log with --debug', async () => {
    const { directory } = await perf('-n 2 --debug --prompt hello')
    const log = readFileSync(filesIn(directory).find(path => path.endsWith('benchmark.log')) ?? '', 'utf8')
    expect(log.match(/DEBUG: \S+ sent: .*"messages/g)).toHaveLength(2)
    expect(log.match(/DEBUG: \S+ ended: ok \(200\)/g)).toHaveLength(2)
    expect(log).toMatch(/DEBUG: \S+ received: .*\[DONE\]/)
  })

  test('of what figures mean is a line each, on stdout with --definitions alone', async () => {
    const [plain, explained, json] = await Promise.all([
      perf('-n 2'),
      perf('-n 2 --definitions'),
      perf('-n 2 --definitions --json'),
    ])
    const line = /^ {2}Req Throughput \(req\/s\) +successes \/ duration$/m
    expect(plain.stdout).not.toMatch(line)
    expect(explained.stdout).toMatch(line)
    const root = dirname(dirname(fileOf(plain.directory, 'parallel_1_number_2', 'benchmark_data.db')))
    expect(readFileSync(join(root, 'performance_summary.txt'), 'utf8')).toMatch(line)
    const definitions = JSON.parse(readFileSync(join(root, 'definitions.json'), 'utf8'))
    expect(definitions['benchmark_percentile.json']).toMatchObject({ 'Output tokens': 'output tokens of a request' })
    expect(JSON.parse(json.stdout).definitions).toEqual(definitions)
  })

  test('in the percentile table with --percentiles', async () => {
    const { stdout, directory } = await perf('-n 2 --percentiles 99.9 50')
    expect(stdout).toMatch(/│ Metric +│ +min │ +50%\* │.* 99\.9%\* │ +max │/)
    const levels = jsonOf(directory, 'parallel_1_number_2', 'benchmark_percentile.json') as unknown as object[]
    expect(levels).toContainEqual(expect.objectContaining({ Percentiles: '99.9%' }))
  })
})
