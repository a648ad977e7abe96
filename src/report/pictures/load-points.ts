import type { RunResult } from '../../model/result.ts'
import { uncarriedLevels } from '../../stats/sample-rule.ts'
import { toSeconds } from '../format.ts'
import { loadCells } from '../load-cells.ts'
import { byLoad } from '../recommendations.ts'
import { percentileAt } from '../series.ts'
import type { LoadPoint } from './load-axis.ts'
import { failuresKey, type Panel } from './panel-series.ts'

/** What sets the loads of runs apart. */
export type LoadAxis = 'concurrency' | 'rate' | 'both' | 'trace'

/** How the axis of a picture is called. */
export const loadAxisNames: Readonly<Record<LoadAxis, string>> = {
  concurrency: 'Concurrency (requests in flight)',
  rate: 'Rate (requests per second)',
  both: 'Concurrency / rate (requests per second)',
  trace: 'Load',
}

/** What the runs differ in; of a single load, what it was asked to keep. */
export const loadAxisOf = (results: readonly RunResult[]): LoadAxis => {
  const cells = results.map(({ plan }) => loadCells(plan))
  const differs = (column: 0 | 1): boolean => new Set(cells.map(pair => pair[column])).size > 1
  if (results.every(({ plan }) => plan.load.kind === 'trace')) return 'trace'
  if (differs(0)) return differs(1) ? 'both' : 'concurrency'
  return differs(1) || results.every(({ plan }) => plan.load.kind !== 'closed') ? 'rate' : 'concurrency'
}

/** The panels that pictures have, by the keys of the values of `loadPoints`. */
export const loadPanelOf = {
  durationSec: { key: 'durationSec', title: 'Time used (s)' },
  requestsPerSec: { key: 'requestsPerSec', title: 'QPS (requests/s)' },
  latencySec: { key: 'latencySec', title: 'Mean latency (s)' },
  outputTokensPerSec: { key: 'outputTokensPerSec', title: 'Output throughput (tok/s)' },
  inputTokensPerSec: { key: 'inputTokensPerSec', title: 'Input throughput (tok/s)' },
  p50Sec: { key: 'p50Sec', title: 'p50 of latency (s)' },
  p90Sec: { key: 'p90Sec', title: 'p90 of latency (s)' },
  failed: { key: failuresKey, title: 'Failed requests' },
} as const satisfies Readonly<Record<string, Panel>>

/** The runs of a benchmark as points, from the lowest to the highest load. */
export const loadPoints = (results: readonly RunResult[], axis: LoadAxis = loadAxisOf(results)): readonly LoadPoint[] =>
  byLoad(results).map(result => pointOf(result, axis))

const pointOf = (result: RunResult, axis: LoadAxis): LoadPoint => {
  const { summary, quoted, verdict } = result
  const uncarried = uncarriedLevels(quoted).get('latency') ?? []
  return {
    ...placeOf(result, axis),
    values: {
      durationSec: toSeconds(summary.durationMs),
      requestsPerSec: summary.requestsPerSec,
      latencySec: toSeconds(summary.meanLatencyMs),
      outputTokensPerSec: summary.outputTokensPerSec,
      inputTokensPerSec: summary.inputTokensPerSec,
      p50Sec: percentileAt(quoted, 'latency', 50),
      p90Sec: percentileAt(quoted, 'latency', 90),
      failed: summary.failedRequests,
    },
    failed: summary.failedRequests,
    isDoubtful: verdict.level !== 'VALID',
    tooFewSamples: ([50, 90] as const).filter(level => uncarried.includes(level)).map(level => `p${level}Sec`),
  }
}

const placeOf = ({ plan }: RunResult, axis: LoadAxis): Pick<LoadPoint, 'load' | 'loadText'> => {
  const [concurrency, rate] = loadCells(plan, 'no limit')
  const inFlight = plan.load.kind === 'closed' ? plan.load.concurrency : undefined
  if (axis === 'concurrency') return { load: inFlight, loadText: concurrency }
  const perSec = plan.load.pacing?.ratePerSec
  return axis === 'both' ? { load: inFlight, loadText: `${concurrency} / ${rate}` } : { load: perSec, loadText: rate }
}
