import type { RunResult } from '../../model/result.ts'
import { hasOutputTokens } from '../../model/run-plan.ts'
import { version } from '../../version.ts'
import { basicPairs } from '../basic-information.ts'
import { shownDefinitions } from '../definitions.ts'
import { bestConfiguration, byLoad, recommendations } from '../recommendations.ts'
import { unfinishedText } from '../unfinished.ts'
import { fitTexts } from './fit-texts.ts'
import { type LoadCurve, loadCurveOf } from './load-curve.ts'
import type { ReportedRun } from './reported-run.ts'
import { type SampleSizes, sampleSizes } from './request-sample.ts'
import { type RunAgain, runAgain } from './run-again.ts'
import { curveLevels } from './run-curves.ts'
import { type RunPage, runPage } from './run-page.ts'

/** What the page tells beside the runs. */
export interface PageContext {
  /** Where the benchmark stands. */
  readonly outputPath: string
  /** Runs that were to be made. */
  readonly plannedRuns: number
  /** Whether to say which run is best and what to do; yes by default. */
  readonly isAdvising?: boolean
}

/** All that the page shows: JSON, the same for the same records. */
export interface PageData {
  readonly version: string
  readonly model: string
  readonly api: string
  readonly dataset: string
  readonly url: string
  readonly isGenerating: boolean
  readonly startedAt: string | undefined
  readonly basic: readonly (readonly [name: string, value: string])[]
  readonly plannedRuns: number
  /** Of a benchmark that is not whole. */
  readonly unfinished: string | undefined
  readonly load: LoadCurve
  readonly isAdvising: boolean
  readonly best: readonly (readonly [name: string, value: string])[]
  readonly recommendations: readonly string[]
  readonly definitions: readonly (readonly [key: string, meaning: string])[]
  readonly again: RunAgain
  readonly curveLevels: readonly number[]
  readonly sampleSizes: SampleSizes
  /** Most bytes of each text. */
  readonly textBytes: number
  /** From the lowest to the highest load, as the points of `load`. */
  readonly runs: readonly RunPage[]
}

/** Folds the runs of a benchmark to what the page shows; memory stays small. There is at least one run. */
export const pageData = async (reported: readonly ReportedRun[], context: PageContext): Promise<PageData> => {
  const [first] = reported
  if (first === undefined) throw new RangeError('a page needs a run')
  const results = byLoad(reported.map(({ result }) => result))
  const sizes = sampleSizes(results.length)
  const pages: RunPage[] = []
  for (const result of results) pages.push(await runPage(runOf(reported, result), sizes))
  const { rows, textBytes } = fitTexts(pages.map(page => page.rows))
  const { plan } = first.result
  return {
    version: version(),
    model: plan.model,
    api: plan.api,
    dataset: plan.dataset.prompt === undefined ? plan.dataset.spec : '--prompt',
    url: plan.target.url,
    isGenerating: results.every(result => hasOutputTokens(result.plan.task)),
    startedAt: first.startedAt,
    basic: basicPairs(results, context.outputPath),
    plannedRuns: context.plannedRuns,
    unfinished: unfinishedText(results, context.plannedRuns),
    load: loadCurveOf(results),
    isAdvising: context.isAdvising ?? true,
    best: bestConfiguration(results),
    recommendations: recommendations(results),
    definitions: shownDefinitions(results),
    again: runAgain(first.arguments, context.outputPath),
    curveLevels,
    sampleSizes: sizes,
    textBytes,
    runs: pages.map((page, at) => ({ ...page, rows: rows[at] ?? [] })),
  }
}

const runOf = (reported: readonly ReportedRun[], result: RunResult): ReportedRun =>
  reported.find(run => run.result === result) as ReportedRun
