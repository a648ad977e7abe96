import type { HealthSample } from '../model/health.ts'
import type { RecordSink, RequestRecord } from '../model/record.ts'
import type { RunPlan } from '../model/run-plan.ts'
import { nowMs } from './clock.ts'
import type { Gauge } from './gauge.ts'
import type { Holder, Phase } from './holder.ts'
import { RefusalWatch } from './refusal-watch.ts'
import type { ConversationSource } from './source.ts'
import { StallWatch } from './stall-watch.ts'

/** Bounds that tests shorten, in ms. */
export interface GuardLimits {
  /** A server that gives no connection for so long is gone. */
  readonly refusedMs?: number
  /** Beyond the time limits of requests. */
  readonly stallMarginMs?: number
  /** A load that stood still may take so long to come to its end by itself. */
  readonly endMs?: number
}

/** What a load guard watches over. */
export interface LoadGuardParts {
  readonly plan: RunPlan
  readonly source: ConversationSource
  /** Of the measured requests. */
  readonly gauge: Gauge
  /** Ends the load. */
  readonly end: (error: Error) => void
  readonly onLinger?: ((underWay: number) => void) | undefined
  readonly limits?: GuardLimits | undefined
}

/** Those under way get as long as after Ctrl-C. */
const usualEndMs = 5000
/** Requests are ended within a tenth of a second of their limits; the rest is for machines that are very busy. */
const usualMarginMs = 10_000

/** Ends a load that cannot go on: whose server is gone, or that stands still. */
export class LoadGuard implements RecordSink {
  /** Resolves when a load that stood still has been given up; never in any other. */
  readonly givenUp: Promise<void>
  readonly #parts: LoadGuardParts
  readonly #refusals: RefusalWatch
  readonly #stall: StallWatch
  #giveUpTimer: NodeJS.Timeout | undefined
  #phase: Phase = 'warmup'
  #held = 0

  constructor(parts: LoadGuardParts) {
    const { gauge, end, limits, onLinger = () => undefined } = parts
    this.#parts = parts
    this.#refusals = new RefusalWatch({ nowMs, written: () => gauge.written, onGone: end, limitMs: limits?.refusedMs })
    let giveUp = (): void => undefined
    this.givenUp = new Promise(resolve => {
      giveUp = resolve
    })
    this.#stall = new StallWatch({
      nowMs,
      underWay: () => this.#underWay(),
      limitMs: () => this.#limitMs(),
      isLast: () => this.#isLast(),
      onLinger,
      onStall: error => {
        this.#giveUpTimer = setTimeout(giveUp, limits?.endMs ?? usualEndMs)
        end(error)
      },
    })
  }

  write(record: RequestRecord): void {
    this.#refusals.write(record)
    this.#stall.ended()
  }

  /** Takes what the threads observe of themselves, which tells whether they read anything. */
  hear({ reads }: HealthSample): void {
    if (reads > 0) this.#stall.heard()
  }

  /** The same holder, with its conversations counted. */
  watched(holder: Holder): Holder {
    const ended = (): void => void this.#held--
    return {
      connect: count => holder.connect(count),
      begin: (phase, gate) => {
        this.#phase = phase
        const hold = holder.begin(phase, gate)
        return (item, wanted) => {
          this.#held++
          this.#stall.heard()
          const held = hold(item, wanted)
          held.then(ended, ended)
          return held
        }
      },
      cut: why => holder.cut(why),
      close: () => holder.close(),
    }
  }

  close(): void {
    this.#stall.close()
    clearTimeout(this.#giveUpTimer)
  }

  /** A conversation that waits for its next turn does not wait for the server. */
  #underWay(): number {
    const { source, gauge } = this.#parts
    return source.hasThinkTime ? gauge.inFlight : this.#held
  }

  #isLast(): boolean {
    const { source, plan } = this.#parts
    return source.isDealtOut || (this.#phase === 'warmup' && source.dealt >= plan.warmupNumber)
  }

  /** Reads are only told of while requests are measured. */
  #limitMs(): number {
    const { plan, limits } = this.#parts
    const { connectMs, readMs, totalMs } = plan.target.timeouts
    const silenceMs = this.#phase === 'measured' ? Math.min(totalMs, connectMs + readMs) : totalMs
    return silenceMs + (limits?.stallMarginMs ?? usualMarginMs)
  }
}
