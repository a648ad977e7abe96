import type { BaselineFacts, GateCheck } from '../../model/gate.ts'
import type { FailureGroup, RunResult } from '../../model/result.ts'
import { decimalText } from '../../stats/decimal.ts'
import { groupText } from '../../stats/sla/criteria.ts'
import { answeredResults, type GroupAnswer } from '../../stats/sla/outcome.ts'
import { absent, formatSuccess } from '../format.ts'
import { baselineLines } from '../gate-words.ts'
import { noteText } from '../sla/sla-report.ts'
import { plainText } from '../text.ts'
import type { CiReport } from './ci-report.ts'

/**
 * What became of one check. `aside`: not as one wants it where nobody has to mind, as of a load that a search went past.
 * `noted`: the same where one has to, without an effect on the exit code. `failed`: the benchmark ran and did not pass.
 * `broken`: it could not do what it was to do.
 */
export type CheckOutcome = 'passed' | 'aside' | 'noted' | 'failed' | 'broken'

/** One question that CI shows the answer to: it fails exactly where the exit code says so. */
export interface CiCheck {
  readonly kind: 'requests' | 'gate' | 'baseline' | 'verdict' | 'sla' | 'end'
  /** Undefined where the benchmark as a whole is asked about. */
  readonly run: string | undefined
  /** The same whatever the answer is, so that CI can compare it from build to build. */
  readonly name: string
  readonly outcome: CheckOutcome
  /** One line. */
  readonly message: string
  /** Further lines. */
  readonly details: readonly string[]
}

/** All checks of a benchmark: those of each run in their order, then whether all runs were made. */
export const ciChecks = (report: CiReport): readonly CiCheck[] => {
  const gates = byRun(report.gates?.checks ?? [])
  const ofRuns = report.runs.flatMap(({ result }) => {
    const own = gates.get(result.plan.name) ?? []
    gates.delete(result.plan.name)
    return [requestsCheck(result, report), ...own.map(check => gateCheck(check, report)), verdictCheck(result, report)]
  })
  // Those of runs that are not among these are shown all the same.
  const others = [...gates.values()].flat().map(check => gateCheck(check, report))
  const ofBaseline = report.gates?.baseline === undefined ? [] : [baselineCheck(report.gates.baseline)]
  return [...ofRuns, ...others, ...ofBaseline, ...(report.sla?.answers ?? []).map(slaCheck), endCheck(report)]
}

const byRun = (checks: readonly GateCheck[]): Map<string, readonly GateCheck[]> => {
  const groups = new Map<string, GateCheck[]>()
  for (const check of checks) {
    const group = groups.get(check.run)
    if (group === undefined) groups.set(check.run, [check])
    else group.push(check)
  }
  return groups
}

/** Whether nothing failed, as the exit code has it. */
export const hasPassed = (checks: readonly CiCheck[]): boolean =>
  checks.every(({ outcome }) => outcome !== 'failed' && outcome !== 'broken')

/** What `--strict` does not let pass. One that nobody could judge has nothing against it. */
export const isDoubtful = ({ verdict }: RunResult): boolean =>
  verdict.level === 'SUSPECT' || verdict.level === 'INVALID'

const requestsCheck = ({ plan, summary, failures }: RunResult, { sla }: CiReport): CiCheck => {
  const { succeededRequests, totalRequests, successPercent } = summary
  const share = successPercent === undefined ? '' : ` (${formatSuccess(successPercent)})`
  return {
    kind: 'requests',
    run: plan.name,
    name: 'at least one request succeeded',
    // A search may well go beyond what a server can take.
    outcome: succeededRequests > 0 ? 'passed' : sla === undefined ? 'failed' : 'aside',
    message: `${succeededRequests} of ${totalRequests} requests succeeded${share}`,
    details: failures.map(failureText),
  }
}

/** `12 x http_5xx, status 503: the server's words`. */
const failureText = ({ kind, count, statusCode, example }: FailureGroup): string =>
  `${count} x ${kind}${statusCode === undefined ? '' : `, status ${statusCode}`}: ${plainText(example)}`

