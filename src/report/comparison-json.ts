import type {
  BenchmarkComparison,
  ComparedFacts,
  ComparedSide,
  Comparison,
  ComparisonRow,
  RunComparison,
} from '../model/comparison.ts'
import type { JsonObject } from '../model/json.ts'
import { plainJson } from '../plain-text.ts'
import { roundHalfUp } from '../stats/decimal.ts'
import { changeUnit, inMetricUnit, metricUnit } from './comparison-metrics.ts'
import { unlimitedParallel, unpacedRate } from './format.ts'
import { verdictJson } from './verdict-json.ts'

/** The document of `evalscope compare --json`, safe for a screen. */
export const comparisonJsonText = (comparison: Comparison): string =>
  `${plainJson(JSON.stringify(comparisonJson(comparison), null, 2))}\n`

const comparisonJson = ({ baseline, others, firstToken }: Comparison): JsonObject => ({
  baseline: factsJson(baseline),
  ttft_is: firstToken === 'output' ? 'first output' : 'first chunk',
  comparisons: others.map(benchmarkJson),
})

const factsJson = ({ path, name, model, isOriginal }: ComparedFacts): JsonObject => ({
  path,
  name,
  model,
  made_by: isOriginal ? 'evalscope (Python)' : 'evalscope for Node',
})

const benchmarkJson = ({ other, differences, runs, unpaired }: BenchmarkComparison): JsonObject => ({
  ...factsJson(other),
  differences: differences?.map(({ what, before, after }) => ({ what, baseline: before, value: after })) ?? null,
  unpaired,
  runs: runs.map(runJson),
})

const runJson = ({ load, baseline, other, rows, requestsNeeded }: RunComparison): JsonObject => ({
  kind: load.kind,
  concurrency: load.kind === 'closed' ? load.concurrency : unlimitedParallel,
  rate: load.pacing?.ratePerSec ?? unpacedRate,
  baseline: sideJson(baseline),
  value: sideJson(other),
  requests_needed: requestsNeeded ?? null,
  metrics: Object.fromEntries(rows.map(row => [row.metric, rowJson(row)])),
})

const sideJson = ({ name, requests, verdict }: ComparedSide): JsonObject => ({
  name,
  requests,
  verdict: verdict === undefined ? null : verdictJson(verdict),
})

const rowJson = ({ metric, baseline, value, change, interval, verdict }: ComparisonRow): JsonObject => ({
  unit: metricUnit(metric),
  baseline: rounded(inMetricUnit(metric, baseline)),
  value: rounded(inMetricUnit(metric, value)),
  change: rounded(change),
  change_unit: changeUnit(metric),
  interval: interval === undefined ? null : [rounded(interval.from), rounded(interval.to)],
  verdict,
})

/** Six decimals, as in all JSON; null for what does not exist. */
const rounded = (value: number | undefined): number | null =>
  value === undefined || !Number.isFinite(value) ? null : roundHalfUp(value, 6)
