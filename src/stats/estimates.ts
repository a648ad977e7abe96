import type { ComparedMetric } from '../model/comparison.ts'
import { type Blocks, drawBlocks, meanError, ratioError, requestsNeeded } from './block-bootstrap.ts'
import { perSecond, share } from './metrics.ts'
import { percentile } from './percentile.ts'
import { quantileError } from './quantile-error.ts'
import type { RequestColumns, RequestValues } from './request-columns.ts'
import { isCarried } from './sample-rule.ts'
import { throughputError } from './throughput-error.ts'

/** A figure of a run, and how exactly the run tells it. */
export interface Estimate {
  /** Durations in ms, rates per second, shares in percent. */
  readonly value: number
  /** Standard error as a part of the value; undefined for a share, and where the sample cannot say. */
  readonly error: number | undefined
  /** Degrees of freedom of the error. */
  readonly freedom: number
  /** Of a share: as many independent requests would tell it as exactly. */
  readonly independentRequests?: number | undefined
}

/** All that is compared of a run; what it has no figure for is not there. */
export interface RunEstimates {
  readonly byMetric: ReadonlyMap<ComparedMetric, Estimate>
  /** Requests that it would take to compare anything of a run like this; undefined where it has as many. */
  readonly requestsNeeded: number | undefined
}

/** What decides how a run is looked at. */
export interface RunKind {
  /** Requests leave at times of their own, whatever the answers do. */
  readonly hasSchedule: boolean
  /** Answers consist of tokens; otherwise only prompts do. */
  readonly hasOutputTokens: boolean
}

/** What a run tells of each metric. Always the same for the same requests. */
export const estimateRun = (columns: RequestColumns, kind: RunKind): RunEstimates => {
  const shortestBlock = Math.max(1, Math.ceil(2 * meanInFlight(columns)))
  const blocks = drawBlocks(columns.count, shortestBlock)
  const found = [
    ...distributions.flatMap(name => distributionEstimates(name, columns, blocks)),
    ...throughputEstimates(columns, kind, blocks),
    ...successEstimates(columns, blocks),
  ]
  return {
    byMetric: new Map(found),
    requestsNeeded: blocks === undefined ? requestsNeeded(shortestBlock) : undefined,
  }
}

type Found = readonly (readonly [ComparedMetric, Estimate])[]

/** By Little's law, as many requests start in a mean latency. */
const meanInFlight = ({ inFlightUs, durationUs }: RequestColumns): number =>
  durationUs === 0 ? 1 : sumOf(inFlightUs) / durationUs

const distributions = ['latency', 'ttft', 'itl', 'tpot'] as const
type Distribution = (typeof distributions)[number]

const valuesOf: Readonly<Record<Distribution, (columns: RequestColumns) => RequestValues>> = {
  latency: ({ latencyUs }) => latencyUs,
  ttft: ({ firstUs }) => firstUs,
  itl: ({ gapsUs }) => gapsUs,
  tpot: ({ tpotNs }) => tpotNs,
}

const perMs: Readonly<Record<Distribution, number>> = { latency: 1e3, ttft: 1e3, itl: 1e3, tpot: 1e6 }

const distributionEstimates = (name: Distribution, columns: RequestColumns, blocks: Blocks | undefined): Found => {
  const all = valuesOf[name](columns)
  const sorted = all.values.toSorted()
  const estimate = (value: number | undefined, errorOf: (blocks: Blocks) => number | undefined, freedom: number) =>
    // A gap of 0 is none between chunks that shared a read, and nothing is so many percent of it.
    value === undefined || value === 0
      ? undefined
      : { value: value / perMs[name], error: relative(blocks && errorOf(blocks), value), freedom }
  // A mean of a few has no more to tell than their median.
  const errorOfMean = (drawn: Blocks) => (isCarried(50, sorted.length) ? meanError(drawn, all) : undefined)
  const ofPercent = (percent: number) =>
    estimate(
      percentile(sorted, percent),
      drawn => (isCarried(percent, sorted.length) ? quantileError(drawn, all, { percent, sorted }) : undefined),
      percentileFreedom(blocks, all, percentile(sorted, percent)),
    )
  return present([
    [`avg_${name}`, estimate(meanOf(all.values), errorOfMean, freedomOf(blocks))],
    [`p50_${name}`, ofPercent(50)],
    [`p99_${name}`, ofPercent(99)],
  ])
}

