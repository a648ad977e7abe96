import { isCutOff, type RequestTimes } from '../../model/record.ts'
import type { RunResult, Timeline, TimelinePoint } from '../../model/result.ts'
import { hasOutputTokens } from '../../model/run-plan.ts'

/** A run over time, in even steps; times in s since the first request was sent, rates per second. */
export interface RunTimeline {
  /** Where each step ends. */
  readonly endSec: readonly number[]
  /** Output tokens, or those of prompts where answers have none. */
  readonly tokensPerSec: readonly number[]
  readonly inFlight: readonly number[]
  readonly succeededPerSec: readonly number[]
  readonly failedPerSec: readonly number[]
}

const [fewestSteps, mostSteps] = [20, 150]

/** With fewer requests in a step its rate would jump between nothing and much. */
const requestsPerStep = 4

const stepsFor = (requests: number): number =>
  Math.min(mostSteps, Math.max(fewestSteps, Math.floor(requests / requestsPerStep)))

/** Folds the ends of requests into the steps of a run's timeline. */
export class TimelineFold {
  readonly #timeline: Timeline
  readonly #groups: readonly (readonly TimelinePoint[])[]
  readonly #succeeded: number[]
  readonly #failed: number[]
  readonly #countsOutput: boolean

  constructor(timeline: Timeline, { plan, summary }: RunResult) {
    this.#timeline = timeline
    this.#countsOutput = hasOutputTokens(plan.task)
    const size = Math.ceil(timeline.points.length / stepsFor(summary.totalRequests))
    this.#groups = groupsOf(timeline.points, size)
    this.#succeeded = this.#groups.map(() => 0)
    this.#failed = this.#groups.map(() => 0)
  }

  add(record: RequestTimes): void {
    if (isCutOff(record) || this.#groups.length === 0) return
    const stepMs = this.#groups[0]?.at(-1)?.tMs ?? 0
    const atMs = (record.endUs - this.#timeline.startUs) / 1000
    const step = Math.min(this.#groups.length - 1, Math.max(0, Math.ceil(atMs / stepMs) - 1))
    const counts = record.failure === undefined ? this.#succeeded : this.#failed
    counts[step] = (counts[step] as number) + 1
  }

  steps(): RunTimeline {
    const ends = this.#groups.map(group => (group.at(-1) as TimelinePoint).tMs / 1000)
    const lengths = ends.map((end, at) => end - (ends[at - 1] ?? 0))
    const perSec = (amount: number, at: number): number => amount / (lengths[at] as number)
    const totals = this.#groups.map(group => this.#tokens(group.at(-1) as TimelinePoint))
    return {
      endSec: ends,
      tokensPerSec: totals.map((total, at) => perSec(total - (totals[at - 1] ?? 0), at)),
      inFlight: this.#groups.map((group, at) => meanInFlight(group, ends[at - 1] ?? 0)),
      succeededPerSec: this.#succeeded.map(perSec),
      failedPerSec: this.#failed.map(perSec),
    }
  }

  #tokens({ completion, newPrompt, cachedPrompt }: TimelinePoint): number {
    return this.#countsOutput ? completion : newPrompt + cachedPrompt
  }
}

/** Steps of so many points. What is left at the end joins the step before it where it is short: its rates would jump. */
const groupsOf = (points: readonly TimelinePoint[], size: number): readonly (readonly TimelinePoint[])[] => {
  const [step, last] = [points[size - 1], points.at(-1)]
  if (step === undefined || last === undefined) return []
  const groups = Math.max(1, Math.round(last.tMs / step.tMs))
  return Array.from({ length: groups }, (_, at) =>
    points.slice(at * size, at === groups - 1 ? undefined : (at + 1) * size),
  )
}

/** The last step may be shorter or longer than the others. */
const meanInFlight = (group: readonly TimelinePoint[], fromSec: number): number => {
  let [area, beforeMs] = [0, fromSec * 1000]
  for (const { tMs, meanInFlight } of group) {
    area += meanInFlight * (tMs - beforeMs)
    beforeMs = tMs
  }
  return area / (beforeMs - fromSec * 1000)
}
