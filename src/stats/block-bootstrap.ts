import type { RequestValues } from './request-columns.ts'
import { rngFor } from './rng.ts'

/** Blocks of one length, drawn again and again. */
interface Draws {
  /** Requests of the run, and of a block. */
  readonly count: number
  readonly length: number
  /** Blocks of a replicate, and where each begins: one replicate after the other. */
  readonly perReplicate: number
  readonly starts: Int32Array
}

/** How the requests of a run are drawn again: in blocks of neighbours, so that what slowed several of them stays together. */
export interface Blocks {
  readonly whole: Draws
  /** Of half the length: what these miss shows what the others miss. */
  readonly half: Draws
}

/** Told by where its blocks begin, and how long they are. */
export type Replicate = (starts: Int32Array, length: number) => number

/** A standard error from so many replicates is itself exact to 2 %. */
const replicates = 1000

/** With fewer there is no telling how much blocks differ. */
const fewestBlocks = 5

/** Long runs have longer blocks instead of more: what wanders slowly then stays together, too. */
const mostBlocks = 12

/** The fewest requests that can be compared where blocks need so many. */
export const requestsNeeded = (shortestBlock: number): number => fewestBlocks * shortestBlock

/** Blocks of at least so many requests; undefined where the run has fewer than five of them. Seeded: always the same. */
export const drawBlocks = (count: number, shortestBlock: number): Blocks | undefined => {
  const perReplicate = Math.min(mostBlocks, Math.floor(count / shortestBlock))
  if (perReplicate < fewestBlocks) return undefined
  const length = Math.floor(count / perReplicate)
  return { whole: draw(count, length), half: draw(count, Math.max(1, length >> 1)) }
}

const draw = (count: number, length: number): Draws => {
  const perReplicate = Math.floor(count / length)
  const rng = rngFor(1, 'blocks', count, length)
  const starts = Int32Array.from({ length: replicates * perReplicate }, () => rng.integer(0, count - length))
  return { count, length, perReplicate, starts }
}

/** Standard error of Σ numerators / Σ denominators, a pair for each request. */
export const ratioError = (blocks: Blocks, numerators: ArrayLike<number>, denominators: ArrayLike<number>): number => {
  const [above, below] = [runningSums(numerators), runningSums(denominators)]
  return spread(blocks, (starts, length) => sumIn(above, starts, length) / sumIn(below, starts, length))
}

/** Standard error of the mean of all values, of which a request may have any number. */
export const meanError = (blocks: Blocks, { values, ends }: RequestValues): number => {
  const sums = new Float64Array(ends.length)
  const counts = new Float64Array(ends.length)
  for (const [request, end] of ends.entries()) {
    const from = request === 0 ? 0 : (ends[request - 1] as number)
    for (let at = from; at < end; at++) sums[request] = (sums[request] as number) + (values[at] as number)
    counts[request] = end - from
  }
  return ratioError(blocks, sums, counts)
}

/** Standard error of a statistic, by how much its replicates differ. */
export const spread = ({ whole, half }: Blocks, statistic: Replicate): number => {
  const [ofWhole, ofHalf] = [variance(whole, statistic), variance(half, statistic)]
  // Blocks cut what lasts longer than they do, those of half the length twice as often: as much as these lack beside the
  // others, the others lack themselves.
  return Math.sqrt(Math.max(ofWhole, 2 * ofWhole - ofHalf))
}

const variance = ({ count, length, perReplicate, starts }: Draws, statistic: Replicate): number => {
  const found: number[] = []
  for (let from = 0; from < starts.length; from += perReplicate) {
    const value = statistic(starts.subarray(from, from + perReplicate), length)
    // A replicate may have none of what is rare.
    if (Number.isFinite(value)) found.push(value)
  }
  if (found.length < 2) return Number.NaN
  const mean = found.reduce((sum, value) => sum + value, 0) / found.length
  const squares = found.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (found.length - 1)
  // Blocks of one run differ less than those of all runs would, and a few requests are left over.
  return squares * (count / (count - length)) * ((perReplicate * length) / count)
}

/** Sums of the values before each, and of all. */
export const runningSums = (values: ArrayLike<number>): Float64Array => {
  const sums = new Float64Array(values.length + 1)
  for (let at = 0; at < values.length; at++) sums[at + 1] = (sums[at] as number) + (values[at] as number)
  return sums
}

const sumIn = (sums: Float64Array, starts: Int32Array, length: number): number => {
  let sum = 0
  for (const start of starts) sum += (sums[start + length] as number) - (sums[start] as number)
  return sum
}
