import { decimalText } from '../../stats/decimal.ts'
import { absent, toSeconds } from '../format.ts'
import { plainText } from '../text.ts'
import { type CiCheck, ciChecks } from './checks.ts'
import type { CiReport, CiRun } from './ci-report.ts'
import { datasetName, keyFigures } from './key-figures.ts'
import { type XmlElement, xmlDocument } from './xml.ts'

/** Name of the suite of what no single run is asked. */
const wholeName = 'benchmark'

/**
 * The JUnit document of a benchmark: a suite for each run, with its key figures as properties and a case for each check,
 * and one for the benchmark as a whole. What is `noted` or `aside` is a skipped case:
 * viewers show its words, and do not fail.
 */
export const junitXml = (report: CiReport): string => {
  const checks = ciChecks(report)
  const ofRuns = new Set(report.runs.map(({ result }) => result.plan.name))
  const suites = report.runs.map(run =>
    suiteOf(
      checks.filter(check => check.run === run.result.plan.name),
      run,
    ),
  )
  const others = checks.filter(({ run }) => run === undefined || !ofRuns.has(run))
  const seconds = report.runs.reduce((sum, run) => sum + secondsOf(run), 0)
  return xmlDocument({
    name: 'testsuites',
    attributes: {
      name: 'evalscope perf',
      tests: checks.length,
      failures: countOf(checks, 'failed'),
      errors: countOf(checks, 'broken'),
      time: timeText(seconds),
    },
    content: [...suites, suiteOf(others, undefined)],
  })
}

const suiteOf = (checks: readonly CiCheck[], run: CiRun | undefined): XmlElement => {
  const name = run === undefined ? wholeName : plainText(run.result.plan.name)
  const cases = checks.map(check => caseOf(check, name, check.kind === 'requests' && run ? secondsOf(run) : 0))
  return {
    name: 'testsuite',
    attributes: {
      name,
      tests: checks.length,
      failures: countOf(checks, 'failed'),
      errors: countOf(checks, 'broken'),
      skipped: countOf(checks, 'noted') + countOf(checks, 'aside'),
      time: timeText(run === undefined ? 0 : secondsOf(run)),
      // In UTC, and without a zone, which the stricter of the published schemas does not allow.
      timestamp: run?.startedAt?.slice(0, 19),
    },
    content: run === undefined ? cases : [propertiesOf(run), ...cases],
  }
}

const caseOf = (check: CiCheck, suite: string, seconds: number): XmlElement => ({
  name: 'testcase',
  attributes: {
    // Viewers group by what stands before the last dot: a rate of 2.5 must not make a group of its own.
    classname: `evalscope.${suite.replaceAll('.', '_')}`,
    name: check.run === undefined || suite !== wholeName ? check.name : `${check.run}: ${check.name}`,
    time: timeText(seconds),
  },
  content: outcomeOf(check),
})

const outcomeOf = ({ kind, outcome, message, details }: CiCheck): readonly XmlElement[] => {
  const lines = [message, ...details].join('\n')
  const said: XmlElement = { name: 'system-out', attributes: {}, content: lines }
  switch (outcome) {
    case 'passed':
      return [said]
    case 'noted':
    case 'aside':
      return [{ name: 'skipped', attributes: { message }, content: [] }, said]
    case 'failed':
      return [{ name: 'failure', attributes: { message, type: kind }, content: lines }]
    case 'broken':
      return [{ name: 'error', attributes: { message, type: kind }, content: lines }]
  }
}

const propertiesOf = ({ result }: CiRun): XmlElement => {
  const { plan, summary } = result
  const facts = { model: plan.model, api: plan.api, dataset: datasetName(plan) }
  const counts = { requests: String(summary.totalRequests), succeeded: String(summary.succeededRequests) }
  const figures = keyFigures([result]).map(({ name, text }) => [name, text(result).replace('%', '')] as const)
  const pairs = [...Object.entries(facts), ...Object.entries(counts), ...figures]
  return {
    name: 'properties',
    attributes: {},
    content: pairs
      .filter(([, value]) => value !== '' && value !== absent)
      .map(([name, value]) => ({ name: 'property', attributes: { name, value: plainText(value) }, content: [] })),
  }
}

const countOf = (checks: readonly CiCheck[], outcome: CiCheck['outcome']): number =>
  checks.filter(check => check.outcome === outcome).length

const secondsOf = ({ result }: CiRun): number => toSeconds(result.summary.durationMs) ?? 0

/** Jenkins takes three decimals and no more. */
const timeText = (seconds: number): string => decimalText(seconds, 3)
