import type { RunResult } from '../../model/result.ts'
import { hasOutputTokens } from '../../model/run-plan.ts'
import type { LoadPicture } from './load-panels.ts'
import { loadAxisNames, loadAxisOf, loadPanelOf, loadPoints } from './load-points.ts'

/** The picture of a benchmark: time, throughput and latency against load. There is at least one run. */
export const performancePicture = (results: readonly RunResult[]): LoadPicture => {
  const [first] = results
  if (first === undefined) throw new RangeError('a picture needs a run')
  const { model, dataset, api, task } = first.plan
  const { durationSec, requestsPerSec, latencySec, outputTokensPerSec, inputTokensPerSec, p50Sec, p90Sec } = loadPanelOf
  const tokens = hasOutputTokens(task) ? outputTokensPerSec : inputTokensPerSec
  const runs = `${results.length} run${results.length === 1 ? '' : 's'}`
  const axis = loadAxisOf(results)
  return {
    title: model,
    subtitle: [`dataset ${dataset.prompt === undefined ? dataset.spec : '--prompt'}`, `API ${api}`, runs].join(' · '),
    loadName: loadAxisNames[axis],
    panels: [durationSec, requestsPerSec, latencySec, tokens, p50Sec, p90Sec],
    lines: [{ name: model, points: loadPoints(results, axis) }],
  }
}
