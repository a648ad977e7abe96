import type { JsonObject, JsonValue } from '../model/json.ts'
import type { RunResult, Spread } from '../model/result.ts'
import { hasOutputTokens } from '../model/run-plan.ts'
import type { UsageComparison } from '../model/token-findings.ts'
import { plainJson } from '../plain-text.ts'
import { roundHalfUp } from '../stats/decimal.ts'
import { decodeTokensPerSec } from '../stats/metrics.ts'
import { uncarriedLevels } from '../stats/sample-rule.ts'
import { showsSpeculation } from '../stats/worth-showing.ts'
import { toSeconds, unpacedRate } from './format.ts'
import { inShownUnit, levelText, seriesText } from './series.ts'
import { healthJson, verdictJson } from './verdict-json.ts'

/** `benchmark_summary.json`: evalscope's keys in its order, then ours. Numbers have at most six decimals. */
export const summaryJson = (result: RunResult): JsonObject => ({
  ...originalFigures(result),
  ...optionalFigures(result),
  ...ownFigures(result),
  ...promptFigures(result),
  ...tokenFindings(result),
  ...conversationFigures(result),
  ...goodputFigures(result),
  ...loadFigures(result),
  'Not Carried': notCarried(result),
  verdict: verdictJson(result.verdict),
  'Client Health': healthJson(result.health),
  Interrupted: result.interrupted,
  Notes: result.notes,
  Failures: result.failures.map(({ kind, statusCode, count, example }) => ({
    Kind: kind,
    Status: orNull(statusCode),
    Count: count,
    Example: example,
  })),
})

/** `benchmark_percentile.json`: one object per level. */
export const percentileJson = ({ percentiles }: RunResult): readonly JsonObject[] =>
  percentiles.levels.map((level, index) => ({
    Percentiles: levelText(level),
    ...Object.fromEntries(
      percentiles.rows.map(({ series, values }) => [
        seriesText[series].label,
        orNull(inShownUnit(series, values[index])),
      ]),
    ),
  }))

/** The text of a JSON file as the original writes it: indented by four, not escaped but for what no screen shows. */
export const jsonFileText = (value: JsonValue): string => `${plainJson(JSON.stringify(value, null, 4))}\n`

/** The concurrency of an open loop, as in the original. */
const openConcurrency = -1

const originalFigures = ({ plan, summary }: RunResult): JsonObject => ({
  'Test Duration (s)': orNull(toSeconds(summary.durationMs)),
  Concurrency: plan.load.kind === 'closed' ? plan.load.concurrency : openConcurrency,
  'Request Rate (req/s)': plan.load.pacing?.ratePerSec ?? unpacedRate,
  'Total Requests': summary.totalRequests,
  'Success Requests': summary.succeededRequests,
  'Failed Requests': summary.failedRequests,
  'Stream Requests': summary.streamRequests,
  'Non-Stream Requests': summary.nonStreamRequests,
  'Req Throughput (req/s)': orNull(summary.requestsPerSec),
  'Avg Latency (s)': orNull(toSeconds(summary.meanLatencyMs)),
  'Avg Input Tokens': orNull(summary.meanInputTokens),
  'Output Throughput (tok/s)': orNull(summary.outputTokensPerSec),
  'Total Throughput (tok/s)': orNull(summary.totalTokensPerSec),
  'Avg TTFT (ms)': orNull(summary.meanTtftMs),
  'Avg TPOT (ms)': orNull(summary.meanTpotMs),
  'Avg ITL (ms)': orNull(summary.meanItlMs),
  'Avg Output Tokens': orNull(summary.meanOutputTokens),
  // Only embedding and rerank runs have one; in others the original writes 0.
  'Input Throughput (tok/s)': orNull(summary.inputTokensPerSec),
})

/** Keys that the original leaves out when they do not apply. */
const optionalFigures = ({ summary }: RunResult): JsonObject => ({
  ...(summary.conversations && { 'Avg Turns/Request': orNull(summary.conversations.meanTurnNumber) }),
  ...(summary.cachedPercent === undefined ? {} : { 'KV Cache Hit Rate (%)': orNull(summary.cachedPercent) }),
  ...(summary.conversations && {
    'Avg First-Turn TTFT (ms)': orNull(summary.conversations.meanFirstTtftMs),
    'Avg Subsequent-Turn TTFT (ms)': orNull(summary.conversations.meanLaterTtftMs),
  }),
  ...(showsSpeculation(summary)
    ? {
        'Avg Decoded Tok/Iter': orNull(summary.decodedTokensPerIteration),
        'Spec. Accept Rate': orNull(summary.specAcceptanceRate),
      }
    : {}),
})

