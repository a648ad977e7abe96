import type { LoadOutcome } from '../model/load-outcome.ts'
import type { RunSummary } from '../model/result.ts'
import { hasOutputTokens, type RunPlan } from '../model/run-plan.ts'
import type { Accumulator } from './accumulator.ts'
import { summarizeConversations } from './conversation-summary.ts'
import { perSecond, share, toMs } from './metrics.ts'
import { scheduleOf } from './schedule.ts'
import type { Tally } from './tally.ts'
import { stretchLimit } from './worth-showing.ts'

/** The figures of one run, from its folded records and its plan. */
export const summarize = (
  accumulator: Accumulator,
  plan: RunPlan,
  { schedule, promptWaiting }: LoadOutcome = {},
): RunSummary => ({
  // What is asked for are conversations: how many requests these have shows only when they are held.
  expectedRequests: accumulator.conversations.haveSeveralTurns ? undefined : plan.number,
  ...countsOf(accumulator),
  ...throughputOf(accumulator),
  ...inputThroughputOf(accumulator, plan),
  ...meansOf(accumulator),
  schedule: scheduleOf(accumulator, plan, schedule),
  promptWaiting,
  conversations: summarizeConversations(accumulator.conversations, plan),
  ...sharesOf(accumulator),
  goodput: goodputOf(accumulator),
})

/**
 * Share of streams in percent whose first chunk and TTFT lie more than one median gap apart; where nothing had a gap,
 * any distance counts. Undefined without streams.
 */
export const lateFirstTokenPercent = ({ firstTokenLagUs, itlUs }: Accumulator): number | undefined =>
  share(firstTokenLagUs.countAbove(itlUs.percentile(50) ?? 0), firstTokenLagUs.count)

const countsOf = ({ totals }: Accumulator) => {
  const ended = totals.succeeded + totals.failed
  return {
    totalRequests: ended,
    succeededRequests: totals.succeeded,
    failedRequests: totals.failed,
    cutOffRequests: totals.cutOff,
    streamRequests: totals.stream,
    nonStreamRequests: ended - totals.stream,
    resentRequests: totals.resent,
    successPercent: share(totals.succeeded, ended),
  }
}

const throughputOf = (accumulator: Accumulator) => {
  const { totals, durationUs, outputTokens } = accumulator
  // Without a success there is no throughput: 0 would read like a slow server.
  const requests = totals.succeeded > 0 ? totals.succeeded : undefined
  return {
    durationMs: toMs(durationUs),
    requestsPerSec: perSecond(requests, durationUs),
    outputTokensPerSec: perSecond(sumOf(outputTokens), durationUs),
    totalTokensPerSec: perSecond(totals.totalTokensKnown > 0 ? totals.totalTokens : undefined, durationUs),
    outputTokensPerSecToLastSuccess: toLastSuccess(accumulator, outputTokens),
  }
}

/** Prompts are all the work there is where answers have no tokens; elsewhere their rate would say little. */
const inputThroughputOf = (accumulator: Accumulator, { task }: RunPlan) => {
  const { durationUs, inputTokens } = accumulator
  const isAllWork = !hasOutputTokens(task)
  return {
    inputTokensPerSec: isAllWork ? perSecond(sumOf(inputTokens), durationUs) : undefined,
    inputTokensPerSecToLastSuccess: isAllWork ? toLastSuccess(accumulator, inputTokens) : undefined,
  }
}

const toLastSuccess = ({ durationUs, durationToLastSuccessUs }: Accumulator, tokens: Tally): number | undefined => {
  if (durationUs === undefined || durationToLastSuccessUs === undefined) return undefined
  if (durationUs - durationToLastSuccessUs <= stretchLimit * durationUs) return undefined
  return perSecond(sumOf(tokens), durationToLastSuccessUs)
}

const sumOf = (tally: Tally): number | undefined => (tally.count > 0 ? tally.sum : undefined)

const meansOf = (accumulator: Accumulator) => {
  const { totals } = accumulator
  return {
    meanLatencyMs: toMs(accumulator.latencyUs.mean),
    meanConnectMs: toMs(accumulator.connectUs.mean),
    meanFirstChunkMs: toMs(accumulator.firstChunkUs.mean),
    meanTtftMs: toMs(accumulator.ttftUs.mean),
    meanTtfatMs: totals.reasonedFirst > 0 ? toMs(accumulator.ttfatUs.mean) : undefined,
    meanTpotMs: accumulator.tpotMs.mean,
    meanItlMs: toMs(accumulator.itlUs.mean),
    meanInputTokens: accumulator.inputTokens.mean,
    meanOutputTokens: accumulator.outputTokens.mean,
    meanChunks: accumulator.chunks.mean,
    meanTokensPerChunk: ratio(totals.streamTokens, totals.streamChunks),
  }
}

const sharesOf = (accumulator: Accumulator) => {
  const { totals } = accumulator
  const decodedTokensPerIteration = ratio(totals.tokensAfterFirst, totals.chunksAfterFirst)
  return {
    cachedPercent: share(totals.cachedTokens, totals.cacheablePromptTokens),
    decodedTokensPerIteration,
    specAcceptanceRate: acceptanceRate(decodedTokensPerIteration),
    lateFirstTokenPercent: lateFirstTokenPercent(accumulator),
    coalescedPercent: share(totals.coalescedStreams, totals.goodStreams),
    tokenSources: {
      usage: totals.usage,
      tokenizer: totals.tokenizer,
      chunks: totals.chunks,
      none: totals.none,
    },
  }
}

const goodputOf = ({ good, totals, durationUs }: Accumulator) =>
  good?.summarize(totals.succeeded + totals.failed, durationUs)

const ratio = (a: number, b: number): number | undefined => (b === 0 ? undefined : a / b)

/** clamp(1 − 1/L, 0, 1), L being the decoded tokens per iteration. */
const acceptanceRate = (decodedTokens: number | undefined): number | undefined => {
  if (decodedTokens === undefined) return undefined
  return decodedTokens <= 1 ? 0 : 1 - 1 / decodedTokens
}
