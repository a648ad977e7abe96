import type { ArgumentValues } from '../../arguments/arguments.ts'
import { TargetUnreachableError } from '../../errors.ts'
import type { RunResult, RunSummary } from '../../model/result.ts'
import type { RunPlan } from '../../model/run-plan.ts'
import { leastNumber, planSlaRun } from '../../plan/sla/sla-points.ts'
import type { Accumulator } from '../../stats/accumulator.ts'
import type { SlaGroup } from '../../stats/sla/criteria.ts'
import { isCarried, judge } from '../../stats/sla/judge.ts'
import type { GoneServer, MeasuredPoint } from '../../stats/sla/outcome.ts'
import { poolRuns } from '../../stats/sla/pooled-runs.ts'
import { missingRequests } from '../../stats/sla/sample-size.ts'

/** What a run of a search gave. */
export interface SlaRunOutcome {
  readonly result: RunResult
  /** What its figures were made of; the search may add those of other runs. */
  readonly accumulator: Accumulator
  /** What ended it, and ends the search. */
  readonly problem: Error | undefined
  /** Conversations taken from the dataset, warm-up included. */
  readonly dealt: number
}

/** What points are measured with. */
export interface SlaPointsParts {
  /** The plan of the first run. */
  readonly base: RunPlan
  readonly values: ArgumentValues
  readonly cores: number
  readonly groups: readonly SlaGroup[]
  /** Makes one run; `shownAs` is what its progress is shown under. */
  readonly run: (plan: RunPlan, shownAs: string) => Promise<SlaRunOutcome>
  /** The time between two runs. */
  readonly pause: (next: RunPlan) => Promise<void>
  readonly isStopped: () => boolean
}

/** More runs of a value than asked for, where the samples of those do not carry what is asked. */
const mostExtraRuns = 3
/** Less of its time is not worth another run. */
const leastTimeLeft = 0.05

interface Point {
  readonly value: number
  readonly results: RunResult[]
  /** Of all runs together. */
  pooled: MeasuredPoint | undefined
  largestNumber: number
  spentMs: number
  isRepeated: boolean
}

/** The values of a search, each measured once, whoever asks for it. */
export class SlaPoints {
  readonly #parts: SlaPointsParts
  readonly #points = new Map<number, Point>()
  #taken = 0
  #runs = 0
  #problem: Error | undefined
  #gone: GoneServer | undefined
  /** Values that were measured to their end, in that order. */
  readonly #whole: number[] = []

  constructor(parts: SlaPointsParts) {
    this.#parts = parts
  }

  /** What ended the search before its time. */
  get problem(): Error | undefined {
    return this.#problem
  }

  /** Where the server was gone, if it was. */
  get gone(): GoneServer | undefined {
    return this.#gone
  }

