import { ArgumentsError, reasonOf } from '../errors.ts'
import { joinSignals } from '../net/join-signals.ts'
import { type FollowedBenchmark, type Logged, ServiceRefusal, type VisualizerClient } from './visualizer.ts'

/** How long a service is waited for. */
export interface DeliveryLimits {
  /** One request, and the wait before the first run. */
  readonly requestMs: number
  /** All that is left when the benchmark is over. */
  readonly flushMs: number
  /** Pauses between tries; after the last of them nothing more is sent. */
  readonly pausesMs: readonly number[]
}

const usualLimits: DeliveryLimits = {
  requestMs: 10_000,
  flushMs: 10_000,
  pausesMs: [1000, 2000, 4000, 8000, 16_000, 30_000],
}

/** Of what waits for a service that does not answer; the oldest rows go first. */
const mostQueued = 1000
const mostInBatch = 200

/** Of what a service says, in characters; it may say a page. */
const longestLine = 300

/** What a delivery needs beside its client. */
export interface DeliveryParts {
  readonly say: (line: string) => void
  /** The words of a service without what is secret in them. */
  readonly mask: (text: string) => string
  /** Ends the waits before the first run: there will be none. */
  readonly stop: AbortSignal
  readonly limits?: DeliveryLimits
}

/**
 * Hands a benchmark's figures to a service, one request after the other, beside the load: what cannot be sent waits, up
 * to a bound, and is tried again; after some tries it says one line and goes quiet. Only what the user can mend before
 * the first run is an error.
 */
export class Delivery {
  readonly #client: VisualizerClient
  readonly #say: (line: string) => void
  readonly #mask: (text: string) => string
  readonly #stop: AbortSignal
  readonly #limits: DeliveryLimits
  readonly #queue: Logged[] = []
  readonly #over = new AbortController()
  #benchmark: FollowedBenchmark | undefined
  #isLoggedIn = false
  #isBegun = false
  #isQuiet = false
  #isClosing = false
  #pumping: Promise<void> | undefined
  #wake: () => void = () => undefined

  constructor(client: VisualizerClient, { say, mask, stop, limits = usualLimits }: DeliveryParts) {
    this.#client = client
    this.#say = say
    this.#mask = mask
    this.#stop = stop
    this.#limits = limits
  }

  /** Logs in. Throws `ArgumentsError` where the service refuses; one that does not answer is tried again later. */
  async logIn(): Promise<void> {
    try {
      await this.#limited(signal => this.#logInOnce(signal), this.#stop)
    } catch (error) {
      this.#refused(error, 'check the key and the host')
      if (this.#stop.aborted) return
      this.#say(
        `${this.#client.service} does not answer (${this.#words(error)}): it is tried again while the load runs`,
      )
    }
  }

