import { isCutOff, latencyUs, type RecordSink, type RequestRecord } from '../model/record.ts'
import { Tally } from '../stats/tally.ts'
import type { StatusLine } from './status-line.ts'

/** Redraws a second on a terminal. */
const redrawMs = 100
/** Between two plain lines where there is no terminal. */
const plainLineMs = 10_000

/** What progress is shown of. */
export interface ProgressOptions {
  readonly line: StatusLine
  /** Name of the run. */
  readonly label: string
  readonly expected: number
  /** Monotonic clock, in ms. */
  readonly nowMs: () => number
}

/** Shows how far a run is; counts records as they come and draws on a timer, never per record. */
export class Progress implements RecordSink {
  readonly #options: ProgressOptions
  readonly #ttftUs = new Tally()
  #done = 0
  #failed = 0
  #succeeded = 0
  #outputTokens = 0
  #latencyUs = 0
  #startMs = 0
  #timer: NodeJS.Timeout | undefined

  constructor(options: ProgressOptions) {
    this.#options = options
  }

  /** Starts the clock and the drawing. */
  start(): void {
    const { line, nowMs } = this.#options
    this.#startMs = nowMs()
    this.#timer = setInterval(() => this.#draw(), line.isLive ? redrawMs : plainLineMs)
  }

  write(record: RequestRecord): void {
    this.#done++
    if (record.failure !== undefined) {
      if (!isCutOff(record)) this.#failed++
      return
    }
    this.#succeeded++
    this.#latencyUs += latencyUs(record)
    this.#outputTokens += record.outputTokens ?? 0
    if (record.ttftUs !== undefined) this.#ttftUs.add(record.ttftUs)
  }

  close(): void {
    clearInterval(this.#timer)
    this.#options.line.clear()
  }

  /** The figures so far, under the names of the summary. */
  snapshot(): Readonly<Record<string, number>> {
    const seconds = this.#elapsedSec()
    return {
      'Total Requests': this.#done,
      'Success Requests': this.#succeeded,
      'Failed Requests': this.#failed,
      'Test Duration (s)': rounded(seconds),
      'Req Throughput (req/s)': rounded(this.#succeeded / seconds),
      'Output Throughput (tok/s)': rounded(this.#outputTokens / seconds),
      ...(this.#succeeded > 0 && { 'Avg Latency (s)': rounded(this.#latencyUs / this.#succeeded / 1e6) }),
      ...(this.#ttftUs.mean !== undefined && { 'Avg TTFT (ms)': rounded(this.#ttftUs.mean / 1000) }),
    }
  }

  #elapsedSec(): number {
    return Math.max(1e-3, (this.#options.nowMs() - this.#startMs) / 1000)
  }

  #draw(): void {
    const { line } = this.#options
    const [name, ...figures] = this.#figures()
    const whole = [`${name} ${figures[0]}`, ...figures.slice(1)].join(' · ')
    if (!line.isLive) line.say(whole)
    // The figures are what one watches; the name stands in the lines above, too.
    else line.show(whole.length <= line.columns ? whole : figures.join(' · '))
  }

  /** The run's name, then what is shown of it. */
  #figures(): readonly string[] {
    const { label, expected } = this.#options
    const seconds = this.#elapsedSec()
    const leftSec = this.#done === 0 ? undefined : (seconds / this.#done) * (expected - this.#done)
    const p50Us = this.#ttftUs.percentile(50)
    return [
      label,
      `${this.#done}/${expected}`,
      ...(this.#failed > 0 ? [`${this.#failed} failed`] : []),
      `${clockText(seconds)}${leftSec === undefined ? '' : ` left ${clockText(leftSec)}`}`,
      `${(this.#succeeded / seconds).toFixed(1)} req/s`,
      `${(this.#outputTokens / seconds).toFixed(0)} tok/s`,
      ...(p50Us === undefined ? [] : [`TTFT p50 ${(p50Us / 1000).toFixed(0)} ms`]),
    ]
  }
}

const rounded = (value: number): number => Math.round(value * 1e4) / 1e4

/** `1:05`, or `1:02:03` above an hour. */
const clockText = (seconds: number): string => {
  const whole = Math.round(seconds)
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60]
  const two = (part: number): string => String(part).padStart(2, '0')
  return hours > 0 ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`
}
