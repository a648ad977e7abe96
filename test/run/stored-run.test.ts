import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { RequestRecord } from '../../src/model/record.ts'
import { thisProcess } from '../../src/run/run-process.ts'
import { readResults } from '../../src/run/stored-benchmark.ts'
import { readStoredRun } from '../../src/run/stored-run.ts'
import { writeAgain } from '../../src/run/write-again.ts'
import { planOf } from '../report/results.ts'
import { exampleRecord, temporaryDirectory } from '../store/records.ts'
import { makeRun, over, type Run } from './make-run.ts'

const plan = planOf(2, 5)
const read = async (run: Run) => {
  const lines: string[] = []
  const path = await makeRun(temporaryDirectory(), 'one', run)
  const found = await readStoredRun(path, { say: line => lines.push(line) })
  return { ...found, lines }
}

const setFact = (key: string, value: string): string => `INSERT OR REPLACE INTO run VALUES ('${key}', '${value}');`

describe('a stored run', () => {
  test('that was lost says what happened, and does not blame a signal', async () => {
    const statement = 'a worker thread was lost before the run was over'
    const { run, lines } = await read({ facts: { outcome: { ...over, interrupted: true, statement } } })
    expect(lines).toEqual([])
    expect(run.result.verdict.statement).toBe(statement)
    expect(run.result.notes.join()).not.toContain('Interrupted')
  })

  test('counts pauses after refused connections, where they can be believed', async () => {
    const pauses = [[1_800_000_000, 250_000]]
    expect((await read({ facts: { outcome: { ...over, pauses } } })).lines).toEqual([])
    const { lines } = await read({ facts: { outcome: { ...over, pauses: [[1, 'x']] } } })
    expect(lines.join()).toContain('outcome.pauses is damaged')
  })

  test('gives its records again, with answers where they are asked for, and those of its warm-up', async () => {
    const warmup = { ...exampleRecord, phase: 'warmup' as const }
    const { run } = await read({ records: [exampleRecord, warmup] })
    const records = async (selection = {}) => {
      const all: RequestRecord[] = []
      for await (const record of run.records(selection)) all.push(record)
      return all
    }
    expect(await records()).toStrictEqual([{ ...exampleRecord, responseJson: undefined }])
    expect(await records({ withAnswers: true, phase: 'measured' })).toStrictEqual([exampleRecord])
    expect(await records({ withAnswers: true, phase: 'warmup' })).toStrictEqual([warmup])
    expect(run.result.summary.totalRequests).toBe(1)
  })

  test('that never wrote its outcome is unfinished, and nothing is guessed', async () => {
    const { run } = await read({ facts: { outcome: undefined } })
    expect(run).toMatchObject({ state: 'unfinished', result: { interrupted: true, tokens: undefined } })
    expect(run.result.verdict.statement).toBe('the run did not come to its end, and its database holds 5 requests')
    expect(run.result.verdict.level).not.toBe('VALID')
    expect(run.result.summary.promptWaiting).toBeUndefined()
    expect(run.result.concurrency?.gauge).toBeUndefined()
  })

  test('of a program that goes on is unfinished, too: it has closed its database', async () => {
    const { run } = await read({ facts: { outcome: undefined, process: thisProcess() } })
    expect(run.state).toBe('unfinished')
  })

  test.each([
    ["UPDATE result SET inter_token_latencies = '[1, '", '5 of 5'],
    ["UPDATE result SET inter_token_latencies = '{}' WHERE rowid = 2", '1 of 5'],
    ['UPDATE result SET inter_token_latencies = NULL WHERE rowid < 3', '2 of 5'],
    ["UPDATE result SET start_time = 'soon' WHERE rowid = 1", '1 of 5'],
    ['UPDATE result SET start_time = -1e300 WHERE rowid = 1', '1 of 5'],
    ['UPDATE result SET completed_time = 0 WHERE rowid = 1', '1 of 5'],
    ["UPDATE result SET scheduled_time = 'soon', status_code = -1 WHERE rowid = 1", '1 of 5'],
    ["UPDATE result SET request_id = x'00ff' WHERE rowid = 1", '1 of 5'],
    ['UPDATE result SET prompt_tokens = 9223372036854775807 WHERE rowid = 1', '1 of 5'],
    ["UPDATE result SET failure_kind = '__proto__' WHERE rowid = 1", '1 of 5'],
    ["UPDATE result SET token_source = 'constructor' WHERE rowid = 1", '1 of 5'],
    ["INSERT INTO health (thread, first_self_delays) VALUES (1, '[[0, 1e12]]')", '1 of 1'],
  ])('with rows that no run writes uses the others, and is not VALID: %s', async (change, count) => {
    const { run, lines } = await read({ change })
    expect(lines).toEqual([
      expect.stringMatching(new RegExp(`^${count} rows of table \\w+ cannot be read and are left out`)),
    ])
    const used = run.result.summary.totalRequests
    let timed = 0
    for await (const times of run.times()) if (times) timed++
    expect(timed).toBe(used)
    expect(run.result.verdict).toMatchObject({
      level: undefined,
      statement: `the database of the run is damaged, and ${used} requests of it can be read`,
    })
  })

  test.each([
    [setFact('outcome', '{'), 'a row of table run cannot be read'],
    [setFact('outcome', '7'), 'what table run holds as outcome is damaged'],
    [setFact('outcome', '{"interrupted": false, "gauge": {"mean": []}}'), 'as outcome.gauge is damaged'],
    [setFact('arguments', '"x"'), 'as arguments is damaged'],
    [setFact('process', '{"pid": 0}'), 'as process.pid is damaged'],
    [setFact('output_path', '[]'), 'as output_path is damaged'],
  ])('with a damaged fact is reported without it: %s', async (change, line) => {
    const { run, lines } = await read({ change })
    expect(lines).toEqual([expect.stringContaining(line)])
    expect(run.result.summary.totalRequests).toBe(5)
  })

  test.each([
    [setFact('plan', '{}')],
    [setFact('plan', JSON.stringify({ ...plan, load: { kind: 'closed', concurrency: 'many' } }))],
    [setFact('plan', JSON.stringify({ ...plan, name: 'x'.repeat(10_000) }))],
    [setFact('plan', JSON.stringify({ ...plan, request: { chosen: { maxTokens: 7 } } }))],
    ["DELETE FROM run WHERE key = 'plan'"],
    ['DROP TABLE run'],
    ['ALTER TABLE result DROP COLUMN ttft'],
    ['PRAGMA user_version = 9'],
  ])('that does not tell what was run is refused in a line: %s', async change => {
    await expect(read({ change })).rejects.toThrow(
      /^[^\n]*\b(does not tell what was run|no such (table|column)|update it)[^\n]*$/,
    )
  })

  test('leaves its database as it is, and nothing beside it', async () => {
    const directory = temporaryDirectory()
    const path = await makeRun(directory, 'one')
    const before = readFileSync(path)
    await readStoredRun(path, { say: () => undefined })
    expect(readFileSync(path).equals(before)).toBe(true)
    expect(readdirSync(join(directory, 'one'))).toEqual(['benchmark_data.db'])
  })
})

