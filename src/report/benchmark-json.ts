import type { JsonObject } from '../model/json.ts'
import type { RunResult } from '../model/result.ts'
import { plainJson } from '../plain-text.ts'
import { gateOutcome } from '../stats/gates.ts'
import type { SlaOutcome } from '../stats/sla/outcome.ts'
import { definitionsJson } from './definitions.ts'
import { gateJson } from './gate-json.ts'
import { percentileJson, summaryJson } from './json.ts'
import { slaSearchJson } from './sla/sla-json.ts'
import { traceSummaryJson } from './trace-json.ts'

/** What the document tells beside the runs. */
export interface BenchmarkJsonContext {
  readonly outputPath: string
  readonly interrupted: boolean
  /** With what each figure means. */
  readonly definitions: boolean
  /** Undefined where nothing was searched. */
  readonly sla?: SlaOutcome | undefined
}

/** The document of `--json`, safe for a screen: every run under its name, with the keys of the result files. */
export const benchmarkJsonText = (results: readonly RunResult[], context: BenchmarkJsonContext): string =>
  `${plainJson(JSON.stringify(benchmarkJson(results, context), null, 2))}\n`

const benchmarkJson = (results: readonly RunResult[], context: BenchmarkJsonContext): JsonObject => ({
  output_path: context.outputPath,
  interrupted: context.interrupted,
  runs: Object.fromEntries(results.map(result => [result.plan.name, runJson(result)])),
  ...gatesOf(results),
  ...(context.sla ? { search: slaSearchJson(context.sla) } : {}),
  ...(context.definitions ? { definitions: definitionsJson() } : {}),
})

const gatesOf = (results: readonly RunResult[]): JsonObject => {
  const gates = gateOutcome(results)
  return gates === undefined ? {} : { gates: gateJson(gates) }
}

const runJson = (result: RunResult): JsonObject => {
  const traces = traceSummaryJson(result)
  const figures = { metrics: summaryJson(result), percentiles: percentileJson(result) }
  return traces === undefined ? figures : { ...figures, trace_summary: traces }
}
