import { isCutOff, latencyUs, type RecordSink, type RequestRecord } from '../model/record.ts'
import { hasOutputTokens, type RunPlan } from '../model/run-plan.ts'
import { roundHalfUp } from './decimal.ts'
import { itlUs, perSecond, tpotMs, ttftUs } from './metrics.ts'
import { TimeSpan } from './time-span.ts'

/** The keys that a run may have while it lasts. */
export const liveKeys: readonly string[] = [
  ...['Test Duration (s)', 'Concurrency', 'Request Rate (req/s)', 'Total Requests', 'Success Requests'],
  ...['Failed Requests', 'Stream Requests', 'Non-Stream Requests', 'Req Throughput (req/s)', 'Avg Latency (s)'],
  ...['Avg Input Tokens', 'Output Throughput (tok/s)', 'Total Throughput (tok/s)', 'Avg TTFT (ms)', 'Avg TPOT (ms)'],
  ...['Avg ITL (ms)', 'Avg Output Tokens', 'Input Throughput (tok/s)', 'KV Cache Hit Rate (%)'],
]

/** A sum and how many went into it. */
interface Mean {
  sum: number
  count: number
}

/**
 * The figures of a run so far, under the keys of `benchmark_summary.json`, for those who follow it: sums alone, so that
 * a record costs next to nothing and a look at them costs the same after any number of records. Tokens that the server
 * does not count are missing until the run is over.
 */
export class LiveFigures implements RecordSink {
  readonly #plan: Pick<RunPlan, 'load' | 'task'>
  readonly #span = new TimeSpan()
  readonly #latencyUs: Mean = { sum: 0, count: 0 }
  readonly #ttftUs: Mean = { sum: 0, count: 0 }
  readonly #tpotMs: Mean = { sum: 0, count: 0 }
  readonly #gapsUs: Mean = { sum: 0, count: 0 }
  readonly #inputTokens: Mean = { sum: 0, count: 0 }
  readonly #outputTokens: Mean = { sum: 0, count: 0 }
  readonly #cached = { tokens: 0, ofTokens: 0 }
  #failed = 0
  #streams = 0
  #over = 0

  constructor(plan: Pick<RunPlan, 'load' | 'task'>) {
    this.#plan = plan
  }

  /** Requests that ended by themselves. */
  get ended(): number {
    return this.#latencyUs.count + this.#failed
  }

  /** Conversations that ended by themselves; `--number` counts these. */
  get over(): number {
    return this.#over
  }

  write(record: RequestRecord): void {
    if (record.phase === 'warmup' || isCutOff(record)) return
    this.#span.add(record.sentUs)
    this.#span.add(record.endUs)
    if (record.isStream) this.#streams++
    // A failed turn ends its conversation.
    if (record.isLastTurn || record.failure !== undefined) this.#over++
    if (record.failure === undefined) this.#addSuccess(record)
    else this.#failed++
  }

  close(): void {}

  /** Keys whose value is not known yet are left out. */
  read(): Readonly<Record<string, number>> {
    const { load, task } = this.#plan
    const hasOutput = hasOutputTokens(task)
    const [input, output] = [this.#inputTokens, this.#outputTokens]
    const tokensPerSec = (...of: readonly Mean[]): number | undefined =>
      of.every(({ count }) => count > 0) ? this.#perSec(of.reduce((sum, mean) => sum + mean.sum, 0)) : undefined
    return known({
      'Test Duration (s)': scaled(this.#span.lengthUs, 1e-6),
      Concurrency: load.kind === 'closed' ? load.concurrency : -1,
      'Request Rate (req/s)': load.pacing?.ratePerSec ?? -1,
      'Total Requests': this.ended,
      'Success Requests': this.#latencyUs.count,
      'Failed Requests': this.#failed,
      'Stream Requests': this.#streams,
      'Non-Stream Requests': this.ended - this.#streams,
      'Req Throughput (req/s)': this.#perSec(this.#latencyUs.count),
      'Avg Latency (s)': scaled(mean(this.#latencyUs), 1e-6),
      'Avg Input Tokens': mean(input),
      ...(hasOutput
        ? {
            'Output Throughput (tok/s)': tokensPerSec(output),
            'Total Throughput (tok/s)': tokensPerSec(input, output),
            'Avg TTFT (ms)': scaled(mean(this.#ttftUs), 1e-3),
            'Avg TPOT (ms)': mean(this.#tpotMs),
            'Avg ITL (ms)': scaled(mean(this.#gapsUs), 1e-3),
            'Avg Output Tokens': mean(output),
          }
        : { 'Input Throughput (tok/s)': tokensPerSec(input) }),
      'KV Cache Hit Rate (%)':
        this.#cached.ofTokens === 0 ? undefined : (100 * this.#cached.tokens) / this.#cached.ofTokens,
    })
  }

  #perSec(amount: number): number | undefined {
    return amount === 0 ? undefined : perSecond(amount, this.#span.lengthUs)
  }

  #addSuccess(record: RequestRecord): void {
    const { inputTokens, outputTokens, cachedTokens } = record
    add(this.#latencyUs, latencyUs(record))
    add(this.#ttftUs, ttftUs(record))
    add(this.#tpotMs, tpotMs(record))
    add(this.#inputTokens, inputTokens)
    add(this.#outputTokens, outputTokens)
    for (const gapUs of itlUs(record)) add(this.#gapsUs, gapUs)
    if (cachedTokens === undefined || !inputTokens) return
    this.#cached.tokens += cachedTokens
    this.#cached.ofTokens += inputTokens
  }
}

const add = (to: Mean, value: number | undefined): void => {
  if (value === undefined) return
  to.sum += value
  to.count++
}

const mean = ({ sum, count }: Mean): number | undefined => (count === 0 ? undefined : sum / count)

const scaled = (value: number | undefined, by: number): number | undefined =>
  value === undefined ? undefined : value * by

const known = (figures: Readonly<Record<string, number | undefined>>): Readonly<Record<string, number>> =>
  Object.fromEntries(
    Object.entries(figures).flatMap(([key, value]) => (value === undefined ? [] : [[key, roundHalfUp(value, 4)]])),
  )