const gateCheck = (check: GateCheck, { gates }: CiReport): CiCheck => {
  const isMet = check.verdict === 'passed'
  const isEmpty = isMet && gates?.invalidRuns.includes(check.run)
  const advisory = gates?.isAdvisory && !isMet ? 'advisory, fails nothing: ' : ''
  return {
    kind: 'gate',
    run: check.run,
    name: `fails if ${plainText(check.condition)}`,
    outcome: isMet ? 'passed' : gates?.isAdvisory ? 'noted' : 'failed',
    message: `${advisory}${plainText(check.reason)}${isEmpty ? '; but the run is INVALID' : ''}`,
    details: [`${check.figure}: ${gateValue(check, check.value)}`, ...baselineText(check)],
  }
}

const baselineCheck = (baseline: BaselineFacts): CiCheck => {
  const isDoubtful = baseline.doubts.length > 0
  return {
    kind: 'baseline',
    run: undefined,
    name: 'baseline',
    outcome: isDoubtful ? 'noted' : 'passed',
    message: baselineLines({ ...baseline, pairs: [] })
      .map(plainText)
      .join('; '),
    details: baseline.pairs.map(plainText),
  }
}

/** A value of a gate with its unit. */
export const gateValue = ({ unit }: GateCheck, value: number | undefined): string => {
  if (value === undefined || !Number.isFinite(value)) return absent
  const text = decimalText(value, unit === 's' ? 4 : 2)
  return unit === '' ? text : `${text} ${unit}`
}

const baselineText = (check: GateCheck): readonly string[] =>
  check.kind === 'baseline' ? [`baseline: ${gateValue(check, check.baseline)}`] : []

const verdictCheck = (result: RunResult, { isStrict, sla }: CiReport): CiCheck => {
  const { level, reasons, statement } = result.verdict
  const names = [...new Set(reasons.map(({ name }) => name))].join(', ')
  const why = [names, plainText(statement ?? '')].filter(text => text !== '').join('; ')
  const isJudged = sla === undefined || answeredResults(sla).includes(result)
  const isStrictFailure = isStrict && isJudged && isDoubtful(result)
  return {
    kind: 'verdict',
    run: result.plan.name,
    name: 'verdict',
    outcome: level === 'VALID' ? 'passed' : !isJudged ? 'aside' : isStrictFailure ? 'failed' : 'noted',
    message: `${level ?? 'no verdict'}${why === '' ? '' : `: ${why}`}${isStrictFailure ? ' (--strict)' : ''}`,
    details: reasons.map(({ name, message }) => `${name}: ${plainText(message)}`),
  }
}

const slaCheck = (answer: GroupAnswer): CiCheck => ({
  kind: 'sla',
  run: undefined,
  name: `SLA ${plainText(groupText(answer.group))}`,
  outcome: answer.value === undefined ? 'failed' : 'passed',
  message: [...(answer.value === undefined ? [] : [decimalText(answer.value, 6)]), noteText(answer)].join(': '),
  details: [],
})

const endCheck = ({ runs, plannedRuns, isInterrupted, problem, note }: CiReport): CiCheck => {
  const whole = runs.filter(({ result }) => !result.interrupted && !result.datasetFailed).length
  const count = `${whole} of ${plannedRuns} ${plannedRuns === 1 ? 'run' : 'runs'} came to the end`
  const noted = note === undefined ? [] : [plainText(note)]
  const common = { kind: 'end', run: undefined, name: 'all runs came to their end', details: noted } as const
  if (problem !== undefined) {
    const isNothing = runs.length === 0
    const details = isNothing ? noted : [count, ...noted]
    return { ...common, outcome: 'broken', message: `${isNothing ? 'nothing was measured: ' : ''}${problem}`, details }
  }
  if (isInterrupted) return { ...common, outcome: 'broken', message: `interrupted: ${count}` }
  return { ...common, outcome: whole < plannedRuns ? 'noted' : 'passed', message: count }
}
