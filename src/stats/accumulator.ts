import { isCutOff, latencyUs, type RecordSink, type RequestRecord } from '../model/record.ts'
import type { SpeedRow } from '../model/result.ts'
import { FailureGroups } from './failure-groups.ts'
import {
  countedOutputTokens,
  decodeTokensPerSec,
  firstChunkUs,
  itlUs,
  outputTokensPerSec,
  reasonedFirst,
  totalTokens,
  totalTokensPerSec,
  tpotMs,
  ttfatUs,
  ttftUs,
} from './metrics.ts'
import { Samples } from './samples.ts'
import { Tally } from './tally.ts'
import { emptyTotals, type Totals, totalNames } from './totals.ts'

/**
 * Folds the measured records of a run into all that its figures need, in flat memory. Warm-up records are ignored;
 * requests cut off by us are counted and enter no figure. Any order and any split with `merge` gives the same.
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
  readonly chunks = new Tally()
  readonly tpotMs = new Samples()
  readonly outputRate = new Samples()
  readonly totalRate = new Samples()
  readonly decodeRate = new Samples()
  readonly failures = new FailureGroups()
  readonly #totals = emptyTotals()
  readonly #speedByInputTokens = new Map<number, Samples>()
  #firstSentUs = Number.POSITIVE_INFINITY
  #lastEndUs = Number.NEGATIVE_INFINITY
  #lastSuccessEndUs = Number.NEGATIVE_INFINITY

  get totals(): Totals {
    return this.#totals
  }

  /** From the first sent to the last end of requests that ended by themselves, failures included. */
  get durationUs(): number | undefined {
    return span(this.#firstSentUs, this.#lastEndUs)
  }

  /** From the first sent to the end of the last success. */
  get durationToLastSuccessUs(): number | undefined {
    return span(this.#firstSentUs, this.#lastSuccessEndUs)
  }

  write(record: RequestRecord): void {
    if (record.phase === 'warmup') return
    if (isCutOff(record)) {
      this.#totals.cutOff++
      return
    }
    this.#firstSentUs = Math.min(this.#firstSentUs, record.sentUs)
    this.#lastEndUs = Math.max(this.#lastEndUs, record.endUs)
    if (record.isStream) this.#totals.stream++
    if (record.wasResent) this.#totals.resent++
    if (record.failure === undefined) {
      this.#addSuccess(record)
      return
    }
    this.#totals.failed++
    this.failures.add(record, record.failure)
  }

  close(): void {}

  /** Takes over all that another accumulator has seen. */
  merge(other: Accumulator): void {
    for (const name of tallyNames) this[name].merge(other[name])
    for (const name of samplesNames) this[name].merge(other[name])
    for (const name of totalNames) this.#totals[name] += other.#totals[name]
    for (const [inputTokens, speeds] of other.#speedByInputTokens) this.#speedsOf(inputTokens).merge(speeds)
    this.failures.merge(other.failures)
    this.#firstSentUs = Math.min(this.#firstSentUs, other.#firstSentUs)
    this.#lastEndUs = Math.max(this.#lastEndUs, other.#lastEndUs)
    this.#lastSuccessEndUs = Math.max(this.#lastSuccessEndUs, other.#lastSuccessEndUs)
  }

  /** Mean output speed per distinct prompt length, shortest first. */
  speedRows(): readonly SpeedRow[] {
    return [...this.#speedByInputTokens]
      .sort(([a], [b]) => a - b)
      .map(([inputTokens, speeds]) => ({ inputTokens, tokensPerSec: speeds.mean ?? 0 }))
  }

  #addSuccess(record: RequestRecord): void {
    this.#totals.succeeded++
    this.#lastSuccessEndUs = Math.max(this.#lastSuccessEndUs, record.endUs)
    this.latencyUs.add(latencyUs(record))
    this.#addTokens(record)
    if (record.isStream) this.#addStream(record)
  }

  #addTokens(record: RequestRecord): void {
    const totals = this.#totals
    const { inputTokens, outputTokens, cachedTokens } = record
    addDefined(this.inputTokens, inputTokens)
    addDefined(this.outputTokens, outputTokens)
    totals[outputTokens === undefined ? 'none' : (record.tokenSource ?? 'none')]++
    const total = totalTokens(record)
    if (total !== undefined) {
      totals.totalTokens += total
      totals.totalTokensKnown++
    }
    if (cachedTokens !== undefined && inputTokens !== undefined) {
      totals.cachedTokens += cachedTokens
      totals.cacheablePromptTokens += inputTokens
    }
    const speed = outputTokensPerSec(record)
    addDefined(this.outputRate, speed)
    addDefined(this.totalRate, totalTokensPerSec(record))
    if (speed !== undefined && inputTokens !== undefined) this.#speedsOf(inputTokens).add(speed)
  }

  #addStream(record: RequestRecord): void {
    const [firstChunk, ttft, tpot] = [firstChunkUs(record), ttftUs(record), tpotMs(record)]
    addDefined(this.firstChunkUs, firstChunk)
    addDefined(this.ttftUs, ttft)
    addDefined(this.ttfatUs, ttfatUs(record))
    // Output rides on a choice, so this is negative only where an API plugin is wrong; that must not end the run.
    if (firstChunk !== undefined && ttft !== undefined) this.firstTokenLagUs.add(Math.max(0, ttft - firstChunk))
    for (const gapUs of itlUs(record)) this.itlUs.add(gapUs)
    addDefined(this.tpotMs, tpot)
    addDefined(this.decodeRate, decodeTokensPerSec(tpot))
    this.#addChunks(record)
  }

  #addChunks(record: RequestRecord): void {
    const totals = this.#totals
    const { chunkCount } = record
    this.chunks.add(chunkCount)
    totals.goodStreams++
    // Chunks that came in one read share its stamp. Role, finish and usage events often share one and tell nothing.
    if (record.gapsUs.includes(0)) totals.coalescedStreams++
    if (reasonedFirst(record)) totals.reasonedFirst++
    const tokens = countedOutputTokens(record)
    if (tokens === undefined) return
    totals.streamTokens += tokens
    totals.streamChunks += chunkCount
    if (chunkCount < 2) return
    totals.tokensAfterFirst += tokens - 1
    totals.chunksAfterFirst += chunkCount - 1
  }

  #speedsOf(inputTokens: number): Samples {
    const known = this.#speedByInputTokens.get(inputTokens)
    if (known !== undefined) return known
    const speeds = new Samples()
    this.#speedByInputTokens.set(inputTokens, speeds)
    return speeds
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
  'chunks',
] as const

const samplesNames = ['tpotMs', 'outputRate', 'totalRate', 'decodeRate'] as const

const addDefined = (to: Tally | Samples, value: number | undefined): void => {
  if (value !== undefined) to.add(value)
}

const span = (fromUs: number, toUs: number): number | undefined => (toUs >= fromUs ? toUs - fromUs : undefined)