  /** Begins the run there, before the first run here. Throws `ArgumentsError` where the service refuses it. */
  async begin(benchmark: FollowedBenchmark): Promise<void> {
    if (this.#stop.aborted) return
    this.#benchmark = benchmark
    if (!this.#isLoggedIn) return this.#pump()
    try {
      await this.#limited(signal => this.#beginOnce(signal), this.#stop)
    } catch (error) {
      this.#refused(error, 'leave out --visualizer, or see what the key may do there')
      if (!this.#stop.aborted) this.#pump()
    }
  }

  /** Sends this as soon as may be; never waits. */
  put(...items: readonly Logged[]): void {
    if (this.#isQuiet) return
    this.#queue.push(...items)
    while (this.#queue.length > mostQueued) {
      const oldest = this.#queue.findIndex(({ kind }) => kind === 'row')
      this.#queue.splice(Math.max(0, oldest), 1)
    }
    this.#pump()
  }

  /**
   * Sends what is left, ends the run there and lets go of the service, within a time limit. Never fails; a second call
   * does nothing.
   */
  async close(isComplete: boolean): Promise<void> {
    if (this.#isClosing) return
    this.#isClosing = true
    const limit = setTimeout(() => this.#end(), this.#limits.flushMs)
    this.#wake()
    try {
      while (this.#pumping !== undefined) await this.#pumping
      if (this.#isBegun && !this.#isQuiet) await this.#limited(signal => this.#client.finish(isComplete, signal))
    } catch (error) {
      this.#giveUp(error)
    } finally {
      clearTimeout(limit)
      this.#client.close()
    }
  }

  #end(): void {
    this.#over.abort(new Error(`not done within ${this.#limits.flushMs / 1000} s`))
    this.#wake()
  }

  #pump(): void {
    if (this.#benchmark === undefined || this.#isQuiet) return
    this.#pumping ??= this.#sendAll().finally(() => {
      this.#pumping = undefined
      // What came after the last look at the queue.
      if (this.#queue.length > 0) this.#pump()
    })
  }

  async #sendAll(): Promise<void> {
    for (let failures = 0; !this.#isBegun || this.#queue.length > 0; ) {
      // A service that was never there gets one more try at the end, not all of its time.
      const isLastTry = this.#isClosing && !this.#isBegun
      try {
        await this.#limited(signal => this.#sendSome(signal))
        failures = 0
      } catch (error) {
        const pauseMs = this.#limits.pausesMs[failures++]
        const isOver = pauseMs === undefined || isLastTry || this.#over.signal.aborted
        if (isOver || error instanceof ServiceRefusal) return this.#giveUp(error)
        await this.#pause(pauseMs)
      }
    }
  }

  async #sendSome(signal: AbortSignal): Promise<void> {
    await this.#beginOnce(signal)
    const batch = this.#queue.splice(0, mostInBatch)
    if (batch.length === 0) return
    try {
      const missing = await this.#client.send(batch, signal)
      if (missing !== undefined) this.#say(`${this.#client.service}: ${this.#shown(missing)}`)
    } catch (error) {
      this.#queue.unshift(...batch)
      throw error
    }
  }

  async #logInOnce(signal: AbortSignal): Promise<void> {
    if (!this.#isLoggedIn) await this.#client.logIn(signal)
    this.#isLoggedIn = true
  }

  async #beginOnce(signal: AbortSignal): Promise<void> {
    if (this.#isBegun || this.#benchmark === undefined) return
    await this.#logInOnce(signal)
    const place = await this.#client.begin(this.#benchmark, signal)
    this.#isBegun = true
    if (place !== undefined) this.#say(`${this.#client.service}: ${this.#shown(place)}`)
  }

  async #limited<T>(work: (signal: AbortSignal) => Promise<T>, ...ends: readonly AbortSignal[]): Promise<T> {
    const limited = joinSignals([this.#over.signal, ...ends], this.#limits.requestMs)
    try {
      limited.signal.throwIfAborted()
      return await work(limited.signal)
    } finally {
      limited.release()
    }
  }

  /** Ends at once when the benchmark is over: what is left of its time is for another try. */
  #pause(ms: number): Promise<void> {
    return new Promise(resolve => {
      const timer = setTimeout(resolve, this.#isClosing ? Math.min(ms, 1000) : ms)
      this.#wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }

  #refused(error: unknown, remedy: string): void {
    if (!(error instanceof ServiceRefusal)) return
    this.#client.close()
    throw new ArgumentsError(`${this.#client.service} refuses: ${this.#words(error)}; ${remedy}`)
  }

  #giveUp(error: unknown): void {
    const lost = this.#queue.splice(0).length
    this.#isQuiet = true
    const what = this.#isClosing && lost > 0 ? 'not all figures have arrived there' : 'nothing more is sent there'
    this.#say(`${this.#client.service} failed (${this.#words(error)}): ${what}; the results here are whole`)
  }

  #words(error: unknown): string {
    if ((error as Error | undefined)?.name === 'TimeoutError')
      return `no answer within ${this.#limits.requestMs / 1000} s`
    return this.#shown(reasonOf(error))
  }

  /** Masked before it is cut: of a secret that is cut nobody can tell that it is one. */
  #shown(text: string): string {
    const shown = this.#mask(text)
    return shown.length > longestLine ? `${shown.slice(0, longestLine)}…` : shown
  }
}
