import type { FirstToken } from '../model/comparison.ts'
import { isCutOff, latencyUs, type RequestTimes } from '../model/record.ts'
import { decodedTokens, firstChunkUs, itlUs, tpotMs, ttftUs } from './metrics.ts'

/** What a comparison takes of one request that ended by itself; times in whole µs. */
export interface ComparedRequest {
  readonly sentUs: number
  /** Undefined where nobody wrote it down. */
  readonly endUs: number | undefined
  readonly isSuccess: boolean
  /** Until the first token, or the first chunk; as all that follows absent from failures. */
  readonly firstUs: number | undefined
  readonly gapsUs: readonly number[]
  readonly tpotMs: number | undefined
  readonly inputTokens: number | undefined
  readonly outputTokens: number | undefined
}

/** A record as a comparison takes it; undefined for requests that we cut off ourselves. */
export const comparedRequest = (record: RequestTimes, first: FirstToken): ComparedRequest | undefined => {
  if (isCutOff(record)) return undefined
  const { sentUs, endUs, inputTokens, outputTokens } = record
  const isSuccess = record.failure === undefined
  const byOutput = first === 'output'
  return {
    sentUs,
    endUs,
    isSuccess,
    firstUs: isSuccess ? (byOutput ? ttftUs(record) : firstChunkUs(record)) : undefined,
    gapsUs: isSuccess ? itlUs(record) : [],
    tpotMs: isSuccess ? (byOutput ? tpotMs(record) : chunkTpotMs(record)) : undefined,
    inputTokens,
    outputTokens,
  }
}

/** TPOT as the original counts it: from the first chunk. */
const chunkTpotMs = (record: RequestTimes): number | undefined => {
  const [fromUs, tokens] = [firstChunkUs(record), decodedTokens(record)]
  return tpotMs(record) === undefined || fromUs === undefined || tokens === undefined
    ? undefined
    : (latencyUs(record) - fromUs) / 1000 / (tokens - 1)
}

/** Values of the requests of a run in order of start: those of request i end before `ends[i]`. */
export interface RequestValues {
  /** Whole numbers. */
  readonly values: Float64Array | Uint32Array
  readonly ends: Uint32Array
}

/** A run as a comparison sees it: its requests in order of start. */
export interface RequestColumns {
  readonly count: number
  /** From the first sent to the last end. */
  readonly durationUs: number
  /** In flight, failures too; 0 where no end is known. */
  readonly inFlightUs: Float64Array
  /** Since the first was sent; where no end is known, when it was sent. */
  readonly endUs: Float64Array
  readonly isSuccess: Float64Array
  /** 0 for failures and where nobody counted them. */
  readonly inputTokens: Float64Array
  readonly outputTokens: Float64Array
  readonly latencyUs: RequestValues
  readonly firstUs: RequestValues
  readonly gapsUs: RequestValues
  /** In ns: a ratio, rounded once, so that sums do not depend on order. */
  readonly tpotNs: RequestValues
}

/** What four bytes hold: a gap of more than 71 minutes is as long as that. */
const longestUs = 2 ** 32 - 1

/** Takes the requests of a run in any order; memory is some 100 bytes a request and 4 a gap. */
export class RequestCollector {
  readonly #requests: Omit<ComparedRequest, 'gapsUs'>[] = []
  /** Where the gaps of each request begin, and behind the last one's. */
  readonly #gapStarts: number[] = [0]
  #gaps = new Uint32Array(1024)

  add({ gapsUs, ...request }: ComparedRequest): void {
    const from = this.#gapStarts.at(-1) ?? 0
    this.#reserve(from + gapsUs.length)
    for (const [place, us] of gapsUs.entries()) this.#gaps[from + place] = Math.min(us, longestUs)
    this.#gapStarts.push(from + gapsUs.length)
    this.#requests.push(request)
  }

  /** The requests in order of start; of those that started together, in the order in which they came. */
  columns(): RequestColumns {
    const order = this.#requests.map((_, index) => index)
    order.sort((a, b) => this.#at(a).sentUs - this.#at(b).sentUs || a - b)
    const sorted = order.map(index => this.#at(index))
    const firstUs = sorted[0]?.sentUs ?? 0
    const column = (pick: (request: Omit<ComparedRequest, 'gapsUs'>) => number): Float64Array =>
      Float64Array.from(sorted, pick)
    const endUs = column(request => (request.endUs ?? request.sentUs) - firstUs)
    return {
      count: sorted.length,
      durationUs: endUs.reduce((last, us) => Math.max(last, us), 0),
      inFlightUs: column(request => (request.endUs ?? request.sentUs) - request.sentUs),
      endUs,
      isSuccess: column(({ isSuccess }) => (isSuccess ? 1 : 0)),
      inputTokens: column(({ isSuccess, inputTokens = 0 }) => (isSuccess ? inputTokens : 0)),
      outputTokens: column(({ isSuccess, outputTokens = 0 }) => (isSuccess ? outputTokens : 0)),
      latencyUs: valuesOf(sorted, request =>
        request.isSuccess && request.endUs !== undefined ? request.endUs - request.sentUs : undefined,
      ),
      firstUs: valuesOf(sorted, request => request.firstUs),
      gapsUs: this.#sortedGaps(order),
      tpotNs: valuesOf(sorted, ({ tpotMs }) => (tpotMs === undefined ? undefined : Math.round(tpotMs * 1e6))),
    }
  }

  #at(index: number): Omit<ComparedRequest, 'gapsUs'> {
    return this.#requests[index] as Omit<ComparedRequest, 'gapsUs'>
  }

  #sortedGaps(order: readonly number[]): RequestValues {
    const values = new Uint32Array(this.#gapStarts.at(-1) ?? 0)
    const ends = new Uint32Array(order.length)
    let used = 0
    for (const [place, index] of order.entries()) {
      const own = this.#gaps.subarray(this.#gapStarts[index], this.#gapStarts[index + 1])
      values.set(own, used)
      used += own.length
      ends[place] = used
    }
    return { values, ends }
  }

  #reserve(count: number): void {
    if (count <= this.#gaps.length) return
    const grown = new Uint32Array(Math.max(count, 2 * this.#gaps.length))
    grown.set(this.#gaps)
    this.#gaps = grown
  }
}

const valuesOf = <T>(requests: readonly T[], pick: (request: T) => number | undefined): RequestValues => {
  const values: number[] = []
  const ends = Uint32Array.from(requests, request => {
    const value = pick(request)
    if (value !== undefined) values.push(value)
    return values.length
  })
  return { values: Float64Array.from(values), ends }
}