describe('a stored benchmark', () => {
  test('has its runs in the order of their start, then of their names', async () => {
    const directory = temporaryDirectory()
    await makeRun(directory, 'a', { facts: { started_at: '2026-01-02T00:00:00Z' } })
    await makeRun(directory, 'c', { facts: { started_at: '2026-01-01T00:00:00Z' } })
    await makeRun(directory, 'b', { facts: { started_at: '2026-01-01T00:00:00Z' } })
    await makeRun(directory, 'd')
    const { runs, plannedRuns, isOneRun } = await readResults(directory)
    expect(runs.map(({ result }) => result.plan.name)).toEqual(['b', 'c', 'a', 'd'])
    expect({ plannedRuns, isOneRun }).toEqual({ plannedRuns: 4, isOneRun: false })
  })

  test.each([
    [{ output_path: undefined }, false],
    [{ output_path: '/' }, false],
    [{ output_path: '/nowhere' }, false],
    [{ output_path: 'THERE' }, true],
  ])('stands where it stands now, in the words of then if these still lead there: %j', async (facts, isOfThen) => {
    const directory = temporaryDirectory()
    const then = `${directory}/./`
    await makeRun(directory, 'one', { facts: facts.output_path === 'THERE' ? { output_path: then } : facts })
    expect((await readResults(directory)).outputPath).toBe(isOfThen ? then : directory)
  })

  test('says what it cannot read without what a terminal would obey', async () => {
    const directory = temporaryDirectory()
    await makeRun(directory, 'one')
    await makeRun(directory, 'evil\u001b[31m', { change: setFact('plan', '\u001b]0;x\u0007{') })
    const lines: string[] = []
    const { runs } = await readResults(directory, { say: line => lines.push(line) })
    expect(runs).toHaveLength(1)
    expect(lines.length).toBeGreaterThan(0)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
    expect(lines.join('')).not.toMatch(/[\u0000-\u001f]/)
  })

  test('may be given as one run, or as a database of any name', async () => {
    const directory = temporaryDirectory()
    const path = await makeRun(directory, 'one', { facts: { planned_runs: 7 } })
    cpSync(path, join(directory, 'one', 'copy.db'))
    for (const given of ['one', 'one/benchmark_data.db', 'one/copy.db']) {
      const { runs, isOneRun, plannedRuns, outputPath } = await readResults(join(directory, given))
      expect({ runs: runs.length, isOneRun, plannedRuns, outputPath }).toEqual({
        runs: 1,
        isOneRun: true,
        plannedRuns: 1,
        outputPath: directory,
      })
    }
    expect((await readResults(directory)).plannedRuns).toBe(7)
  })

  test.each([
    ['nothing', /^cannot read .*nothing: ENOENT.*; give the directory of a benchmark or of one of its runs/],
    ['empty', /empty holds no benchmark_data\.db; give the directory/],
    ['broken/one', /^cannot read database .*: file is not a database$/],
    ['broken', /broken holds no run that can be read; give the directory/],
  ])('of which nothing can be read is refused in a line: %s', async (name, message) => {
    const directory = temporaryDirectory()
    for (const below of ['empty', 'broken/one']) mkdirSync(join(directory, below), { recursive: true })
    writeFileSync(join(directory, 'broken/one/benchmark_data.db'), 'y'.repeat(5000))
    await expect(readResults(join(directory, name))).rejects.toThrow(message)
  })

  test('of several benchmarks names one to choose', async () => {
    const directory = temporaryDirectory()
    await makeRun(directory, 'a/one')
    await makeRun(directory, 'b/one')
    await expect(readResults(directory)).rejects.toThrow(/holds 2 benchmarks; give one of them, such as .*\/b$/)
    expect((await readResults(join(directory, 'a'))).runs).toHaveLength(1)
  })

  test('of a day: the only benchmark is read, of several the latest is named', async () => {
    const directory = temporaryDirectory()
    await makeRun(directory, '20261122_100000/m/one')
    expect((await readResults(directory)).runs).toHaveLength(1)
    await makeRun(directory, '20261122_110000/m/one')
    await expect(readResults(directory)).rejects.toThrow(/such as .*\/20261122_110000\/m$/)
  })
})

