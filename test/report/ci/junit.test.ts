import { describe, expect, test } from 'vitest'
import type { CiReport } from '../../../src/report/ci/ci-report.ts'
import { junitXml } from '../../../src/report/ci/junit.ts'
import { type ParsedElement, parseXml } from '../../support/xml.ts'
import { planOf, resultOf } from '../results.ts'
import {
  ciReport,
  ciRun,
  gateCheck,
  gatesOf,
  hostile,
  hostileReport,
  mixedChecks,
  slaOutcome,
  suspect,
  valid,
} from './reports.ts'

/** Suites by name, each with its cases by name. */
const read = (report: CiReport): Record<string, Record<string, ParsedElement>> => {
  const root = parseXml(junitXml(report))
  return Object.fromEntries(
    root.children.map(suite => [
      suite.attributes.name,
      Object.fromEntries(
        suite.children.filter(({ name }) => name === 'testcase').map(found => [found.attributes.name, found]),
      ),
    ]),
  )
}

/** `passed`, or the element that says otherwise. */
const outcomeOf = (found: ParsedElement | undefined): string =>
  found?.children.find(({ name }) => name !== 'system-out')?.name ?? (found ? 'passed' : 'missing')

test('two runs with gates are written as before', async () => {
  const report = ciReport({ gates: gatesOf(mixedChecks), isStrict: true })
  await expect(junitXml(report)).toMatchFileSnapshot('../golden/ci-junit.xml')
})

test('counts are those of what stands below, in each suite and in all', () => {
  const root = parseXml(junitXml(ciReport({ gates: gatesOf(mixedChecks), isInterrupted: true })))
  const count = (suites: readonly ParsedElement[], name: string): number =>
    suites
      .flatMap(({ children }) => children)
      .filter(found => found.name === 'testcase' && (name === '' || found.children.some(child => child.name === name)))
      .length
  const names = { tests: '', failures: 'failure', errors: 'error' }
  for (const [attribute, name] of Object.entries(names)) {
    expect(Number(root.attributes[attribute])).toBe(count(root.children, name))
    for (const suite of root.children) expect(Number(suite.attributes[attribute])).toBe(count([suite], name))
  }
  for (const suite of root.children) expect(Number(suite.attributes.skipped)).toBe(count([suite], 'skipped'))
  expect(root.attributes).toMatchObject({ tests: '9', failures: '2', errors: '1' })
})

describe('a case fails exactly where the exit code does', () => {
  const dead = { startedAt: undefined, arguments: undefined, result: resultOf(planOf(1, 5), []) }

  test.each([
    ['some requests failed', ciReport({ runs: [ciRun(4, 100)] }), 'at least one request succeeded', 'passed'],
    ['no request succeeded', ciReport({ runs: [dead] }), 'at least one request succeeded', 'failure'],
    ['the run is VALID', ciReport({ runs: [ciRun(4, 100, { verdict: valid })] }), 'verdict', 'passed'],
    ['it is SUSPECT', ciReport({ runs: [ciRun(4, 100, { verdict: suspect })] }), 'verdict', 'skipped'],
    [
      'it is SUSPECT, with --strict',
      ciReport({ runs: [ciRun(4, 100, { verdict: suspect })], isStrict: true }),
      'verdict',
      'failure',
    ],
    [
      'nobody can judge it, with --strict',
      ciReport({
        runs: [ciRun(4, 100, { verdict: { level: undefined, reasons: [], statement: 'no end' } })],
        isStrict: true,
      }),
      'verdict',
      'skipped',
    ],
  ])('%s', (_, report, name, outcome) => {
    expect(outcomeOf(Object.values(read(report))[0]?.[name])).toBe(outcome)
  })

  test.each([
    ['passed', false, 'passed'],
    ['failed', false, 'failure'],
    ['unmeasurable', false, 'failure'],
    ['passed', true, 'passed'],
    ['failed', true, 'skipped'],
    ['unmeasurable', true, 'skipped'],
  ] as const)('a gate that is %s, advisory %s', (verdict, isAdvisory, outcome) => {
    const report = ciReport({ gates: gatesOf([gateCheck({ verdict })], isAdvisory) })
    const found = read(report).parallel_4_number_100?.['fails if p99_ttft > 500']
    expect(outcomeOf(found)).toBe(outcome)
    expect(found?.children.map(({ text }) => text).join('')).toContain('p99_ttft: 98.76 ms')
    if (outcome === 'skipped') expect(found?.children[0]?.attributes.message).toMatch(/^advisory, fails nothing: /)
  })

  test.each([
    ['all is well', {}, 'passed'],
    ['Ctrl-C', { isInterrupted: true }, 'error'],
    ['a full disk', { problem: 'cannot write x' }, 'error'],
    ['nothing was measured', { runs: [], plannedRuns: 0, problem: 'cannot reach' }, 'error'],
    ['a run is missing', { plannedRuns: 3 }, 'skipped'],
  ])('the benchmark: %s', (_, overrides, outcome) => {
    expect(outcomeOf(read(ciReport(overrides)).benchmark?.['all runs came to their end'])).toBe(outcome)
  })
})

