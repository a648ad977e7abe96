import type { GaugeReading } from '../model/result.ts'

/** Memory of a gauge, which several threads may count in. */
export interface GaugeMemory {
  /** Of all threads together: requests in flight, the most there were, and how many have reached a socket. */
  readonly counts: Int32Array
  /** Of each thread: ∫ in flight dt, the moments it first and last counted at, and when the last request was over. */
  readonly spans: Float64Array
}

/** Memory for `threads` threads that may be handed to each of them. */
export const gaugeMemory = (threads: number): GaugeMemory => {
  const spans = new Float64Array(new SharedArrayBuffer(threads * spanCells * 8))
  for (let at = 0; at < spans.length; at += spanCells) {
    spans.set([0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY], at)
  }
  return { counts: new Int32Array(new SharedArrayBuffer(3 * 4)), spans }
}

const spanCells = 4
const inFlightAt = 0
const mostAt = 1
const writtenAt = 2

/**
 * The load loop's own count of requests in flight: from the moment one is sent until its answer is worked off. Moments
 * are ms of the monotonic clock and never decrease within a thread. Threads count in one memory: the most in flight is
 * that of all of them, and their integrals simply add up.
 */
export class Gauge {
  readonly memory: GaugeMemory
  readonly #span: Float64Array
  #inFlight = 0

  /** Counts as number `thread` of those that share `memory`. */
  constructor(memory = gaugeMemory(1), thread = 0) {
    this.memory = memory
    this.#span = memory.spans.subarray(thread * spanCells, (thread + 1) * spanCells)
  }

  /** In all threads. */
  get inFlight(): number {
    return Atomics.load(this.memory.counts, inFlightAt)
  }

  /** Requests that have reached a socket, in all threads: wraps around after 4 thousand million. */
  get written(): number {
    return Atomics.load(this.memory.counts, writtenAt)
  }

  /** One more has a connection. */
  wrote(): void {
    Atomics.add(this.memory.counts, writtenAt, 1)
  }

  began(atMs: number): void {
    this.#advance(atMs)
    this.#inFlight++
    this.#raiseMost(Atomics.add(this.memory.counts, inFlightAt, 1) + 1)
  }

  /** `heldMs` of its time, up to now, were neither the request's own nor ours: the server kept its body open. */
  ended(atMs: number, heldMs = 0): void {
    this.#advance(atMs)
    const [areaMs = 0, , , overMs = 0] = this.#span
    this.#span[0] = areaMs - heldMs
    this.#span[3] = Math.max(overMs, atMs - heldMs)
    this.#inFlight--
    Atomics.sub(this.memory.counts, inFlightAt, 1)
  }

  /** What it has shown so far, in all threads; undefined before any time has passed. */
  read(): GaugeReading | undefined {
    const { counts, spans } = this.memory
    const cells = (cell: number): readonly number[] => [...spans].filter((_, at) => at % spanCells === cell)
    const areaMs = cells(0).reduce((sum, area) => sum + area, 0)
    const spanMs = Math.max(...cells(3)) - Math.min(...cells(1))
    return spanMs > 0 ? { mean: areaMs / spanMs, max: Atomics.load(counts, mostAt) } : undefined
  }

  #advance(atMs: number): void {
    const [areaMs = 0, firstMs = 0, lastMs = 0] = this.#span
    if (this.#inFlight > 0) this.#span[0] = areaMs + this.#inFlight * (atMs - lastMs)
    if (atMs < firstMs) this.#span[1] = atMs
    this.#span[2] = atMs
  }

  #raiseMost(inFlight: number): void {
    const { counts } = this.memory
    let most = Atomics.load(counts, mostAt)
    while (inFlight > most) {
      // Another thread may have raised it meanwhile.
      const found = Atomics.compareExchange(counts, mostAt, most, inFlight)
      if (found === most) return
      most = found
    }
  }
}