/**
 * Degrees of freedom of a variance from so many blocks: those that overlap give half as many again as others, and what is
 * made up for their length takes half of that.
 */
const freedomOf = (blocks: Blocks | undefined): number =>
  blocks === undefined ? 1 : ofCount(blocks.whole.perReplicate)

const ofCount = (blocks: number): number => Math.max(1, 0.75 * (blocks - 1))

/** An error of a high percentile rests on the blocks that have values above it, which may be few. */
const percentileFreedom = (blocks: Blocks | undefined, all: RequestValues, value: number | undefined): number => {
  if (blocks === undefined || value === undefined) return 1
  const { length, perReplicate } = blocks.whole
  const isAbove = (at: number): boolean => (all.values[at] as number) > value
  let found = 0
  for (let block = 0; block < perReplicate; block++) {
    const endOf = (request: number): number => (request === 0 ? 0 : (all.ends[request - 1] as number))
    const [from, to] = [endOf(block * length), endOf((block + 1) * length)]
    for (let at = from; at < to; at++) {
      if (!isAbove(at)) continue
      found++
      break
    }
  }
  return ofCount(found)
}

const throughputEstimates = (columns: RequestColumns, kind: RunKind, blocks: Blocks | undefined): Found => {
  const { outputTokens, inputTokens, isSuccess, durationUs } = columns
  const estimate = (amounts: Float64Array): Estimate | undefined => {
    const value = perSecond(sumOf(amounts), durationUs)
    if (value === undefined || value === 0) return undefined
    const error = finite(blocks && throughputError(blocks, { amounts, columns, kind }))
    return { value, error, freedom: freedomOf(blocks) }
  }
  return present([
    kind.hasOutputTokens ? ['tps', estimate(outputTokens)] : ['input_tps', estimate(inputTokens)],
    ['rps', estimate(isSuccess)],
  ])
}

const successEstimates = ({ isSuccess, count }: RequestColumns, blocks: Blocks | undefined): Found => {
  const value = share(sumOf(isSuccess), count)
  if (value === undefined) return []
  const error = blocks && ratioError(blocks, isSuccess, ones(count))
  const independentRequests = error === undefined ? undefined : count / designEffect(value / 100, count, error)
  return [['success_rate', { value, error: undefined, freedom: freedomOf(blocks), independentRequests }]]
}

/** By how much the variance of a share exceeds that of requests that know nothing of each other: failures come in groups. */
const designEffect = (part: number, count: number, error: number): number => {
  const independent = (part * (1 - part)) / count
  return independent === 0 ? 1 : Math.max(1, error ** 2 / independent)
}

const relative = (error: number | undefined, value: number): number | undefined => {
  const known = finite(error)
  return known === undefined ? undefined : known / value
}

/** Where hardly a replicate has any of it there is no error. */
const finite = (error: number | undefined): number | undefined =>
  error === undefined || !Number.isFinite(error) ? undefined : error

const present = (estimates: readonly (readonly [ComparedMetric, Estimate | undefined])[]): Found =>
  estimates.flatMap(([metric, estimate]) => (estimate === undefined ? [] : [[metric, estimate] as const]))

const ones = (count: number): Float64Array => new Float64Array(count).fill(1)

const sumOf = (values: Float64Array | Uint32Array): number => {
  let sum = 0
  for (const value of values) sum += value
  return sum
}

const meanOf = (values: Float64Array | Uint32Array): number | undefined =>
  values.length === 0 ? undefined : sumOf(values) / values.length
