import type { Engine, Job } from './engine.ts'
import { Histogram } from './histogram.ts'

/** What ended a request, in vLLM's words. */
export type FinishedReason = 'stop' | 'length' | 'abort' | 'error'

// The bounds of vLLM, so that dashboards made for it work.
const firstTokenBoundsSec = [
  ...[0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75],
  ...[1, 2.5, 5, 7.5, 10, 20, 40, 80, 160, 640, 2560],
]
const tokenBoundsSec = [
  ...[0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75],
  ...[1, 2.5, 5, 7.5, 10, 20, 40, 80],
]
const requestBoundsSec = [
  ...[0.3, 0.5, 0.8, 1, 1.5, 2, 2.5, 5, 10, 15, 20, 30, 40, 50, 60],
  ...[120, 240, 480, 960, 1920, 7680],
]

/**
 * What the engine has done, under the names of vLLM's `/metrics`. Times are those at which tokens were due. Requests that
 * never reached the engine are not in it; aborted ones count as such, with the tokens they had got.
 */
export class EngineMetrics {
  #promptTokens = 0
  #generationTokens = 0
  readonly #finished: Record<FinishedReason, number> = { stop: 0, length: 0, abort: 0, error: 0 }
  readonly #firstToken = new Histogram(firstTokenBoundsSec)
  readonly #interToken = new Histogram(tokenBoundsSec)
  readonly #request = new Histogram(requestBoundsSec)

  /** The job with its tokens counted; `reason` is what its last one will end it with. */
  observe(job: Job, arrivedMs: number, reason: FinishedReason): Job {
    let previousMs = arrivedMs
    return {
      ...job,
      emit: (token, dueMs) => {
        this.#generationTokens++
        if (token === 0) this.#firstToken.observe(dueMs - arrivedMs)
        else this.#interToken.observe(dueMs - previousMs)
        previousMs = dueMs
        this.#count(job, token, dueMs - arrivedMs, reason)
        job.emit(token, dueMs)
      },
    }
  }

  /** The same of a job that is over with its prefill: its one token is no output. */
  observePrefill(job: Job, arrivedMs: number): Job {
    return {
      ...job,
      emit: (token, dueMs) => {
        this.#count(job, token, dueMs - arrivedMs, 'stop')
        job.emit(token, dueMs)
      },
    }
  }

  #count(job: Job, token: number, sinceArrivalMs: number, reason: FinishedReason): void {
    if (token === 0) this.#promptTokens += job.promptTokens
    if (token < job.outputTokens - 1) return
    this.#finished[reason]++
    this.#request.observe(sinceArrivalMs)
  }

  /** The client of a job went away. */
  aborted(): void {
    this.#finished.abort++
  }

  /** All of it, in Prometheus' text format. */
  text(engine: Pick<Engine, 'running' | 'queued'>, modelId: string): string {
    const labels = `engine="0",model_name="${escaped(modelId)}"`
    const one = (value: number): readonly Sample[] => [['', labels, value]]
    const interToken = histogramSamples(this.#interToken, labels)
    return [
      family('num_requests_running', 'gauge', 'Requests that hold a place', one(engine.running)),
      family('num_requests_waiting', 'gauge', 'Requests that wait for a place', one(engine.queued)),
      family('prompt_tokens_total', 'counter', 'Prompt tokens prefilled', one(this.#promptTokens)),
      family('generation_tokens_total', 'counter', 'Tokens generated', one(this.#generationTokens)),
      family(
        'request_success_total',
        'counter',
        'Requests ended, by what ended them',
        Object.entries(this.#finished).map(
          ([reason, count]) => ['', `${labels},finished_reason="${reason}"`, count] as const,
        ),
      ),
      histogram('time_to_first_token_seconds', 'Arrival to first token', histogramSamples(this.#firstToken, labels)),
      histogram('time_per_output_token_seconds', 'The same as inter_token_latency_seconds, its new name', interToken),
      histogram('inter_token_latency_seconds', 'Time between two tokens of a request', interToken),
      histogram('e2e_request_latency_seconds', 'Arrival to last token', histogramSamples(this.#request, labels)),
    ].join('')
  }
}

/** What follows the family's name, the labels, and the value. */
type Sample = readonly [suffix: string, labels: string, value: number]

const histogram = (name: string, help: string, samples: readonly Sample[]): string =>
  family(name, 'histogram', help, samples)

const family = (name: string, type: string, help: string, samples: readonly Sample[]): string => {
  const lines = samples.map(([suffix, labels, value]) => `vllm:${name}${suffix}{${labels}} ${value}\n`)
  return `# HELP vllm:${name} ${help}.\n# TYPE vllm:${name} ${type}\n${lines.join('')}`
}

const histogramSamples = (histogram: Histogram, labels: string): readonly Sample[] => {
  const counts = histogram.cumulative()
  const bounds = [...histogram.boundsSec.map(decimal), '+Inf']
  const buckets = bounds.map((bound, at) => ['_bucket', `${labels},le="${bound}"`, counts[at] as number] as const)
  return [...buckets, ['_count', labels, counts.at(-1) as number], ['_sum', labels, histogram.sumSec]]
}

/** As vLLM writes it, whose clients may ask for `le="1.0"`. */
const decimal = (value: number): string => (Number.isInteger(value) ? `${value}.0` : `${value}`)

const escaped = (label: string): string => label.replace(/["\\]/g, '\\$&').replace(/\n/g, '\\n')
