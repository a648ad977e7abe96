import type { PromptWaiting } from '../model/load-outcome.ts'
import type { RunSummary } from '../model/result.ts'
import type { LoadShape } from '../model/run-plan.ts'
import type { TemplateShare, UsageComparison } from '../model/token-findings.ts'

/** Above this many tokens per chunk, ITL is no longer a gap between tokens. Below, it is mostly a tokenizer's seam. */
export const tokensPerChunkLimit = 1.05

/** Above this, an engine decodes several tokens per step; a plain one shows 1 up to rounding of its counts. */
export const decodedTokensLimit = 1.05

/** Above this share of streams, in percent, first chunk and TTFT are different things. */
export const lateFirstTokenLimitPercent = 1

/** Above this share of the duration, requests that end after the last success dilute the throughput. */
export const stretchLimit = 0.05

/** From this p99 on, in µs, connecting is a part of TTFT that one can see; a connection that is open takes 0.1 ms. */
export const connectLimitUs = 1000

/** Whether connecting has rows: always in an open loop, which opens connections while its clock runs. */
export const showsConnect = (load: LoadShape, p99Us: number | undefined): boolean =>
  load.kind !== 'closed' || (p99Us !== undefined && p99Us >= connectLimitUs)

/** What a schedule wants, and its unit: with several turns these are conversations, of which later turns follow answers. */
export const scheduled = ({ conversations }: RunSummary): { readonly noun: string; readonly unit: string } =>
  conversations === undefined ? { noun: 'request', unit: 'req/s' } : { noun: 'conversation', unit: 'conv/s' }

/** Below this relative difference in latency from the schedule and from sending no decision depends on the clock. */
const noticeableShare = 0.01
/** Nor below this one in µs, where latency itself is short: a timer's grain of 1 ms lies on either side. */
const noticeableUs = 2000

/** Whether latency from the schedule is noticeably longer than from sending. */
export const differsNoticeably = (scheduledUs: number, sentUs: number): boolean =>
  scheduledUs - sentUs > Math.max(noticeableUs, noticeableShare * sentUs)

/** Whether a p99 is that of a queue or a pause: beside the p10, as most requests may have met it. */
export const isSlowBeside = (p99: number | undefined, p10: number | undefined): boolean =>
  p99 !== undefined && p10 !== undefined && p99 > 3 * p10

/** Up to this p99 of lateness, in µs, figures are not spoilt: 10 ms or, if that is more, 10 % of the p50 of TTFT. */
export const lateBoundUs = (ttftP50Us: number | undefined): number => Math.max(10_000, 0.1 * (ttftP50Us ?? 0))

/** Whether a p99 of lateness, in µs, spoils the figures. */
export const isLate = (p99Us: number, ttftP50Us: number | undefined): boolean => p99Us > lateBoundUs(ttftP50Us)

/** From this on, in ms, waiting for a prompt shows in what is measured; as for lateness. */
const longPromptWaitMs = 10

/** Whether prompts were not ready in time. */
export const waitedForPrompts = ({ maxMs }: PromptWaiting): boolean => maxMs > longPromptWaitMs

/** Whether so few of all is no more than the edge of a run. */
export const isChance = (some: number, all: number): boolean => some <= Math.max(1, 0.01 * all)

/** Below this, a drawn rate is what was asked for, to the digits that one asks with. */
const drawnRateShare = 0.02

/** Whether a drawn rate is off the one that was asked for. */
export const isOffRate = (drawnPerSec: number, requestedPerSec: number): boolean =>
  Math.abs(drawnPerSec / requestedPerSec - 1) > drawnRateShare

/** 0.1 % of a schedule and 5 ms, in µs: a timer's grain and a busy moment at either end are no failure to keep up. */
export const offScheduleBoundUs = (scheduledSpanUs: number): number => 5000 + scheduledSpanUs / 1000

/** Whether requests left over a time that is off the one of their schedule. */
export const isOffSchedule = (sentSpanUs: number, scheduledSpanUs: number): boolean =>
  Math.abs(sentSpanUs - scheduledSpanUs) > offScheduleBoundUs(scheduledSpanUs)

/** Below this difference, in ms for each request, nobody cares: a busy moment at the end of answers that last as long. */
const noticeableGaugeMs = 1

/**
 * Two counts of what is in flight agree within 1 %; 0.05 more for runs with hardly anything in flight, and 1 ms for each
 * request.
 */
export const isOffGauge = (gaugeMean: number, sweptMean: number, msPerRequest: number): boolean => {
  const difference = Math.abs(gaugeMean - sweptMean)
  return difference > Math.max(0.01 * sweptMean, 0.05) && difference * msPerRequest > noticeableGaugeMs
}

/** Whether the first chunk has a row of its own beside TTFT. */
export const showsFirstChunk = (lateFirstTokenPercent: number | undefined): boolean =>
  lateFirstTokenPercent !== undefined && lateFirstTokenPercent > lateFirstTokenLimitPercent

/** Whether the speculative decoding rows are shown. */
export const showsSpeculation = ({ decodedTokensPerIteration }: RunSummary): boolean =>
  decodedTokensPerIteration !== undefined && decodedTokensPerIteration > decodedTokensLimit

/** Above this, in percent, prompts or answers are not what one takes them for; below are seams and end marks. */
const tokenDifferencePercent = 1

/** Whether the server's usage is off what the tokenizer counts. */
export const isOffUsage = ({ meanUsage, meanTokenizer }: UsageComparison): boolean =>
  Math.abs(meanUsage - meanTokenizer) > (tokenDifferencePercent / 100) * meanTokenizer

/** Whether a chat template makes prompts noticeably longer than their text. */
export const templateMatters = ({ meanPromptTokens, meanTextTokens }: TemplateShare): boolean =>
  meanPromptTokens - meanTextTokens > (tokenDifferencePercent / 100) * meanPromptTokens
