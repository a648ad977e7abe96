import { DueQueue } from './due-queue.ts'
import type { SimulationKnobs } from './knobs.ts'
import { phaseOfPlace, prefillMs, stepMs } from './latency-model.ts'

/** What the engine is asked to generate. */
export interface Job {
  readonly promptTokens: number
  /** Tokens to generate, at least 1. */
  readonly outputTokens: number
  /** Called for each token, from 0, with the time at which it was due; the last call frees the place. */
  emit(token: number, dueMs: number): void
}

interface Sequence {
  readonly job: Job
  readonly place: number
  /** Of its own next token; in the batch the step's end counts. */
  dueMs: number
  emitted: number
  /** Finished or cancelled: its place belongs to someone else. */
  gone: boolean
}

/** Behind by more than this the lost time is given up (a suspended machine), not caught up in a burst. */
const FAR_BEHIND_MS = 1000

/**
 * The simulated inference engine: a queue, `maxBatch` places and a decode loop. It knows no clock and does no I/O:
 * `advance(now)` emits all that is due by then, and every due time follows from earlier due times, not from `now`, so
 * late wake-ups do not add up.
 *
 * Prefill runs beside the steps and yields the first token; the sequence then joins the next step that starts.
 */
export class Engine {
  readonly #knobs: SimulationKnobs
  /** Arrival times of those without a place, first come first. */
  readonly #waiting = new Map<Job, number>()
  readonly #running = new Map<Job, Sequence>()
  /** Sequences with a due time of their own: first tokens, and with desync all. */
  readonly #own = new DueQueue<Sequence>()
  /** Sequences past their first token, in the order in which they joined. */
  readonly #decoding = new Set<Sequence>()
  readonly #freePlaces: number[] = []
  #placesUsed = 0
  /** The step that runs: who takes part was settled when it started. */
  #step: { readonly dueMs: number; readonly batch: readonly Sequence[] } | undefined

  constructor(knobs: SimulationKnobs) {
    this.#knobs = knobs
  }

  /** Requests that hold a place. */
  get running(): number {
    return this.#running.size
  }

  /** Requests that wait for a place. */
  get queued(): number {
    return this.#waiting.size
  }

  /** When something is due next; Infinity when the engine idles. */
  get nextDueMs(): number {
    return Math.min(this.#own.nextMs, this.#step?.dueMs ?? Infinity)
  }

  /** Takes a job that arrived at this time; it starts at once or waits behind those that came before. */
  submit(job: Job, arrivedMs: number): void {
    this.#waiting.set(job, arrivedMs)
    this.#admit(arrivedMs)
  }

  /** Drops a job whose client has gone; its place is free at once. */
  cancel(job: Job, nowMs: number): void {
    this.#waiting.delete(job)
    const sequence = this.#running.get(job)
    if (sequence !== undefined) this.#release(sequence, nowMs)
  }

  /** Emits every token that is due by now, in order of due time. */
  advance(nowMs: number): void {
    while (this.nextDueMs <= nowMs) {
      // At equal times the first token goes first, so that its sequence takes part in the step that starts then.
      if (this.#own.nextMs <= this.nextDueMs) this.#endOwn(nowMs)
      else this.#endStep(nowMs)
    }
  }

  #admit(atMs: number): void {
    for (const [job, arrivedMs] of this.#waiting) {
      if (this.#running.size >= this.#knobs.maxBatch) return
      this.#waiting.delete(job)
      const place = this.#freePlaces.pop() ?? this.#placesUsed++
      const dueMs = Math.max(atMs, arrivedMs) + prefillMs(this.#knobs, job.promptTokens)
      const sequence: Sequence = { job, place, dueMs, emitted: 0, gone: false }
      this.#running.set(job, sequence)
      this.#own.push(sequence)
    }
  }

  #release(sequence: Sequence, atMs: number): void {
    sequence.gone = true
    this.#running.delete(sequence.job)
    this.#decoding.delete(sequence)
    this.#freePlaces.push(sequence.place)
    this.#admit(atMs)
  }

  /** Returns whether the sequence goes on. */
  #emit(sequence: Sequence, dueMs: number): boolean {
    if (sequence.gone) return false
    sequence.job.emit(sequence.emitted++, dueMs)
    // The client may have been found gone while writing.
    if (sequence.gone) return false
    if (sequence.emitted < sequence.job.outputTokens) return true
    this.#release(sequence, dueMs)
    return false
  }

  #endOwn(nowMs: number): void {
    const sequence = this.#own.pop()
    if (sequence === undefined || !this.#emit(sequence, sequence.dueMs)) return
    const isFirst = sequence.emitted === 1
    if (isFirst) this.#decoding.add(sequence)
    const fromMs = startOfNext(sequence.dueMs, nowMs)
    if (this.#knobs.desync) {
      const beats = isFirst ? 1 + phaseOfPlace(sequence.place) : 1
      sequence.dueMs = fromMs + beats * stepMs(this.#knobs, this.#decoding.size)
      this.#own.push(sequence)
    } else if (this.#step === undefined) this.#startStep(fromMs)
  }

  #endStep(nowMs: number): void {
    const step = this.#step
    if (step === undefined) return
    for (const sequence of step.batch) this.#emit(sequence, step.dueMs)
    this.#startStep(startOfNext(step.dueMs, nowMs))
  }

  #startStep(atMs: number): void {
    const batch = [...this.#decoding]
    this.#step = batch.length === 0 ? undefined : { dueMs: atMs + stepMs(this.#knobs, batch.length), batch }
  }
}

const startOfNext = (dueMs: number, nowMs: number): number => (nowMs - dueMs > FAR_BEHIND_MS ? nowMs : dueMs)