test.each([
  ['the value that it found', 4, 'skipped', 'failure', 'passed'],
  ['another value', 8, 'skipped', 'skipped', 'passed'],
  ['no value', undefined, 'skipped', 'skipped', 'failure'],
])('of a search only what it found is judged: %s', (_, found, verdict, strictVerdict, answer) => {
  const runs = [ciRun(4, 100, { verdict: suspect }), ciRun(8, 700, { verdict: valid })]
  const sla = slaOutcome(runs, found)
  const named = (isStrict: boolean) => read(ciReport({ runs, sla, isStrict }))
  expect(outcomeOf(named(false).parallel_4_number_100?.verdict)).toBe(verdict)
  expect(outcomeOf(named(true).parallel_4_number_100?.verdict)).toBe(strictVerdict)
  expect(outcomeOf(named(false).benchmark?.['SLA p99_ttft <= 500.0'])).toBe(answer)
})

test('a gate that passes in a run that is INVALID says so, and the baseline has a case', () => {
  const baseline = { path: 'outputs/base', doubts: [], pairs: ['it has 2 runs at --parallel 4'] }
  const gates = { ...gatesOf([gateCheck()]), invalidRuns: ['parallel_4_number_100'], baseline }
  const suites = read(ciReport({ gates }))
  const said = (found: ParsedElement | undefined) => found?.children.find(({ name }) => name === 'system-out')?.text
  expect(said(suites.parallel_4_number_100?.['fails if p99_ttft > 500'])).toContain('; but the run is INVALID')
  expect(said(suites.benchmark?.baseline)).toBe('the baseline is outputs/base\nit has 2 runs at --parallel 4')
})

test('what runs are part of stands beside whether all were made', () => {
  const found = read(ciReport({ note: 'these are runs of a search' })).benchmark?.['all runs came to their end']
  expect(found?.children.map(({ text }) => text)).toEqual(['2 of 2 runs came to the end\nthese are runs of a search'])
})

test('a gate of a run that was not made is a case of the benchmark', () => {
  const { benchmark } = read(
    ciReport({ gates: gatesOf([gateCheck({ run: 'parallel_64_number_1', verdict: 'failed' })]) }),
  )
  expect(outcomeOf(benchmark?.['parallel_64_number_1: fails if p99_ttft > 500'])).toBe('failure')
})

test('a name with a dot makes no group of its own', () => {
  const run = ciRun(4, 100)
  const plan = { ...run.result.plan, name: 'rate_2.5_number_100' }
  const suite = parseXml(junitXml(ciReport({ runs: [{ ...run, result: { ...run.result, plan } }] }))).children[0]
  expect(suite?.attributes.name).toBe('rate_2.5_number_100')
  const classes = suite?.children.map(({ attributes }) => attributes.classname).filter(Boolean)
  expect(new Set(classes)).toEqual(new Set(['evalscope.rate_2_5_number_100']))
})

test('what servers write cannot break the document, and is no markup in it', () => {
  const text = junitXml(hostileReport(hostile))
  const root = parseXml(text)
  expect(root.children.flatMap(({ children }) => children.map(({ name }) => name))).toContain('testcase')
  expect(text).not.toMatch(/<b>/)
  expect(text).toContain('&lt;b&gt;')
})
