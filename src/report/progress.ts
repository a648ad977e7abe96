import { isCutOff, latencyUs, type RecordSink, type RequestRecord } from '../model/record.ts'
import { hasOutputTokens, type RunPlan } from '../model/run-plan.ts'
import { Tally } from '../stats/tally.ts'
import type { StatusLine } from './status-line.ts'

/** Between two drawings on a terminal. */
const redrawMs = 100
/** Between two plain lines where there is no terminal. */
const plainLineMs = 10_000

/** What a load shows of itself while it runs. */
export interface LiveLoad {
  readonly inFlight: number
  /** Of a paced load: wanted by now, sent of them, and how late the next one is, or the last one was. */
  readonly schedule: { readonly due: number; readonly left: number; readonly lateMs: number } | undefined
}

/** What progress is shown of. */
export interface ProgressOptions {
  readonly line: StatusLine
  readonly plan: Pick<RunPlan, 'name' | 'number' | 'warmupNumber' | 'durationMs' | 'load' | 'task'>
  /** Monotonic clock, in ms. */
  readonly nowMs: () => number
  readonly live: () => LiveLoad
  /** How long a trace lasts, where that is known. */
  readonly traceMs?: number | undefined
}

/** Shows how far a run is; counts records as they come and draws on a timer, never per record. */
export class Progress implements RecordSink {
  readonly #options: ProgressOptions
  /** In whole ms: a tally of few distinct values gives its median in no time, however many requests there were. */
  readonly #ttftMs = new Tally()
  /** Whether tokens of answers are counted; where these have none, those of prompts are. */
  readonly #countsOutput: boolean
  #warmedUp = 0
  #warmupEnded = 0
  #warmupFailed = 0
  #done = 0
  /** Conversations that are over; `--number` counts these. */
  #over = 0
  #failed = 0
  #succeeded = 0
  #tokens = 0
  #latencyUs = 0
  #startMs: number | undefined
  /** When prompts that get ready were last shown. */
  #preparedMs = Number.NEGATIVE_INFINITY
  #timer: NodeJS.Timeout | undefined

  constructor(options: ProgressOptions) {
    this.#options = options
    this.#countsOutput = hasOutputTokens(options.plan.task)
  }

