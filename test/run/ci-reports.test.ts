import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { Arguments } from '../../src/arguments/arguments.ts'
import type { ArgumentsInput } from '../../src/arguments/arguments-input.ts'
import { ArgumentsError, OutputError, TargetUnreachableError } from '../../src/errors.ts'
import { neverStops } from '../../src/load/stop.ts'
import { junitXml } from '../../src/report/ci/junit.ts'
import { markdownReport } from '../../src/report/ci/markdown.ts'
import { StatusLine } from '../../src/report/status-line.ts'
import { type CiOutcome, withCiReports } from '../../src/run/ci-reports.ts'
import { type Host, Stopped } from '../../src/run/host.ts'
import { ciReport, gatesOf, mixedChecks } from '../report/ci/reports.ts'
import { temporaryDirectory } from '../store/records.ts'

const report = ciReport({ gates: gatesOf(mixedChecks) })
const { runs: measured, ...rest } = report
const outcome: CiOutcome = { ...rest, outputPath: rest.outputPath as string, results: [], measured, problem: undefined }

/** Does a benchmark that ends so; gives what was said and what came of it. */
const tell = async (
  given: ArgumentsInput,
  env: Host['env'] = {},
  benchmark = async () => outcome,
  stop = neverStops(),
) => {
  const lines: string[] = []
  const status = new StatusLine({ write: text => lines.push(text.trimEnd()) })
  const { values } = new Arguments({ api: 'simulated', ...given })
  const host: Host = { status, env, stop, columns: undefined, print: () => undefined, lastActs: new Set() }
  let isBegun = false
  const ended = await withCiReports(values, host, () => {
    isBegun = true
    return benchmark()
  }).then(
    value => ({ value, error: undefined }),
    error => ({ value: undefined, error: error as unknown }),
  )
  return { ...ended, lines, isBegun }
}

const fails = (error: Error) => async (): Promise<CiOutcome> => {
  throw error
}

test('the files that are asked for are written, and nothing is said', async () => {
  const directory = temporaryDirectory()
  const [junit, markdown] = [join(directory, 'perf.xml'), join(directory, 'perf.md')]
  writeFileSync(junit, 'of an earlier one')
  const { value, lines } = await tell({ junit, markdown })
  expect(value).toEqual(outcome)
  expect(lines).toEqual([])
  expect(readFileSync(junit, 'utf8')).toBe(junitXml(report))
  expect(readFileSync(markdown, 'utf8')).toBe(markdownReport(report))
  expect(readdirSync(directory)).toHaveLength(2)
})

test('those of an earlier benchmark are gone while this one runs, which may be killed', async () => {
  const directory = temporaryDirectory()
  const [junit, markdown] = [join(directory, 'perf.xml'), join(directory, 'perf.md')]
  for (const path of [junit, markdown]) writeFileSync(path, 'of an earlier one')
  let during: readonly string[] = ['nothing ran']
  await tell({ junit, markdown }, {}, async () => {
    during = readdirSync(directory)
    return outcome
  })
  expect(during).toEqual([])
})

describe('a place that cannot be written is one line before anything begins', () => {
  test.each<[string, ArgumentsInput, RegExp]>([
    [
      'no directory',
      { junit: 'gone/perf.xml' },
      /^cannot write --junit .*gone\/perf\.xml: there is no directory .*gone; give --junit another file$/,
    ],
    ['a directory', { markdown: '.' }, /^cannot write --markdown .*: it is no file; /],
    ['below a file', { junit: 'file/perf.xml' }, /^cannot write --junit .*: ENOTDIR/],
    ['a link to nowhere below', { junit: 'link/perf.xml' }, /^cannot write --junit .*: there is no directory .*link; /],
    ['the same twice', { junit: 'x', markdown: './x' }, /^--junit and --markdown name the same file, /],
  ])('%s', async (_, given, message) => {
    const directory = temporaryDirectory()
    writeFileSync(join(directory, 'file'), '')
    symlinkSync(join(directory, 'nowhere'), join(directory, 'link'))
    const there = Object.fromEntries(
      Object.entries(given).map(([flag, path]) => [flag, join(directory, path as string)]),
    )
    const { error, isBegun } = await tell(there)
    expect(error).toBeInstanceOf(ArgumentsError)
    expect((error as Error).message).toMatch(message)
    expect(isBegun).toBe(false)
  })

  test.skipIf(process.getuid?.() === 0)('a directory of somebody else', async () => {
    const { error } = await tell({ junit: '/perf.xml' })
    expect((error as Error).message).toMatch(/^cannot write --junit \/perf\.xml: EACCES/)
  })

  test('a device is no file, and stays one', async () => {
    const { error } = await tell({ markdown: '/dev/null' })
    expect((error as Error).message).toMatch(/it is no file/)
    expect(readFileSync('/dev/null', 'utf8')).toBe('')
  })
})

