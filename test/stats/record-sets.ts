import type { RequestRecord } from '../../src/model/record.ts'
import { type Rng, rngFor } from '../../src/stats/rng.ts'
import { failed, streamed } from './records.ts'

/** What a made-up run is like. Requests of one moment are slow together, as those of a real server are. */
export interface RecordSet {
  readonly seed: number
  readonly requests: number
  /** Slots of a closed loop. */
  readonly concurrency: number
  /** Everything takes so many times as long; 1.1 is a server that is 10 % slower. */
  readonly slowdown?: number
  /** Mean length of an answer, and the σ of its logarithm. */
  readonly tokens?: number
  readonly tokenSpread?: number
  /** σ of the logarithm of a TTFT, and of a gap. */
  readonly ttftSpread?: number
  readonly gapSpread?: number
  /** σ of the logarithm of the server's own pace, and how many mean latencies that lasts. */
  readonly paceSpread?: number
  readonly paceLatencies?: number
  /** Share of requests that fail halfway. */
  readonly failureShare?: number
}

/** The kinds of runs that comparisons and gates are tried on: a name, and what makes it difficult. */
export const recordKinds: Readonly<Record<string, Omit<RecordSet, 'seed' | 'slowdown'>>> = {
  'answers of all lengths': { requests: 500, concurrency: 10, tokenSpread: 0.6 },
  'answers of one length': { requests: 500, concurrency: 10, tokenSpread: 0 },
  'a server of uneven pace': { requests: 500, concurrency: 10, tokenSpread: 0.4, paceSpread: 0.06, paceLatencies: 1 },
  'rare long waits': { requests: 800, concurrency: 8, tokenSpread: 0.4, ttftSpread: 0.9 },
  'one after the other': { requests: 300, concurrency: 1, tokenSpread: 0.4 },
  'few waves': { requests: 600, concurrency: 50, tokenSpread: 0.4 },
  'some failures': { requests: 500, concurrency: 10, tokenSpread: 0.4, failureShare: 0.03 },
}

const usPerSecond = 1e6
const itlSeconds = 0.02
const ttftSeconds = 0.1

/**
 * The records of a closed loop against a server whose pace wanders, in the order in which they ended. The same set
 * draws the same records.
 */
export const drawRecords = (set: RecordSet): readonly RequestRecord[] => {
  const { seed, requests, concurrency, failureShare = 0 } = set
  const rng = rngFor(seed, 'record set')
  const paceAt = createPace(set)
  const freeAt = new Array<number>(concurrency).fill(0)
  const records = Array.from({ length: requests }, (_, index) => {
    const slot = freeAt.indexOf(Math.min(...freeAt))
    const start = freeAt[slot] as number
    const given = { ...drawAnswer(set, rng, paceAt(start)), start, input: 50 }
    const whole = start + given.ttft + sum(given.gaps)
    const isFailure = rng.float() < failureShare
    const end = isFailure ? (start + whole) / 2 : whole
    freeAt[slot] = end
    const more = { index, requestId: `r${index}`, conversationId: `c${index}` }
    return isFailure ? failed('truncated', { start, end }, more) : streamed({ ...given, end }, more)
  })
  return records.sort((a, b) => a.endUs - b.endUs)
}

const drawAnswer = (set: RecordSet, rng: Rng, pace: number) => {
  const { slowdown = 1, tokens = 16, tokenSpread = 0.4, ttftSpread = 0.3, gapSpread = 0.15 } = set
  const output = Math.max(2, Math.round(tokens * drawFactor(rng, tokenSpread)))
  const scale = slowdown * pace
  return {
    output,
    ttft: ttftSeconds * scale * drawFactor(rng, ttftSpread),
    gaps: Array.from({ length: output - 1 }, () => roundUs(itlSeconds * scale * drawFactor(rng, gapSpread))),
  }
}

const roundUs = (seconds: number): number => Math.round(seconds * usPerSecond) / usPerSecond

