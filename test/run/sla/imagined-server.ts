import { Arguments } from '../../../src/arguments/arguments.ts'
import type { ArgumentsInput } from '../../../src/arguments/arguments-input.ts'
import type { RunPlan } from '../../../src/model/run-plan.ts'
import { readSlaGroups } from '../../../src/plan/sla/sla-groups.ts'
import { searchSla } from '../../../src/run/sla/search-sla.ts'
import { SlaPoints } from '../../../src/run/sla/sla-points.ts'
import { Accumulator } from '../../../src/stats/accumulator.ts'
import { makeResult } from '../../../src/stats/result.ts'
import { firstPlan } from '../../plan/plans.ts'
import { quietHealth } from '../../stats/health-samples.ts'
import { failed, streamed } from '../../stats/records.ts'

/** What a server does with one request: seconds, and whether it fails. */
interface Answer {
  readonly ttft: number
  readonly latency: number
  readonly fails?: boolean
}

/** The load a plan stands for. */
const loadOf = ({ load }: RunPlan): number =>
  load.kind === 'closed' && load.pacing === undefined ? load.concurrency : (load.pacing?.ratePerSec ?? 0)

/** A server that exists in words alone. */
export interface Server {
  /** The nth request of a run, the runs of a search counted from 1. */
  readonly answer: (load: number, nth: number, run: number) => Answer
  /** Requests that a run is over after, whatever was planned. */
  readonly most?: number
  /** The runs that a Ctrl-C, or an error, comes in. */
  readonly stoppedIn?: number
  readonly throwsIn?: number
  /** From this run on nobody takes a connection. */
  readonly goneFrom?: number
  /** Each run ends with as many requests under way as it has answers; or those above a load do. */
  readonly cutsOff?: boolean | number
}

/** Searches a server that exists in words alone. */
export const searchOn = async (server: Server, input: ArgumentsInput) => {
  const all = { url: 'http://h:8000', slaAutoTune: true, sleepInterval: 0, slaUpperBound: 64, ...input }
  const { values } = new Arguments(all)
  const groups = readSlaGroups(values)
  const [plans, said, pauses]: [RunPlan[], string[], string[]] = [[], [], []]
  let isStopped = false
  const run = async (plan: RunPlan) => {
    plans.push(plan)
    const ordinal = plans.length
    if (ordinal === server.throwsIn) throw new Error('the disk is gone')
    const accumulator = new Accumulator(plan.objectives)
    const count = Math.min(plan.number ?? 0, server.most ?? Number.POSITIVE_INFINITY)
    const { cutsOff = false, goneFrom = Number.POSITIVE_INFINITY } = server
    const slots = Math.max(1, Math.round(loadOf(plan)))
    for (let nth = 0; nth < count; nth++) {
      const { ttft, latency, fails } = server.answer(loadOf(plan), nth, ordinal)
      const start = 100 * ordinal + Math.floor(nth / slots) * latency
      const ids = { requestId: `${ordinal}-${nth}`, conversationId: `${ordinal}-${nth}` }
      const times = { start, end: start + latency }
      accumulator.write(
        ordinal >= goneFrom
          ? failed('connect', { start, end: start + 0.001 }, ids)
          : fails
            ? failed('http_5xx', times, ids)
            : streamed({ ...times, ttft, gaps: [0.01], input: 10, output: 2 }, ids),
      )
    }
    const isCut = typeof cutsOff === 'number' ? loadOf(plan) > cutsOff : cutsOff
    for (let nth = 0; isCut && nth < count; nth++) {
      const ids = { requestId: `${ordinal}-cut-${nth}`, conversationId: `${ordinal}-cut-${nth}` }
      accumulator.write(failed('aborted', { start: 100 * ordinal, end: 100 * ordinal + 1 }, ids))
    }
    isStopped = ordinal === server.stoppedIn
    const result = makeResult(plan, accumulator, { interrupted: isStopped, health: quietHealth() })
    return { result, accumulator, problem: undefined, dealt: count }
  }
  const points = new SlaPoints({
    base: firstPlan(all),
    values,
    cores: 1,
    groups,
    run,
    pause: async next => void pauses.push(next.name),
    isStopped: () => isStopped,
  })
  const outcome = await searchSla({ values, groups, points, say: line => said.push(line) })
  const visits = outcome.answers.map(({ steps }) => steps.map(({ value }) => value))
  const found = outcome.answers.map(({ value }) => value)
  const runs = plans.map(({ name }) => name)
  return { outcome, visits, found, plans, runs, said, pauses, problem: points.problem }
}

/** Latency in s and TTFT in ms are the load itself. */
export const linear: Server = { answer: load => ({ ttft: load / 1000, latency: load }) }

/** Each value has one run. */
export const once = { slaNumRuns: 1 }
