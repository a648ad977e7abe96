import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { junitXml } from '../../src/report/ci/junit.ts'
import { ciReport, gatesOf, hostile, hostileReport, mixedChecks } from '../report/ci/reports.ts'
import { planOf, resultOf } from '../report/results.ts'
import { junitErrors } from './junit-errors.ts'

const dead = { startedAt: undefined, arguments: undefined, result: resultOf(planOf(1, 5), []) }

describe('JUnit files are valid, by libxml2', () => {
  test.each([
    ['without gates', junitXml(ciReport())],
    ['gates, --strict', junitXml(ciReport({ gates: gatesOf(mixedChecks), isStrict: true }))],
    ['advisory gates', junitXml(ciReport({ gates: gatesOf(mixedChecks, true) }))],
    ['interrupted', junitXml(ciReport({ isInterrupted: true, plannedRuns: 3 }))],
    ['nothing measured', junitXml(ciReport({ runs: [], plannedRuns: 0, problem: 'cannot reach it' }))],
    ['all requests failed', junitXml(ciReport({ runs: [dead], plannedRuns: 1 }))],
    ['a server that means harm', junitXml(hostileReport(`${hostile}\u0001\u0085\r\n\t]]>`))],
    ['the golden file', readFileSync(new URL('../report/golden/ci-junit.xml', import.meta.url), 'utf8')],
  ])('%s', async (_, document) => {
    expect(await junitErrors(document)).toEqual([])
  })

  test.each([
    ['an element of nobody', (xml: string) => xml.replace('<skipped ', '<ignored ')],
    ['a count that is none', (xml: string) => xml.replace(/tests="\d+"/, 'tests="some"')],
    ['no name', (xml: string) => xml.replace(/<testcase classname="[^"]*" name="[^"]*"/, '<testcase')],
    ['four decimals', (xml: string) => xml.replace(/time="[^"]*"/, 'time="0.1234"')],
    ['a character that XML does not have', (xml: string) => xml.replace('VALID', '\u0001')],
  ])('the schema refuses %s', async (_, spoil) => {
    const document = junitXml(ciReport())
    expect(spoil(document)).not.toBe(document)
    expect(await junitErrors(spoil(document))).not.toEqual([])
  })
})
