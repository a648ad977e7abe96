import { accessSync, appendFileSync, constants, rmSync, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import type { ArgumentValues } from '../arguments/arguments.ts'
import { commandLineSecrets, knownSecrets } from '../arguments/known-secrets.ts'
import { maskWords } from '../arguments/secrets.ts'
import { ArgumentsError, OutputError, reasonOf } from '../errors.ts'
import type { GateOutcome } from '../model/gate.ts'
import type { RunResult } from '../model/result.ts'
import type { CiReport, CiRun } from '../report/ci/ci-report.ts'
import { annotationLines, summaryAddition } from '../report/ci/github.ts'
import { junitXml } from '../report/ci/junit.ts'
import { markdownReport } from '../report/ci/markdown.ts'
import { gateOutcome } from '../stats/gates.ts'
import type { SlaOutcome } from '../stats/sla/outcome.ts'
import { type Host, Stopped } from './host.ts'
import { writeFileText } from './result-files.ts'
import type { StoredBenchmark } from './stored-benchmark.ts'

/** Where CI reads: fields of flags. */
export interface CiTargets extends Pick<ArgumentValues, 'github'> {
  readonly junit?: string | undefined
  readonly markdown?: string | undefined
}

/** The parts of what a benchmark gave that CI is told of. */
export interface CiOutcome {
  /** Those of a search are of its values. */
  readonly results: readonly RunResult[]
  readonly measured: readonly CiRun[]
  readonly sla?: SlaOutcome | undefined
  readonly plannedRuns: number
  readonly outputPath: string
  readonly gates?: GateOutcome | undefined
  readonly problem: Error | undefined
}

type Surroundings = Pick<Host, 'env' | 'status'>

/**
 * Does a benchmark and tells CI what became of it, also where it was interrupted or nothing could be measured: a file of
 * an earlier one must not be taken for its own, and is gone where this one is killed. A place that cannot be written is an ArgumentsError before it starts;
 * one that is gone by the end is a problem of the outcome.
 */
export const withCiReports = async <Outcome extends CiOutcome>(
  values: ArgumentValues,
  host: Host,
  benchmark: () => Promise<Outcome>,
): Promise<Outcome> => {
  checkCiTargets(values, host)
  removeEarlier(values)
  const isStrict = values.strict
  let outcome: Outcome
  try {
    outcome = await benchmark()
  } catch (error) {
    const isInterrupted = error instanceof Stopped
    const problem = isInterrupted ? error.message : withoutSecrets(reasonOf(error), values, host)
    const common = { runs: [], plannedRuns: 0, outputPath: undefined, gates: undefined, isStrict }
    const unwritten = tellCi(values, { ...common, isInterrupted, problem }, host)
    if (unwritten !== undefined) host.status.say(unwritten.message)
    throw error
  }
  const { measured, results, problem, ...rest } = outcome
  // Of a search the values are shown, each of all its runs.
  const pooled = results.map(result => ({ startedAt: undefined, arguments: measured[0]?.arguments, result }))
  const runs = outcome.sla === undefined ? measured : pooled
  const words = problem && withoutSecrets(reasonOf(problem), values, host)
  const isInterrupted = host.stop.draining.aborted
  const unwritten = tellCi(values, { ...rest, gates: rest.gates, runs, isStrict, isInterrupted, problem: words }, host)
  return { ...outcome, problem: problem ?? unwritten }
}

/** What cannot be removed is replaced at the end, or told of. */
const removeEarlier = ({ junit, markdown }: CiTargets): void => {
  for (const path of [junit, markdown]) {
    try {
      if (path !== undefined) rmSync(path, { force: true })
    } catch {}
  }
}

/** Throws an ArgumentsError where a file cannot be written, and says where `--github` has no effect. */
export const checkCiTargets = ({ junit, markdown, github }: CiTargets, { env, status }: Surroundings): void => {
  if (junit !== undefined) checkFile('--junit', junit)
  if (markdown !== undefined) checkFile('--markdown', markdown)
  if (junit !== undefined && markdown !== undefined && resolve(junit) === resolve(markdown)) {
    throw new ArgumentsError(`--junit and --markdown name the same file, ${junit}; give two`)
  }
  if (!github) return
  if (!isInActions(env)) {
    status.say('--github has no effect: this is not GitHub Actions, where GITHUB_ACTIONS is true')
  } else if (env.GITHUB_STEP_SUMMARY === undefined) {
    status.say('--github: GITHUB_STEP_SUMMARY is not set, so there will be annotations and no step summary')
  }
}

/** Writes all that is asked for, and says the annotations; gives the first error, and does the rest all the same. */
export const tellCi = (targets: CiTargets, report: CiReport, surroundings: Surroundings): OutputError | undefined => {
  const { junit, markdown, github } = targets
  const unwritten = [
    junit === undefined ? undefined : errorOf('--junit', () => writeFileText(junit, junitXml(report))),
    markdown === undefined ? undefined : errorOf('--markdown', () => writeFileText(markdown, markdownReport(report))),
  ]
  if (github && isInActions(surroundings.env)) tellActions(report, surroundings)
  return unwritten.find(error => error !== undefined)
}

/** What CI is told of a stored benchmark, without a word on how strictly it was once taken. */
export const storedCiReport = (
  { runs, plannedRuns, outputPath }: StoredBenchmark,
  isInterrupted: boolean,
  note?: string,
): CiReport => ({
  ...{ runs, plannedRuns, outputPath, isInterrupted, note },
  ...{ gates: gateOutcome(runs.map(({ result }) => result)), isStrict: false, problem: undefined },
})

const isInActions = (env: Surroundings['env']): boolean => env.GITHUB_ACTIONS === 'true'

/** Annotations go where all lines go: GitHub reads them on stderr, too, and stdout may be a document. */
const tellActions = (report: CiReport, { env, status }: Surroundings): void => {
  try {
    for (const line of annotationLines(report)) status.say(line)
    const path = env.GITHUB_STEP_SUMMARY
    if (path === undefined) return
    const before = statSync(path, { throwIfNoEntry: false })?.size ?? 0
    const addition = summaryAddition(markdownReport(report), before)
    if (addition === undefined) status.say('--github: the step summary is full; nothing is added')
    else appendFileSync(path, addition)
  } catch (error) {
    // It is GitHub's own file: nothing that was measured is worth less without it.
    status.say(`--github: the step summary cannot be written: ${reasonOf(error)}`)
  }
}

const checkFile = (flag: string, path: string): void => {
  const [directory, hint] = [dirname(path), `give ${flag} another file`]
  try {
    const there = statSync(path, { throwIfNoEntry: false })
    if (there !== undefined && !there.isFile()) throw new Error('it is no file')
    // The file is put in its place as a whole, so it is the directory that has to take it.
    accessSync(directory, constants.W_OK | constants.X_OK)
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    const reason = code === 'ENOENT' ? `there is no directory ${directory}` : reasonOf(error)
    throw new ArgumentsError(`cannot write ${flag} ${path}: ${reason}; ${hint}`, { cause: error })
  }
}

/** Whatever goes wrong: what was measured is not to be lost by what tells of it. */
const errorOf = (flag: string, write: () => void): OutputError | undefined => {
  try {
    write()
    return undefined
  } catch (error) {
    return error instanceof OutputError ? error : new OutputError(`${flag}: ${reasonOf(error)}`, { cause: error })
  }
}

const withoutSecrets = (text: string, values: ArgumentValues, { env }: Surroundings): string => {
  const { apiKey, headers, url, extraArgs, queryTemplate } = values
  const own = knownSecrets({ apiKey, headers, urls: [url], bodies: [extraArgs, queryTemplate] })
  return maskWords(text, [...own, ...commandLineSecrets([], env)])
}
