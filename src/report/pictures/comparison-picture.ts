import type { ComparedCurve, ComparedFacts, ComparedMetric, ComparedPoint, Comparison } from '../../model/comparison.ts'
import type { LoadShape } from '../../model/run-plan.ts'
import { toSeconds } from '../format.ts'
import { givenRateText } from '../load-cells.ts'
import type { LoadPoint } from './load-axis.ts'
import type { LoadPicture } from './load-panels.ts'
import { type LoadAxis, loadAxisNames, loadPanelOf } from './load-points.ts'

/** Requests per second, latency, throughput and failed requests (%) over load, a line for each benchmark. */
export const comparisonPicture = ({ curves }: Comparison): LoadPicture => {
  const axis = axisOf(curves.flatMap(({ points }) => points.map(({ load }) => load)))
  const { requestsPerSec, latencySec, outputTokensPerSec, inputTokensPerSec } = loadPanelOf
  const has = (metric: ComparedMetric): boolean =>
    curves.some(({ points }) => points.some(({ values }) => values.has(metric)))
  // Where nothing succeeded there is neither.
  const hasOutput = has('tps') || !has('input_tps')
  const facts = curves.map(curve => curve.facts)
  return {
    title: 'Comparison',
    subtitle: [...new Set(facts.map(({ model }) => model))].join(' · '),
    loadName: loadAxisNames[axis],
    panels: [requestsPerSec, latencySec, hasOutput ? outputTokensPerSec : inputTokensPerSec, failedPercent],
    lines: curves.map(curve => ({
      name: lineName(curve, facts),
      points: curve.points.map(point => pointOf(point, axis)),
    })),
  }
}

/** Of runs that may have any number of requests. */
const failedPercent = { ...loadPanelOf.failed, title: 'Failed requests (%)' }

/** By its model where that tells it apart, as most who compare want to read; otherwise by its directory. */
const lineName = ({ facts }: ComparedCurve, all: readonly ComparedFacts[]): string => {
  const isToldByModel = new Set(all.map(({ model }) => model)).size === all.length
  return `${facts.letter}: ${isToldByModel ? facts.model : facts.name}`
}

const axisOf = (loads: readonly LoadShape[]): LoadAxis => {
  if (loads.every(({ kind }) => kind === 'trace')) return 'trace'
  if (loads.every(({ kind, pacing }) => kind === 'closed' && pacing === undefined)) return 'concurrency'
  return loads.every(({ kind }) => kind === 'open') ? 'rate' : 'both'
}

const pointOf = ({ load, values, failed, verdict }: ComparedPoint, axis: LoadAxis): LoadPoint => ({
  ...placeOf(load, axis),
  values: {
    requestsPerSec: values.get('rps'),
    latencySec: toSeconds(values.get('avg_latency')),
    outputTokensPerSec: values.get('tps'),
    inputTokensPerSec: values.get('input_tps'),
    [failedPercent.key]: failedPercentOf(values.get('success_rate')),
  },
  failed,
  // The original judges none of its runs.
  isDoubtful: verdict !== undefined && verdict.level !== 'VALID',
})

const failedPercentOf = (successPercent: number | undefined): number | undefined =>
  successPercent === undefined ? undefined : 100 - successPercent

const placeOf = (load: LoadShape, axis: LoadAxis): Pick<LoadPoint, 'load' | 'loadText'> => {
  const concurrency = load.kind === 'closed' ? load.concurrency : undefined
  const rate = load.pacing?.ratePerSec
  if (axis === 'concurrency') return { load: concurrency }
  if (axis === 'rate') return { load: rate }
  const rateText = rate === undefined ? 'no limit' : givenRateText(rate)
  return { load: concurrency, loadText: load.kind === 'trace' ? 'trace' : `${concurrency ?? 'no limit'} / ${rateText}` }
}
