import type { RequestRecord } from '../../src/model/record.ts'
import type {
  PercentileTable,
  RunResult,
  RunSummary,
  SeriesName,
  TokenRates,
  WorkloadThroughput,
} from '../../src/model/result.ts'
import type { LoadShape, RunPlan } from '../../src/model/run-plan.ts'
import type { TokenFindings, UsageComparison } from '../../src/model/token-findings.ts'
import { Accumulator } from '../../src/stats/accumulator.ts'
import { makeResult, type ResultContext } from '../../src/stats/result.ts'
import { quietHealth } from '../stats/health-samples.ts'

/** A plan that asks a closed loop for `number` requests. */
export const planOf = (concurrency: number, number: number, spec = 'random'): RunPlan => ({
  name: `parallel_${concurrency}_number_${number}`,
  number,
  warmupNumber: 0,
  load: { kind: 'closed', concurrency },
  workers: 1,
  rampUpMs: 0,
  durationMs: undefined,
  graceMs: 30_000,
  seed: 1,
  task: 'generate',
  model: 'qwen2.5',
  api: 'openai',
  target: {
    url: 'http://127.0.0.1:8000/v1/chat/completions',
    headers: {},
    timeouts: { connectMs: 1000, readMs: 1000, totalMs: 1000 },
    keepAlive: true,
    verifyTls: true,
    secrets: [],
    proxyUrl: undefined,
  },
  request: { chosen: {}, defaults: {}, extraArgs: {}, queryTemplate: undefined },
  dataset: {
    spec,
    path: undefined,
    chat: true,
    offset: 0,
    minPromptLength: 0,
    maxPromptLength: 131072,
    prefixLength: 0,
    tokenizerPath: undefined,
    tokenizePrompt: false,
    args: {},
    minTurns: 1,
    maxTurns: undefined,
    images: { widthPx: 224, heightPx: 224, mode: 'RGB', count: 1, patchPx: 28 },
    prompt: undefined,
  },
  saveResponses: 'full',
})

/** The same against an API whose answers have no tokens. */
export const embeddingPlan = (concurrency: number, number: number): RunPlan => ({
  ...planOf(concurrency, number, 'embedding'),
  task: 'embed',
  model: 'bge-m3',
  api: 'openai_embedding',
})

/** A plan of 100 requests under this load; `overrides` changes single fields. */
export const loadPlan = (load: LoadShape, overrides: Partial<RunPlan> = {}): RunPlan => ({
  ...planOf(1, 100),
  load,
  ...overrides,
})

/** The result of a run with these records. */
export const resultOf = (
  plan: RunPlan,
  records: readonly RequestRecord[],
  context: ResultContext = { interrupted: false },
): RunResult => {
  const accumulator = new Accumulator(plan.objectives)
  for (const record of records) accumulator.write(record)
  return makeResult(plan, accumulator, { health: quietHealth(), ...context })
}

/** The notes of a run but for those on samples and waves, which every small run has. */
export const otherNotes = ({ notes }: RunResult): readonly string[] =>
  notes.filter(note => !/^(Percentiles marked \*|Few waves)/.test(note))

const emptySummary = resultOf(planOf(1, 0), []).summary

/** A result written by hand. */
export const handMade = (
  plan: RunPlan,
  summary: Partial<RunSummary>,
  percentiles: PercentileTable = { levels: [], rows: [] },
): RunResult => ({
  plan,
  summary: { ...emptySummary, ...summary },
  percentiles,
  quoted: percentiles,
  failures: [],
  speed: [],
  conversations: undefined,
  throughput: undefined,
  concurrency: undefined,
  timeline: undefined,
  tokens: undefined,
  verdict: { level: 'VALID', reasons: [], statement: undefined },
  health: undefined,
  datasetFailed: false,
  interrupted: false,
  notes: [],
})

const input: UsageComparison = {
  requests: 1000,
  meanUsage: 52,
  meanTokenizer: 31.04,
  differencePercent: 67.52577,
  constantDifference: undefined,
  worst: { requestId: '0321f248-14-1', usage: 35, tokenizer: 14 },
}
const output: UsageComparison = {
  requests: 998,
  meanUsage: 21,
  meanTokenizer: 21,
  differencePercent: 0,
  constantDifference: 0,
  worst: undefined,
}
/** What a tokenizer found of a server with prompts of its own. */
export const someFindings: TokenFindings = {
  input,
  output,
  template: { requests: 1000, meanPromptTokens: 31.04, meanTextTokens: 22.04 },
  countedPrompts: 0,
  estimatedPrompts: 0,
  partialPrompts: 0,
  uncounted: undefined,
}
const k14Percentiles = (factor: number, count: number): PercentileTable => {
  const row = (series: SeriesName, ...values: number[]) => ({ series, count, values })
  const doubled = (series: SeriesName, ...values: number[]) => row(series, ...values.map(value => value * factor))
  return {
    levels: [50, 99, 'max'],
    rows: [
      doubled('latency', 500, 910, 1000),
      doubled('ttft', 50, 99.995, 120.5),
      doubled('tpot', 4.4, 5.005, 6),
      row('inputTokens', 512, 600, 601),
      row('outputTokens', 100, 128, 128),
    ],
  }
}

/** Rates of a run without cached tokens; runs of 10 s are their own last 30 s. */
const k14Throughput = (samples: number, overall: TokenPair, steady: TokenPair): WorkloadThroughput => ({
  samples,
  wallMs: 10_000,
  overall: ratesOf(overall),
  last30s: ratesOf(overall),
  steady: ratesOf(steady),
  steadyWindow: { fromMs: 0, toMs: 9000 },
})

type TokenPair = readonly [prompt: number, completion: number]

const ratesOf = ([prompt, completion]: TokenPair): TokenRates => ({
  totalPrompt: prompt,
  newPrompt: prompt,
  cachedPrompt: 0,
  completion,
})

const k14Runs: readonly RunResult[] = [
  handMade(
    planOf(1, 20),
    {
      totalRequests: 20,
      succeededRequests: 20,
      successPercent: 100,
      requestsPerSec: 2,
      meanLatencyMs: 498.76,
      meanInputTokens: 512.5,
      outputTokensPerSec: 204.8123,
      meanTtftMs: 52.346,
      meanTpotMs: 4.385,
      meanOutputTokens: 102.4,
      durationMs: 10_000,
    },
    k14Percentiles(1, 20),
  ),
  handMade(
    planOf(10, 40),
    {
      totalRequests: 40,
      succeededRequests: 37,
      failedRequests: 3,
      successPercent: 92.5,
      requestsPerSec: 12.3456,
      meanLatencyMs: 1234.56,
      meanInputTokens: 512.5,
      outputTokensPerSec: 1264.19,
      meanTtftMs: 152.3,
      meanTpotMs: 10.6,
      meanOutputTokens: 102.4,
      durationMs: 10_000,
    },
    k14Percentiles(2, 37),
  ),
]

const k14Throughputs = [
  k14Throughput(20, [1025, 204.8123], [1100.56, 220.1]),
  k14Throughput(37, [6327.12, 1264.19], [6800.5, 1358.75]),
]

/** The two runs of K14; the throughput of the second is made up. */
export const k14Results: readonly RunResult[] = k14Runs.map((run, index) => ({
  ...run,
  throughput: k14Throughputs[index],
}))
