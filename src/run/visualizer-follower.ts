import type { Arguments } from '../arguments/arguments.ts'
import { chosenVisualizer } from '../arguments/follow-flags.ts'
import { knownSecrets } from '../arguments/known-secrets.ts'
import { maskWords } from '../arguments/secrets.ts'
import { isJsonObject, type JsonObject, type JsonValue } from '../model/json.ts'
import type { RunResult } from '../model/result.ts'
import { percentileJson, summaryJson } from '../report/json.ts'
import { liveKeys } from '../stats/live-figures.ts'
import { Delivery } from '../visualizers/delivery.ts'
import { findVisualizer } from '../visualizers/index.ts'
import type { FollowedBenchmark } from '../visualizers/visualizer.ts'
import type { FollowedMoment, Follower } from './following.ts'
import type { Host } from './host.ts'

/** A service that was logged in to; it hears nothing of the benchmark before `begin`. */
export interface OpenVisualizer {
  /** What no file, log or message may repeat. */
  readonly secrets: readonly string[]
  /** Begins the run there. Throws `ArgumentsError` where the service refuses it. */
  begin(benchmark: Omit<FollowedBenchmark, 'project'>): Promise<Follower>
  /** Lets go of it where no run was begun. */
  close(): Promise<void>
}

/** Logs in to the service that is asked for. Throws `ArgumentsError` without a key, or where the service refuses it. */
export const logInToVisualizer = async (
  { values }: Arguments,
  { env, stop }: Host,
  say: (line: string) => void,
): Promise<OpenVisualizer | undefined> => {
  const name = chosenVisualizer(values)
  if (name === undefined) return undefined
  const { credentials, project, connect } = findVisualizer(name, values, env)
  const { key, secret, host } = credentials
  // As wandb and clearml are sent it: in base64 a key within other text looks like none.
  const pair = secret === undefined ? `api:${key}` : `${key}:${secret}`
  const secrets = [pair, key, secret].flatMap(text => knownSecrets({ apiKey: text, urls: [host] }))
  const client = await connect(stop.draining)
  const delivery = new Delivery(client, { say, mask: text => maskWords(text, secrets), stop: stop.draining })
  await delivery.logIn()
  return {
    secrets,
    begin: async benchmark => {
      await delivery.begin({ ...benchmark, project })
      return new VisualizerFollower(delivery)
    },
    close: () => delivery.close(false),
  }
}

/** Turns what a benchmark does into rows, one a second and only where something changed, and tables. */
export class VisualizerFollower implements Follower {
  readonly #delivery: Pick<Delivery, 'put' | 'close'>
  /** Goes on over the runs of a sweep. */
  #step = 0
  #ended = 0

  constructor(delivery: Pick<Delivery, 'put' | 'close'>) {
    this.#delivery = delivery
  }

  tick({ run, epochMs }: FollowedMoment): void {
    const { figures } = run ?? {}
    if (figures === undefined || figures.ended === this.#ended) return
    this.#ended = figures.ended
    this.#delivery.put({ kind: 'row', step: this.#step++, epochMs, figures: figures.read() })
  }

  runEnded(result: RunResult, epochMs: number): void {
    const summary = numbersOf(summaryJson(result))
    const figures = Object.fromEntries(Object.entries(summary).filter(([key]) => liveKeys.includes(key)))
    const step = this.#step++
    const common = { run: result.plan.name, step, epochMs }
    // The curves end in the figures of the tables: tokens may have been counted since.
    this.#delivery.put(
      { kind: 'row', step, epochMs, figures },
      { kind: 'summary', ...common, figures: summary },
      { kind: 'table', ...common, title: 'Summary', ...summaryTable(result) },
      { kind: 'table', ...common, title: 'Percentiles', ...percentileTable(result) },
    )
    this.#ended = 0
  }

  close(isComplete: boolean): Promise<void> {
    return this.#delivery.close(isComplete)
  }
}

const numbersOf = (json: JsonObject): Readonly<Record<string, number>> =>
  Object.fromEntries(Object.entries(json).flatMap(([key, value]) => (typeof value === 'number' ? [[key, value]] : [])))

interface Table {
  readonly columns: readonly string[]
  readonly rows: readonly (readonly (string | number | null)[])[]
}

const percentileTable = (result: RunResult): Table => {
  const levels = percentileJson(result)
  const columns = Object.keys(levels[0] ?? {})
  return { columns, rows: levels.map(level => columns.map(column => cellOf(level[column]))) }
}

/** All figures that are one number, and the verdict. */
const summaryTable = (result: RunResult): Table => {
  const json = summaryJson(result)
  const verdict = isJsonObject(json.verdict) ? json.verdict.verdict : undefined
  const figures = Object.entries(numbersOf(json))
  return { columns: ['Metric', 'Value'], rows: [...figures, ['Verdict', cellOf(verdict)]] }
}

const cellOf = (value: JsonValue | undefined): string | number | null =>
  typeof value === 'string' || typeof value === 'number' ? value : null