  /** All that was measured, from low to high, also where it was not finished. */
  get measured(): readonly MeasuredPoint[] {
    const points = [...this.#points.values()].flatMap(({ pooled }) => (pooled === undefined ? [] : [pooled]))
    return points.sort((a, b) => a.value - b.value)
  }

  /** Whether this value has been measured. */
  has(value: number): boolean {
    return this.#points.has(value)
  }

  /** Whether this value has been measured once more than it takes. */
  isRepeated(value: number): boolean {
    return this.#points.get(value)?.isRepeated === true
  }

  /** Measures a value, unless that was done; undefined where the search is to end. `where` says where that stands. */
  async at(value: number, where: string): Promise<MeasuredPoint | undefined> {
    const known = this.#points.get(value)
    if (known !== undefined) return this.#hasEnded() ? undefined : known.pooled
    const point: Point = { value, results: [], pooled: undefined, largestNumber: 0, spentMs: 0, isRepeated: false }
    this.#points.set(value, point)
    while (this.#wantsMore(point)) {
      const runsLeft = Math.max(1, this.#parts.values.slaNumRuns - point.results.length)
      const missing = missingRequests(this.#parts.groups, measuredOf(point))
      const number = Math.max(leastNumber(this.#parts.values, value), Math.ceil(missing / runsLeft))
      const durationMs = (this.#budgetMs - point.spentMs) / runsLeft
      if (!(await this.#measure(point, { number, durationMs, where }))) return undefined
    }
    this.#whole.push(value)
    return point.pooled
  }

  /** One more run at a value, whose samples go to the others; undefined where the search is to end. */
  async repeat(value: number, where: string): Promise<MeasuredPoint | undefined> {
    const point = this.#points.get(value)
    if (point === undefined) return undefined
    point.isRepeated = true
    const durationMs = this.#budgetMs / this.#parts.values.slaNumRuns
    const isMeasured = await this.#measure(point, { number: point.largestNumber, durationMs, where })
    return isMeasured ? point.pooled : undefined
  }

  get #budgetMs(): number {
    return this.#parts.values.slaPointSeconds * 1000
  }

  #hasEnded(): boolean {
    return this.#problem !== undefined || this.#parts.isStopped()
  }

  #wantsMore(point: Point): boolean {
    const { values, groups } = this.#parts
    const count = point.results.length
    if (count > 0 && this.#budgetMs - point.spentMs <= leastTimeLeft * this.#budgetMs) return false
    if (count < values.slaNumRuns) return true
    const measured = measuredOf(point)
    if (measured === undefined || count >= values.slaNumRuns + mostExtraRuns) return false
    const isShort = groups.some(group => !isCarried(judge(group, measured, undefined)))
    return isShort && missingRequests(groups, measured) > 0
  }

  /** Makes one run; whether it came to its end. */
  async #measure(
    point: Point,
    { number, durationMs, where }: { readonly number: number; readonly durationMs: number; readonly where: string },
  ): Promise<boolean> {
    const { base, values, cores, run, pause } = this.#parts
    const ordinal = point.results.length + 1
    const plan = planSlaRun(base, { values, cores }, { ...point, run: ordinal, number, durationMs, taken: this.#taken })
    if (this.#runs++ > 0) await pause(plan)
    if (this.#hasEnded()) return false
    try {
      const outcome = await run(plan, `${where} run ${ordinal}`)
      this.#taken += outcome.dealt
      this.#keep(point, outcome, plan)
      this.#problem = this.#lossOf(point, outcome) ?? outcome.problem
      return !outcome.result.interrupted && !this.#hasEnded()
    } catch (error) {
      // What the runs before it found is still reported.
      if (this.measured.length === 0) throw error
      this.#problem =
        error instanceof TargetUnreachableError ? this.#lost(point.value, error.message) : (error as Error)
      return false
    }
  }

  /** What ends the search when nobody took a connection at a value; one that was told to stop proves nothing. */
  #lossOf({ value }: Point, { result, problem }: SlaRunOutcome): Error | undefined {
    if (problem instanceof TargetUnreachableError) return this.#lost(value, problem.message)
    const { failures, summary, interrupted } = result
    const isRefused = failures.length > 0 && failures.every(({ kind }) => kind === 'connect')
    if (interrupted || summary.succeededRequests > 0 || !isRefused) return undefined
    return this.#lost(value, failures[0]?.example ?? '')
  }

  #lost(at: number, reason: string): Error {
    const { slaVariable } = this.#parts.values
    const last = this.#whole.findLast(value => value !== at)
    this.#gone = { at, last }
    const before =
      last === undefined ? 'nothing was measured before that' : `${last} is the last value measured before that`
    return new TargetUnreachableError(
      `the server was gone at --${slaVariable} ${at} (${reason}); ${before}; see whether the server runs`,
    )
  }

  #keep(point: Point, { result, accumulator }: SlaRunOutcome, { number = 0, durationMs = 0 }: RunPlan): void {
    // One that was stopped before anything ended says nothing of its load.
    if (result.interrupted && result.summary.totalRequests === 0 && this.measured.length > 0) return
    const { value, results } = point
    results.push(result)
    const [first = result, ...others] = results
    // One of them has all: those of single runs would take as much memory again.
    const all = point.pooled?.accumulator ?? accumulator
    if (all !== accumulator) all.merge(accumulator)
    const name = `${this.#parts.values.slaVariable}_${value}`
    point.pooled = { value, accumulator: all, result: poolRuns(name, [first, ...others], all) }
    point.largestNumber = Math.max(point.largestNumber, number)
    // One that its time ended has had all of it, whatever came to an end in it.
    point.spentMs += Math.max(result.summary.durationMs ?? 0, isWhole(result.summary, number) ? 0 : durationMs)
  }
}

/** Whether a run has made all of its requests, or conversations, and cut off none. */
const isWhole = ({ conversations, totalRequests, cutOffRequests }: RunSummary, number: number): boolean =>
  cutOffRequests === 0 && (conversations?.begun ?? totalRequests) >= number

const measuredOf = ({ pooled }: Point) => pooled && { accumulator: pooled.accumulator, summary: pooled.result.summary }
