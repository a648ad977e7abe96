import { type Blocks, ratioError, runningSums } from './block-bootstrap.ts'
import type { RequestColumns } from './request-columns.ts'
import { rngFor } from './rng.ts'

/** What a throughput counts, a number for each request, and the run that it is of. */
export interface Throughput {
  readonly amounts: Float64Array
  readonly columns: RequestColumns
  readonly kind: { readonly hasSchedule: boolean }
}

/** Standard error of Σ amounts / duration, as a part of it. */
export const throughputError = (blocks: Blocks, throughput: Throughput): number =>
  throughput.kind.hasSchedule ? errorByEnds(blocks, throughput) : errorBySlots(blocks, throughput)

/**
 * Slots that are always busy make the duration the time in flight, divided by the number of slots: that goes with a
 * request, so blocks hold it. What they do not hold is how long the last one takes while the others are done.
 */
const errorBySlots = (blocks: Blocks, { amounts, columns }: Throughput): number => {
  const { inFlightUs, durationUs } = columns
  const ofBlocks = ratioError(blocks, amounts, inFlightUs) / ratioOf(amounts, inFlightUs)
  return Math.hypot(ofBlocks, idleDeviationUs(columns) / durationUs)
}

const drawnEnds = 1000

/**
 * How much chance moves the end of a run: the standard deviation of how long a slot stands idle while others finish what
 * they have. At a moment each is somewhere within a request, within a long one more likely than within a short one.
 */
const idleDeviationUs = ({ inFlightUs, durationUs }: RequestColumns): number => {
  const upTo = runningSums(inFlightUs)
  const totalUs = upTo.at(-1) as number
  const slots = Math.max(1, Math.round(totalUs / durationUs))
  const rng = rngFor(1, 'ends', inFlightUs.length, slots)
  const idleUs = Float64Array.from({ length: drawnEnds }, () => {
    let [longest, sum] = [0, 0]
    for (let slot = 0; slot < slots; slot++) {
      const place = rng.float() * totalUs
      const leftUs = (upTo[firstAbove(upTo, place)] as number) - place
      longest = Math.max(longest, leftUs)
      sum += leftUs
    }
    return longest - sum / slots
  })
  return deviation(idleUs)
}

/** The first of ascending values that is above this one. */
const firstAbove = (ascending: Float64Array, value: number): number => {
  let [low, high] = [0, ascending.length - 1]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((ascending[middle] as number) <= value) low = middle + 1
    else high = middle
  }
  return low
}

/** Where requests come at times of their own, the time between two ends goes with the second: of a queue it is the server's. */
const errorByEnds = (blocks: Blocks, { amounts, columns }: Throughput): number => {
  const { endUs } = columns
  const order = Float64Array.from(endUs.keys()).sort((a, b) => at(endUs, a) - at(endUs, b) || a - b)
  const gaps = order.map((request, place) => at(endUs, request) - (place === 0 ? 0 : at(endUs, at(order, place - 1))))
  const inOrder = order.map(request => at(amounts, request))
  return ratioError(blocks, inOrder, gaps) / ratioOf(inOrder, gaps)
}

const at = (values: Float64Array, place: number): number => values[place] as number

const sumOf = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0)

const ratioOf = (above: Float64Array, below: Float64Array): number => sumOf(above) / sumOf(below)

const deviation = (values: Float64Array): number => {
  const mean = sumOf(values) / values.length
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length)
}
