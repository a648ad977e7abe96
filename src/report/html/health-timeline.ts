import type { HealthSample, ValueCount } from '../../model/health.ts'
import { toMs } from '../../stats/metrics.ts'
import { Tally } from '../../stats/tally.ts'

/** What the client observed of itself over the time of a run: `null` is what the system does not tell. */
export interface HealthTimeline {
  /** The middle of each step, as far as it lies in the run, in s since the first request was sent. */
  readonly atSec: readonly number[]
  readonly selfDelayP99Ms: readonly (number | null)[]
  /** Of the busiest thread that sends. */
  readonly cpuPercent: readonly (number | null)[]
  readonly runQueuePercent: readonly (number | null)[]
}

const mostSteps = 150
/** Threads tell about a second at a time. */
const finestStepUs = 1_000_000

interface Step {
  readonly delays: Map<number, number>
  cpuPercent: number | null
  runQueuePercent: number | null
}

/** Folds what threads observed of themselves into steps of time. */
export class HealthFold {
  readonly #startUs: number
  readonly #spanUs: number
  readonly #stepUs: number
  readonly #steps = new Map<number, Step>()

  constructor(startUs: number, spanMs: number) {
    this.#startUs = startUs
    this.#spanUs = spanMs * 1000
    this.#stepUs = Math.max(finestStepUs, Math.ceil((spanMs * 1000) / mostSteps))
  }

  add(sample: HealthSample): void {
    if (sample.thread === 0) return
    const middleUs = sample.startUs + sample.durationUs / 2 - this.#startUs
    const step = this.#step(Math.max(0, Math.floor(middleUs / this.#stepUs)))
    addDelays(step.delays, sample.firstSelfDelays)
    addDelays(step.delays, sample.laterSelfDelays)
    step.cpuPercent = most(step.cpuPercent, sample.cpuUs, sample.durationUs)
    step.runQueuePercent = most(step.runQueuePercent, sample.runQueueUs, sample.durationUs)
  }

  /** Undefined where nothing was observed. */
  steps(): HealthTimeline | undefined {
    const steps = [...this.#steps].sort(([a], [b]) => a - b)
    if (steps.length === 0) return undefined
    return {
      atSec: steps.map(([number]) => this.#middleUs(number) / 1_000_000),
      selfDelayP99Ms: steps.map(([, { delays }]) => p99Ms(delays)),
      cpuPercent: steps.map(([, { cpuPercent }]) => cpuPercent),
      runQueuePercent: steps.map(([, { runQueuePercent }]) => runQueuePercent),
    }
  }

  /** Of the part of a step in which there was a run: the last one goes on after it. */
  #middleUs(number: number): number {
    const fromUs = Math.min(number * this.#stepUs, this.#spanUs)
    return (fromUs + Math.min(fromUs + this.#stepUs, this.#spanUs)) / 2
  }

  #step(number: number): Step {
    const known = this.#steps.get(number)
    if (known !== undefined) return known
    const step: Step = { delays: new Map(), cpuPercent: null, runQueuePercent: null }
    this.#steps.set(number, step)
    return step
  }
}

const addDelays = (to: Map<number, number>, delays: readonly ValueCount[]): void => {
  for (const [us, count] of delays) {
    const rounded = threeDigits(us)
    to.set(rounded, (to.get(rounded) ?? 0) + count)
  }
}

/** Few distinct values, so that a step of a long run stays small. */
const threeDigits = (us: number): number => (us < 1000 ? us : Number(us.toPrecision(3)))

const p99Ms = (delays: ReadonlyMap<number, number>): number | null => {
  const tally = new Tally()
  for (const [us, count] of delays) tally.add(us, count)
  return toMs(tally.percentile(99)) ?? null
}

const most = (known: number | null, us: number | undefined, durationUs: number): number | null =>
  us === undefined || durationUs === 0 ? known : Math.max(known ?? 0, (100 * us) / durationUs)