test('a directory that is gone by the end is a problem, and the other file is written all the same', async () => {
  const directory = temporaryDirectory()
  mkdirSync(join(directory, 'below'))
  const [junit, markdown] = [join(directory, 'below/perf.xml'), join(directory, 'perf.md')]
  const { value } = await tell({ junit, markdown }, {}, async () => {
    rmSync(join(directory, 'below'), { recursive: true })
    return outcome
  })
  expect(value?.problem).toBeInstanceOf(OutputError)
  expect(existsSync(markdown)).toBe(true)
})

describe('where nothing was measured, files say so in place of those of an earlier benchmark', () => {
  test.each<[string, Error, string]>([
    [
      'unreachable',
      new TargetUnreachableError('cannot reach http://x?key=s3cretkey'),
      'nothing was measured: cannot reach http://x',
    ],
    ['Ctrl-C', new Stopped(), 'nothing was measured: stopped before anything was measured'],
    ['a bug', new TypeError('x is not a function'), 'nothing was measured: x is not a function'],
  ])('%s', async (_, thrown, message) => {
    const directory = temporaryDirectory()
    const [junit, markdown] = [join(directory, 'perf.xml'), join(directory, 'perf.md')]
    const given = { junit, markdown, github: true, apiKey: 's3cretkey' }
    const { error, lines } = await tell(given, { GITHUB_ACTIONS: 'true' }, fails(thrown))
    expect(error).toBe(thrown)
    const texts = [readFileSync(junit, 'utf8'), readFileSync(markdown, 'utf8'), lines.join('\n')]
    for (const text of texts) {
      expect(text.replace('&#58;', ':')).toContain(message)
      expect(text).not.toContain('s3cretkey')
    }
    expect(texts[0]).toContain('<error ')
  })
})

test('a benchmark that was interrupted says so', async () => {
  const markdown = join(temporaryDirectory(), 'perf.md')
  const draining = AbortSignal.abort()
  await tell({ markdown }, {}, async () => outcome, { ...neverStops(), draining })
  expect(readFileSync(markdown, 'utf8')).toContain('**❌ interrupted: 2 of 2 runs came to the end**')
})

test('a report that cannot be made is a problem, and takes nothing of what was measured', async () => {
  const [run] = measured
  const broken = { ...run, result: { ...run?.result, failures: undefined } } as unknown as CiOutcome['measured'][number]
  const junit = join(temporaryDirectory(), 'perf.xml')
  const given = { junit, github: true }
  const { value, lines } = await tell(given, { GITHUB_ACTIONS: 'true' }, async () => ({
    ...outcome,
    measured: [broken],
  }))
  expect(value?.outputPath).toBe(outcome.outputPath)
  expect(value?.problem?.message).toMatch(/^--junit: Cannot read properties of undefined/)
  expect(lines.at(-1)).toMatch(/^--github: the step summary cannot be written: Cannot read/)
})

describe('--github', () => {
  test('outside of GitHub Actions says one line and does nothing', async () => {
    const summary = join(temporaryDirectory(), 'summary.md')
    const { lines } = await tell({ github: true }, { GITHUB_STEP_SUMMARY: summary })
    expect(lines).toEqual(['--github has no effect: this is not GitHub Actions, where GITHUB_ACTIONS is true'])
    expect(existsSync(summary)).toBe(false)
  })

  test('appends to the step summary, and says the annotations', async () => {
    const summary = join(temporaryDirectory(), 'summary.md')
    writeFileSync(summary, '# from another tool')
    const { lines } = await tell({ github: true }, { GITHUB_ACTIONS: 'true', GITHUB_STEP_SUMMARY: summary })
    expect(readFileSync(summary, 'utf8')).toBe(`# from another tool\n\n${markdownReport(report)}`)
    expect(lines.map(line => /^::(\w+) title=/.exec(line)?.[1])).toEqual(['error', 'error', 'warning'])
  })

  test.each([
    ['is not set', undefined, /GITHUB_STEP_SUMMARY is not set/],
    ['is gone', '/nonexistent/summary.md', /^--github: the step summary cannot be written: ENOENT/],
  ])('a step summary that %s costs one line', async (_, summary, line) => {
    const { value, lines } = await tell({ github: true }, { GITHUB_ACTIONS: 'true', GITHUB_STEP_SUMMARY: summary })
    expect(value?.problem).toBeUndefined()
    expect(lines.filter(text => line.test(text))).toHaveLength(1)
    expect(lines.filter(text => text.startsWith('::'))).toHaveLength(3)
  })

  test('a step summary that is full is left as it is', async () => {
    const summary = join(temporaryDirectory(), 'summary.md')
    onTestFinished(() => rmSync(summary, { force: true }))
    writeFileSync(summary, 'x'.repeat(1024 * 1024))
    const { lines } = await tell({ github: true }, { GITHUB_ACTIONS: 'true', GITHUB_STEP_SUMMARY: summary })
    expect(lines).toContain('--github: the step summary is full; nothing is added')
  })
})