const ownFigures = ({ summary }: RunResult): JsonObject => ({
  'Expected Requests': orNull(summary.expectedRequests),
  'Cut Off Requests': summary.cutOffRequests,
  'Resent Requests': summary.resentRequests,
  'Success Rate (%)': orNull(summary.successPercent),
  'Output Throughput To Last Success (tok/s)': orNull(summary.outputTokensPerSecToLastSuccess),
  'Avg Connect (ms)': orNull(summary.meanConnectMs),
  'Avg First Chunk (ms)': orNull(summary.meanFirstChunkMs),
  'Avg TTFAT (ms)': orNull(summary.meanTtfatMs),
  'Decode (tok/s)': orNull(decodeTokensPerSec(summary.meanTpotMs)),
  'Avg Chunks/Request': orNull(summary.meanChunks),
  // ITL is measured between chunks; this is the older name that says so.
  'Avg Chunk Gap (ms)': orNull(summary.meanItlMs),
  'Avg Tokens/Chunk': orNull(summary.meanTokensPerChunk),
  'Late First Token (%)': orNull(summary.lateFirstTokenPercent),
  'Coalesced Streams (%)': orNull(summary.coalescedPercent),
  'Token Sources': { ...summary.tokenSources },
})

/** Only where answers have no tokens. */
const promptFigures = ({ plan, summary, throughput }: RunResult): JsonObject =>
  hasOutputTokens(plan.task)
    ? {}
    : {
        'Input Throughput To Last Success (tok/s)': orNull(summary.inputTokensPerSecToLastSuccess),
        'Steady Input Throughput (tok/s)': orNull(throughput?.steady?.totalPrompt),
      }

/** Only where a tokenizer counted what the server did, too, and where a chat template adds something. */
const tokenFindings = ({ tokens }: RunResult): JsonObject => {
  const { input, output, template } = tokens ?? {}
  return {
    ...((input ?? output) !== undefined && {
      'Usage vs Tokenizer': { Input: comparisonOrNull(input), Output: comparisonOrNull(output) },
    }),
    ...(template !== undefined && {
      'Chat Template': {
        Requests: template.requests,
        'Avg Prompt Tokens': orNull(template.meanPromptTokens),
        'Avg Text Tokens': orNull(template.meanTextTokens),
      },
    }),
  }
}

const comparisonOrNull = (comparison: UsageComparison | undefined): JsonObject | null => {
  if (comparison === undefined) return null
  const { requests, meanUsage, meanTokenizer, differencePercent, constantDifference, worst } = comparison
  return {
    Requests: requests,
    'Avg Usage': orNull(meanUsage),
    'Avg Tokenizer': orNull(meanTokenizer),
    'Difference (%)': orNull(differencePercent),
    'Constant Difference': orNull(constantDifference),
    'Worst Request': worst ? { Id: worst.requestId, Usage: worst.usage, Tokenizer: worst.tokenizer } : null,
  }
}

/** Only where a conversation has several turns. */
const conversationFigures = ({ summary: { conversations } }: RunResult): JsonObject =>
  conversations === undefined
    ? {}
    : {
        'Expected Conversations': orNull(conversations.expected),
        Conversations: conversations.begun,
        'Abandoned Conversations': conversations.abandoned,
        'Cut Off Conversations': conversations.cutOff,
        'KV Cache Hit Rate (%) (estimated)': orNull(conversations.estimatedCachedPercent),
      }

/** Only where there are objectives. */
const goodputFigures = ({ summary: { goodput } }: RunResult): JsonObject =>
  goodput === undefined
    ? {}
    : {
        'Goodput (req/s)': orNull(goodput.requestsPerSec),
        'Goodput Rate (%)': orNull(goodput.percent),
        'Good Requests': goodput.goodRequests,
        'Goodput Objectives': goodput.objectives.map(({ figure, limitMs, missed, unmeasured }) => ({
          Figure: figure,
          'Limit (ms)': limitMs,
          Missed: missed,
          'Not Measured': unmeasured,
        })),
      }

/** Levels of `benchmark_percentile.json` that a series has too few samples for. */
const notCarried = ({ percentiles }: RunResult): JsonObject =>
  Object.fromEntries(
    [...uncarriedLevels(percentiles)].map(([series, levels]) => [seriesText[series].label, levels.map(levelText)]),
  )

/** What became of a load: its schedule, its steady part, how much was in flight. */
const loadFigures = ({ summary: { schedule, promptWaiting }, throughput, concurrency }: RunResult): JsonObject => ({
  'Drawn Rate (req/s)': orNull(schedule?.drawnRatePerSec),
  'Realised Rate (req/s)': orNull(schedule?.realisedRatePerSec),
  'Lateness (ms)': spreadOrNull(schedule?.latenessMs),
  'Never Sent Requests': orNull(schedule?.overdueRequests),
  'Slot Wait (ms)': spreadOrNull(schedule?.slotWaitMs),
  'Prompt Wait (ms)': promptWaiting
    ? { requests: promptWaiting.requests, total: orNull(promptWaiting.totalMs), max: orNull(promptWaiting.maxMs) }
    : null,
  'Avg Latency From Schedule (s)': orNull(toSeconds(schedule?.meanLatencyMs)),
  'Avg TTFT From Schedule (ms)': orNull(schedule?.meanTtftMs),
  'Steady Output Throughput (tok/s)': orNull(throughput?.steady?.completion),
  'Avg In Flight': orNull(concurrency?.mean),
  'Max In Flight': orNull(concurrency?.max),
})

const spreadOrNull = (spread: Spread | undefined): JsonObject | null =>
  spread === undefined ? null : { p50: orNull(spread.p50), p99: orNull(spread.p99), max: orNull(spread.max) }

const orNull = (value: number | undefined): number | null =>
  value === undefined || !Number.isFinite(value) ? null : roundHalfUp(value, 6)