/** Nothing goes wrong: no line but where the page is. */
const onlyPage = (line: string): void => expect(line).toMatch(/^page to open in a browser: .*perf_report\.html$/)

describe('files that are written again', () => {
  test('stand beside their database, whatever it names, and go through no link', async () => {
    const directory = temporaryDirectory()
    const outside = join(directory, 'outside')
    writeFileSync(outside, 'safe')
    const given = { name: '../../x', outputs_dir: '/tmp/evil' }
    const facts = { arguments: given, plan: { ...plan, name: '../../../x' }, output_path: '/tmp/evil' }
    await makeRun(join(directory, 'b'), 'one', { facts })
    for (const name of ['benchmark_summary.json', '.benchmark_percentile.json.tmp']) {
      symlinkSync(outside, join(directory, 'b', 'one', name))
    }
    await writeAgain(await readResults(join(directory, 'b')), 'all', onlyPage)
    expect(readFileSync(outside, 'utf8')).toBe('safe')
    expect(readdirSync(directory)).toEqual(['b', 'outside'])
    expect(readdirSync(join(directory, 'b')).sort()).toEqual([
      'definitions.json',
      'one',
      'perf_report.html',
      'performance_summary.txt',
    ])
    expect(JSON.parse(readFileSync(join(directory, 'b/one/benchmark_args.json'), 'utf8'))).toEqual(given)
    expect(readdirSync(join(directory, 'b/one')).filter(name => name.startsWith('.'))).toEqual([])
  })

  test('plots are of several loads: one has no curve', async () => {
    const directory = temporaryDirectory()
    const plots = (): readonly string[] => readdirSync(directory).filter(name => name.includes('metrics'))
    const again = async () => writeAgain(await readResults(directory), 'all', onlyPage)
    await makeRun(directory, 'one')
    await again()
    expect(plots()).toEqual([])
    await makeRun(directory, 'two')
    await again()
    expect(plots()).toEqual(['performance_metrics.png', 'performance_metrics.svg'])
  })

  test('arguments are only written where they are missing', async () => {
    const directory = temporaryDirectory()
    await makeRun(directory, 'one', { facts: { arguments: { a: 1 } } })
    writeFileSync(join(directory, 'one', 'benchmark_args.json'), 'mine')
    await writeAgain(await readResults(directory), 'all', onlyPage)
    expect(readFileSync(join(directory, 'one', 'benchmark_args.json'), 'utf8')).toBe('mine')
  })

  test('are those of runs alone where several benchmarks went into one directory', async () => {
    const directory = temporaryDirectory()
    for (const day of ['01', '02']) {
      await makeRun(directory, day, {
        facts: { arguments: { provenance: { started_at: `2026-01-${day}` } }, planned_runs: 2 },
      })
    }
    const benchmark = await readResults(directory)
    expect(benchmark).toMatchObject({ isMixed: true, plannedRuns: 4 })
    const lines: string[] = []
    await writeAgain(benchmark, 'all', line => lines.push(line))
    expect(lines).toEqual([
      expect.stringMatching(/^these runs are of several benchmarks: the page and the report of each/),
    ])
    expect(readdirSync(directory)).toEqual(['01', '02'])
    expect(readdirSync(join(directory, '01'))).toContain('benchmark_summary.json')
  })

  test('are left where they tell more than the databases do now', async () => {
    const directory = temporaryDirectory()
    await makeRun(directory, 'one', { change: 'UPDATE result SET start_time = NULL WHERE rowid = 1' })
    await makeRun(directory, 'two')
    writeFileSync(join(directory, 'one', 'benchmark_summary.json'), 'all')
    writeFileSync(join(directory, 'performance_summary.txt'), 'all')
    const lines: string[] = []
    await writeAgain(await readResults(directory), 'less', line => lines.push(line))
    expect(lines).toEqual(['one has a damaged database: its files are left as they are'])
    expect(readFileSync(join(directory, 'one', 'benchmark_summary.json'), 'utf8')).toBe('all')
    expect(readFileSync(join(directory, 'performance_summary.txt'), 'utf8')).toBe('all')
    expect(readdirSync(join(directory, 'two'))).toContain('benchmark_summary.json')
  })
})