/** How slow the server is at a moment: an autoregressive walk around 1, drawn anew eight times a mean latency. */
const createPace = ({ seed, slowdown = 1, tokens = 16, paceSpread = 0.03, paceLatencies = 1 }: RecordSet) => {
  const rng = rngFor(seed, 'pace')
  const stepSeconds = ((ttftSeconds + tokens * itlSeconds) * slowdown) / 8
  const kept = Math.exp(-1 / (8 * paceLatencies))
  const levels = [drawNormal(rng)]
  return (second: number): number => {
    const step = Math.floor(second / stepSeconds)
    while (levels.length <= step) levels.push(kept * (levels.at(-1) ?? 0) + Math.sqrt(1 - kept ** 2) * drawNormal(rng))
    return Math.exp(paceSpread * (levels[step] as number))
  }
}

/** A factor of mean 1 whose logarithm has this σ. */
const drawFactor = (rng: Rng, sigma: number): number =>
  sigma === 0 ? 1 : Math.exp(sigma * drawNormal(rng) - sigma ** 2 / 2)

/** Box and Muller's. */
const drawNormal = (rng: Rng): number => Math.sqrt(-2 * Math.log(1 - rng.float())) * Math.cos(2 * Math.PI * rng.float())

const sum = (values: readonly number[]): number => values.reduce((all, value) => all + value, 0)

/**
 * Two runs dealt from the records of a long one: it is cut into pieces of so many mean latencies, which is longer than
 * what slows requests down together, and each run gets half of these in random order. Nothing differs between them but
 * chance.
 */
export const dealPair = (
  records: readonly RequestRecord[],
  {
    seed,
    pieceLatencies = 6,
    requests,
  }: { readonly seed: number; readonly pieceLatencies?: number; readonly requests: number },
): readonly [readonly RequestRecord[], readonly RequestRecord[]] => {
  const pieces = shuffled(piecesOf(records, pieceLatencies), rngFor(seed, 'deal'))
  const middle = pieces.length >> 1
  const deal = (from: number, to: number) => joined(pieces.slice(from, to)).slice(0, requests)
  return [deal(0, middle), deal(middle, 2 * middle)]
}

interface Piece {
  readonly records: readonly RequestRecord[]
  readonly startUs: number
  readonly lengthUs: number
}

const piecesOf = (records: readonly RequestRecord[], pieceLatencies: number): readonly Piece[] => {
  const sorted = records.toSorted((a, b) => a.sentUs - b.sentUs)
  const meanUs = sum(sorted.map(({ sentUs, endUs }) => endUs - sentUs)) / sorted.length
  const lengthUs = Math.ceil(pieceLatencies * meanUs)
  const firstUs = sorted[0]?.sentUs ?? 0
  const pieces: RequestRecord[][] = []
  for (const record of sorted) {
    const place = Math.floor((record.sentUs - firstUs) / lengthUs)
    while (pieces.length <= place) pieces.push([])
    pieces[place]?.push(record)
  }
  // The last one is not whole.
  return pieces
    .slice(0, -1)
    .map((inside, place) => ({ records: inside, startUs: firstUs + place * lengthUs, lengthUs }))
}

const joined = (pieces: readonly Piece[]): readonly RequestRecord[] =>
  pieces.flatMap(({ records, startUs, lengthUs }, place) =>
    records.map(record => shifted(record, place * lengthUs - startUs)),
  )

const shifted = (record: RequestRecord, byUs: number): RequestRecord => ({
  ...record,
  scheduledUs: record.scheduledUs + byUs,
  sentUs: record.sentUs + byUs,
  endUs: record.endUs + byUs,
})

/** The same run against a server that is so many times as slow. */
export const slowedDown = (records: readonly RequestRecord[], factor: number): readonly RequestRecord[] => {
  const times = (us: number): number => Math.round(us * factor)
  const orNone = (us: number | undefined): number | undefined => (us === undefined ? undefined : times(us))
  return records.map(record => ({
    ...record,
    scheduledUs: times(record.scheduledUs),
    sentUs: times(record.sentUs),
    endUs: times(record.endUs),
    firstChunkUs: orNone(record.firstChunkUs),
    ttftUs: orNone(record.ttftUs),
    ttfatUs: orNone(record.ttfatUs),
    gapsUs: record.gapsUs.map(times),
  }))
}

const shuffled = <T>(items: readonly T[], rng: Rng): readonly T[] => {
  const dealt = [...items]
  for (let last = dealt.length - 1; last > 0; last--) {
    const other = rng.integer(0, last)
    const [a, b] = [dealt[last] as T, dealt[other] as T]
    dealt[last] = b
    dealt[other] = a
  }
  return dealt
}