  /** Requests of the warm-up, turns each, that ended by themselves, and how many of them failed. */
  get warmup(): { readonly ended: number; readonly failed: number } {
    return { ended: this.#warmupEnded, failed: this.#warmupFailed }
  }

  /** Shows on a terminal how many prompts are ready before the load starts; told of each, it draws some. */
  preparing(ready: number): void {
    const { line, plan, nowMs } = this.#options
    const now = nowMs()
    if (now - this.#preparedMs < redrawMs) return
    this.#preparedMs = now
    line.show(`${plan.name} preparing prompts: ${ready} ready`)
  }

  /** Starts the drawing, of the warm-up. */
  startWarmup(): void {
    this.#startDrawing()
  }

  /** Starts the clock, and the drawing of measured requests. */
  start(): void {
    this.#startMs = this.#options.nowMs()
    this.#startDrawing()
  }

  write(record: RequestRecord): void {
    // A failed turn ends its conversation.
    const isOver = record.isLastTurn || record.failure !== undefined
    if (record.phase === 'warmup') {
      if (isOver) this.#warmedUp++
      if (isCutOff(record)) return
      this.#warmupEnded++
      if (record.failure !== undefined) this.#warmupFailed++
      return
    }
    this.#done++
    if (isOver) this.#over++
    if (record.failure !== undefined) {
      if (!isCutOff(record)) this.#failed++
      return
    }
    this.#succeeded++
    this.#latencyUs += latencyUs(record)
    this.#tokens += (this.#countsOutput ? record.outputTokens : record.inputTokens) ?? 0
    if (record.ttftUs !== undefined) this.#ttftMs.add(Math.round(record.ttftUs / 1000))
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
      [`${this.#countsOutput ? 'Output' : 'Input'} Throughput (tok/s)`]: rounded(this.#tokens / seconds),
      ...(this.#succeeded > 0 && { 'Avg Latency (s)': rounded(this.#latencyUs / this.#succeeded / 1e6) }),
      ...(this.#ttftMs.mean !== undefined && { 'Avg TTFT (ms)': rounded(this.#ttftMs.mean) }),
    }
  }

  #startDrawing(): void {
    const { line } = this.#options
    clearInterval(this.#timer)
    this.#timer = setInterval(() => this.#draw(), line.isLive ? redrawMs : plainLineMs)
  }

  #elapsedSec(): number {
    const { nowMs } = this.#options
    return Math.max(1e-3, (nowMs() - (this.#startMs ?? nowMs())) / 1000)
  }

  #draw(): void {
    const { line, plan } = this.#options
    const figures = this.#startMs === undefined ? [`warm-up ${this.#warmedUp}/${plan.warmupNumber}`] : this.#figures()
    const whole = `${plan.name} ${figures.join(' · ')}`
    if (!line.isLive) line.say(whole)
    // The figures are what one watches; the name stands in the lines above, too.
    else line.show(whole.length <= line.columns ? whole : fitting(figures, line.columns))
  }

  /** What is shown of the run, most wanted first. */
  #figures(): readonly string[] {
    const { plan, live } = this.#options
    const { inFlight, schedule } = live()
    const seconds = this.#elapsedSec()
    const p50Ms = this.#ttftMs.percentile(50)
    const speed = [
      `${(this.#succeeded / seconds).toFixed(1)} req/s`,
      // A server that does not count prompts leaves that to a tokenizer after the run.
      ...(this.#countsOutput || this.#tokens > 0 ? [this.#tokenSpeed(seconds)] : []),
      ...(p50Ms === undefined ? [] : [`TTFT p50 ${p50Ms.toFixed(0)} ms`]),
    ]
    return [
      plan.number === undefined ? `${this.#done} done` : `${this.#over}/${plan.number}`,
      ...(this.#done > this.#over && plan.number !== undefined
        ? [`${this.#done} ${this.#done === 1 ? 'turn' : 'turns'}`]
        : []),
      ...(this.#failed > 0 ? [`${this.#failed} failed`] : []),
      ...(schedule === undefined
        ? [this.#timeText(seconds), ...speed, `${inFlight} in flight`]
        : [
            `due ${schedule.due}`,
            `sent ${schedule.left}`,
            `in flight ${inFlight}`,
            // In a closed loop a request may be behind its time because it waits for a slot.
            `${plan.load.kind === 'closed' ? 'behind' : 'late'} ${shortMs(schedule.lateMs)}`,
            this.#timeText(seconds, schedule.due),
            ...speed,
          ]),
    ]
  }

  #tokenSpeed(seconds: number): string {
    return `${(this.#tokens / seconds).toFixed(0)} ${this.#countsOutput ? '' : 'input '}tok/s`
  }

  /** Time gone, and what is left by the number of requests or the duration, whichever ends first. */
  #timeText(seconds: number, due?: number): string {
    const durationSec = (this.#options.plan.durationMs ?? Number.POSITIVE_INFINITY) / 1000
    if (seconds >= durationSec) return `${clockText(seconds)} finishing`
    const leftSec = Math.min(this.#leftByNumberSec(seconds, due), durationSec - seconds)
    return `${clockText(seconds)}${Number.isFinite(leftSec) ? ` left ${clockText(leftSec)}` : ''}`
  }

  /** By the pace so far; an open loop keeps to its schedule, however many have ended. */
  #leftByNumberSec(seconds: number, due: number | undefined): number {
    const { traceMs, plan } = this.#options
    const { number, load } = plan
    if (load.kind === 'trace' && traceMs !== undefined) return Math.max(0, traceMs / 1000 - seconds)
    if (number === undefined) return Number.POSITIVE_INFINITY
    if (load.kind === 'open' && due !== undefined) return (number - due) / load.pacing.ratePerSec
    // What is left of a trace is taken to be as dense as what went before.
    if (load.kind === 'trace' && due) return (seconds / due) * (number - due)
    return this.#over === 0 ? Number.POSITIVE_INFINITY : (seconds / this.#over) * (number - this.#over)
  }
}

/** As many figures, from the first, as fit. */
const fitting = (figures: readonly string[], columns: number): string => {
  let text = figures[0] ?? ''
  for (const figure of figures.slice(1)) {
    if (text.length + 3 + figure.length > columns) break
    text += ` · ${figure}`
  }
  return text
}

const shortMs = (ms: number): string => (ms >= 1000 ? `${(ms / 1000).toFixed(1)} s` : `${ms.toFixed(1)} ms`)

const rounded = (value: number): number => Math.round(value * 1e4) / 1e4

/** `1:05`, or `1:02:03` above an hour. */
const clockText = (seconds: number): string => {
  const whole = Math.round(seconds)
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60]
  const two = (part: number): string => String(part).padStart(2, '0')
  return hours > 0 ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`
}
