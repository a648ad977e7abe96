import type { Objective } from '../model/goodput.ts'
import { isCutOff, latencyUs, latenessUs, type RecordSink, type RequestRecord } from '../model/record.ts'
import type { SpeedRow } from '../model/result.ts'
import { Conversations } from './conversations.ts'
import { FailureGroups } from './failure-groups.ts'
import { GoodCounts } from './goodput.ts'
import { InFlight } from './in-flight.ts'
import {
  decodeTokensPerSec,
  firstChunkUs,
  inputTokensPerSec,
  itlUs,
  outputTokensPerSec,
  totalTokensPerSec,
  tpotMs,
  ttfatUs,
  ttftUs,
} from './metrics.ts'
import { Samples } from './samples.ts'
import { SpeedRows } from './speed-rows.ts'
import { Tally } from './tally.ts'
import { TimeSpan } from './time-span.ts'
import { TokenTimeline } from './token-timeline.ts'
import { countRecord, emptyTotals, type Totals, totalNames } from './totals.ts'

/**
 * Folds the measured records of a run into all that its figures need. Memory is flat but for some 50 bytes a request,
 * 40 a conversation and, where times pass a second, 50 for each distinct one. Warm-up records are ignored; requests cut
 * off by us are counted, show when and how late they were sent and that they were in flight, and enter no other figure.
 * Any order and any split with `merge` gives the same.
 */
export class Accumulator implements RecordSink {
  readonly latencyUs = new Tally()
  readonly firstChunkUs = new Tally()
  readonly ttftUs = new Tally()
  readonly ttfatUs = new Tally()
  readonly itlUs = new Tally()
  /** TTFT − first chunk of each stream. */
  readonly firstTokenLagUs = new Tally()
  readonly inputTokens = new Tally()
  readonly outputTokens = new Tally()
  /** Of requests whose server reports them beside the prompt's. */
  readonly cachedTokens = new Tally()
  readonly chunks = new Tally()
  readonly connectUs = new Tally()
  /** End − scheduled, and first token − scheduled, of successes. */
  readonly scheduledLatencyUs = new Tally()
  readonly scheduledTtftUs = new Tally()
  /** Of all that were sent, those cut off by us included; as the three after it. */
  readonly slotWaitUs = new Tally()
  readonly latenessUs = new Tally()
  /** First turns, when they were wanted and when they were sent: a schedule wants conversations. */
  readonly scheduled = new TimeSpan()
  /** The same first turns, when they were wanted and a slot was free. */
  readonly possible = new TimeSpan()
  readonly onSchedule = new TimeSpan()
  readonly sent = new TimeSpan()
  readonly inFlight = new InFlight()
  /** From sent to end of those that ended by themselves, failures included. */
  readonly ended = new TimeSpan()
  /** Of successes. */
  readonly tokens = new TokenTimeline()
  readonly tpotMs = new Samples()
  readonly outputRate = new Samples()
  /** Of requests without output tokens. */
  readonly inputRate = new Samples()
  readonly totalRate = new Samples()
  readonly decodeRate = new Samples()
  readonly failures = new FailureGroups()
  readonly conversations = new Conversations()
  /** By the objectives of the plan; undefined without any. */
  readonly good: GoodCounts | undefined
  readonly #totals = emptyTotals()
  readonly #speeds = new SpeedRows()
  readonly #successEnds = new TimeSpan()
  #longestDelayUs = 0

  constructor(objectives: readonly Objective[] = []) {
    this.good = objectives.length === 0 ? undefined : new GoodCounts(objectives)
  }

  get totals(): Totals {
    return this.#totals
  }

  /** From the first sent to the last end of requests that ended by themselves, failures included. */
  get durationUs(): number | undefined {
    return this.ended.lengthUs
  }

  /** Longest time from when a request was wanted to when it was sent. */
  get longestDelayUs(): number {
    return this.#longestDelayUs
  }

