import type { RecordSink } from '../model/record.ts'
import type { RunResult } from '../model/result.ts'
import type { RunPlan } from '../model/run-plan.ts'
import { LiveFigures } from '../stats/live-figures.ts'

/** How far a benchmark is at a moment. */
export interface FollowedMoment {
  readonly epochMs: number
  /** The run under way; undefined before, between and after runs. */
  readonly run: FollowedRun | undefined
  readonly endedRuns: number
  /** Requests, or conversations, that ended by themselves in the runs before this one. */
  readonly overBefore: number
}

/** What follows a benchmark while it runs: a file, or a service elsewhere. None of it may take long: loads go on. */
export interface Follower {
  /** Once a second, from before the first run until after the last. */
  tick(moment: FollowedMoment): void
  /** A run is over, and all its figures are known. */
  runEnded(result: RunResult, epochMs: number): void
  /** The benchmark is over; called once. `isComplete` says that all went as planned. */
  close(isComplete: boolean, moment: FollowedMoment): void | Promise<void>
}

/** A run as those see it who follow it; takes every record of it. */
export class FollowedRun implements RecordSink {
  readonly plan: RunPlan
  readonly figures: LiveFigures
  #startedMs: number | undefined

  constructor(plan: RunPlan) {
    this.plan = plan
    this.figures = new LiveFigures(plan)
  }

  /** When the clock of the measured requests started, since the epoch; undefined before. */
  get startedMs(): number | undefined {
    return this.#startedMs
  }

  /** Called when that clock starts. */
  start(): void {
    this.#startedMs = Date.now()
  }

  write(record: Parameters<RecordSink['write']>[0]): void {
    this.figures.write(record)
  }

  close(): void {}
}

/** Between two looks. */
const tickMs = 1000

/** Tells followers, once a second and off the timing path, how far a benchmark is. With none it does nothing. */
export class Following {
  readonly #followers: Follower[] = []
  readonly #say: (line: string) => void
  #run: FollowedRun | undefined
  #endedRuns = 0
  #overBefore = 0
  #timer: NodeJS.Timeout | undefined
  #isComplete = false

  /** `say` hears when a follower fails, which ends nothing. */
  constructor(say: (line: string) => void) {
    this.#say = say
  }

  add(follower: Follower): void {
    this.#followers.push(follower)
    this.#tick()
    this.#timer ??= setInterval(() => this.#tick(), tickMs).unref()
  }

  /** A run begins: gives the sink that is to take its records, where anybody follows. */
  begin(plan: RunPlan): FollowedRun | undefined {
    if (this.#followers.length === 0) return undefined
    this.#run = new FollowedRun(plan)
    return this.#run
  }

  /** The run that began last is over. */
  ended(result: RunResult): void {
    this.#endedRuns++
    this.#overBefore += this.#run?.figures.over ?? 0
    this.#run = undefined
    for (const follower of this.#followers) void this.#guard(() => follower.runEnded(result, Date.now()))
  }

  /** All that was planned has been measured and written. */
  complete(): void {
    this.#isComplete = true
  }

  /** The benchmark is over, complete or not. Closing again does nothing. */
  async close(): Promise<void> {
    clearInterval(this.#timer)
    const moment = this.#moment()
    const followers = this.#followers.splice(0)
    await Promise.all(followers.map(follower => this.#guard(() => follower.close(this.#isComplete, moment))))
  }

  #tick(): void {
    const moment = this.#moment()
    for (const follower of this.#followers) void this.#guard(() => follower.tick(moment))
  }

  #moment(): FollowedMoment {
    const [run, endedRuns, overBefore] = [this.#run, this.#endedRuns, this.#overBefore]
    return { epochMs: Date.now(), run, endedRuns, overBefore }
  }

  /** A bug of theirs must not end the benchmark that they follow. */
  async #guard(act: () => void | Promise<void>): Promise<void> {
    try {
      await act()
    } catch (error) {
      this.#say(`what follows the benchmark failed: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
}