  /** From the first sent to the end of the last success. */
  get durationToLastSuccessUs(): number | undefined {
    const [fromUs, toUs] = [this.ended.firstUs, this.#successEnds.lastUs]
    return fromUs === undefined || toUs === undefined ? undefined : toUs - fromUs
  }

  /** When the first request was sent, since the epoch. */
  get firstSentUs(): number | undefined {
    return this.sent.firstUs
  }

  /** From when the first conversation was wanted to when the last was. */
  get scheduledSpanUs(): number | undefined {
    return this.scheduled.lengthUs
  }

  /** From the first conversation's sending to the last one's. */
  get sentSpanUs(): number | undefined {
    return this.onSchedule.lengthUs
  }

  write(record: RequestRecord): void {
    if (record.phase === 'warmup') return
    this.#addSent(record)
    countRecord(this.#totals, record)
    this.conversations.add(record)
    if (isCutOff(record)) return
    this.ended.add(record.sentUs)
    this.ended.add(record.endUs)
    if (record.failure === undefined) this.#addSuccess(record)
    else this.failures.add(record, record.failure)
  }

  close(): void {}

  /** Takes over all that another accumulator has seen. */
  merge(other: Accumulator): void {
    for (const name of tallyNames) this[name].merge(other[name])
    for (const name of samplesNames) this[name].merge(other[name])
    for (const name of totalNames) this.#totals[name] += other.#totals[name]
    this.#speeds.merge(other.#speeds)
    this.failures.merge(other.failures)
    this.conversations.merge(other.conversations)
    this.inFlight.merge(other.inFlight)
    this.tokens.merge(other.tokens)
    for (const name of spanNames) this[name].merge(other[name])
    this.#successEnds.merge(other.#successEnds)
    if (other.good !== undefined) this.good?.merge(other.good)
    this.#longestDelayUs = Math.max(this.#longestDelayUs, other.#longestDelayUs)
  }

  /** Mean output speed per distinct prompt length, shortest first. */
  speedRows(): readonly SpeedRow[] {
    return this.#speeds.list()
  }

  #addSent(record: RequestRecord): void {
    this.#longestDelayUs = Math.max(this.#longestDelayUs, delayUs(record))
    if (record.turn === 1) {
      this.scheduled.add(record.scheduledUs)
      this.possible.add(record.scheduledUs + (record.slotWaitUs ?? 0))
      this.onSchedule.add(record.sentUs)
    }
    this.sent.add(record.sentUs)
    this.inFlight.add(record.sentUs, record.endUs)
    this.latenessUs.add(latenessUs(record))
    addDefined(this.slotWaitUs, record.slotWaitUs)
  }

  #addSuccess(record: RequestRecord): void {
    this.#successEnds.add(record.endUs)
    this.good?.add(record)
    this.latencyUs.add(latencyUs(record))
    this.scheduledLatencyUs.add(latencyUs(record) + delayUs(record))
    addDefined(this.connectUs, record.connectUs)
    this.tokens.add(record)
    this.#addTokens(record)
    if (record.isStream) this.#addStream(record)
  }

  #addTokens(record: RequestRecord): void {
    const { inputTokens, outputTokens, cachedTokens } = record
    addDefined(this.inputTokens, inputTokens)
    addDefined(this.outputTokens, outputTokens)
    if (inputTokens !== undefined) addDefined(this.cachedTokens, cachedTokens)
    const speed = outputTokensPerSec(record)
    addDefined(this.outputRate, speed)
    addDefined(this.inputRate, inputTokensPerSec(record))
    addDefined(this.totalRate, totalTokensPerSec(record))
    if (speed !== undefined && inputTokens !== undefined) this.#speeds.add(inputTokens, speed)
  }

  #addStream(record: RequestRecord): void {
    const [firstChunk, ttft, tpot] = [firstChunkUs(record), ttftUs(record), tpotMs(record)]
    addDefined(this.firstChunkUs, firstChunk)
    addDefined(this.ttftUs, ttft)
    addDefined(this.scheduledTtftUs, ttft === undefined ? undefined : ttft + delayUs(record))
    addDefined(this.ttfatUs, ttfatUs(record))
    // Output rides on a choice, so this is negative only where an API plugin is wrong; that must not end the run.
    if (firstChunk !== undefined && ttft !== undefined) this.firstTokenLagUs.add(Math.max(0, ttft - firstChunk))
    for (const gapUs of itlUs(record)) this.itlUs.add(gapUs)
    addDefined(this.tpotMs, tpot)
    addDefined(this.decodeRate, decodeTokensPerSec(tpot))
    this.chunks.add(record.chunkCount)
  }
}

const tallyNames = [
  'latencyUs',
  'firstChunkUs',
  'ttftUs',
  'ttfatUs',
  'itlUs',
  'firstTokenLagUs',
  'inputTokens',
  'outputTokens',
  'cachedTokens',
  'chunks',
  'connectUs',
  'scheduledLatencyUs',
  'scheduledTtftUs',
  'slotWaitUs',
  'latenessUs',
] as const

const samplesNames = ['tpotMs', 'outputRate', 'inputRate', 'totalRate', 'decodeRate'] as const

const spanNames = ['scheduled', 'possible', 'onSchedule', 'sent', 'ended'] as const

const addDefined = (to: Tally | Samples, value: number | undefined): void => {
  if (value !== undefined) to.add(value)
}

/** From wanted to sent; both are rounded, so the difference may be a microsecond below 0. */
const delayUs = ({ sentUs, scheduledUs }: RequestRecord): number => Math.max(0, sentUs - scheduledUs)
