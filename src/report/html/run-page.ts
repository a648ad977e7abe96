import type { RunResult } from '../../model/result.ts'
import { isCarried } from '../../stats/sample-rule.ts'
import { formatFigure } from '../format.ts'
import { runLabel } from '../recommendations.ts'
import { inShownUnit, levelText, seriesText } from '../series.ts'
import { type SummaryGroup, summaryGroups } from '../summary-table.ts'
import { traceText, traceValue } from '../trace-json.ts'
import { HealthFold, type HealthTimeline } from './health-timeline.ts'
import type { ReportedRun } from './reported-run.ts'
import { type RequestRow, requestRows } from './request-rows.ts'
import { RequestSample, type SampleSizes } from './request-sample.ts'
import { type Curve, type CurveName, RunCurves } from './run-curves.ts'
import { type RunTimeline, TimelineFold } from './run-timeline.ts'

/** A table of figures, as text. */
export interface FigureTable {
  readonly head: readonly string[]
  readonly rows: readonly FigureRow[]
}

/** One line of a table; `weak` are the places of what rests on too few samples. */
export interface FigureRow {
  readonly label: string
  readonly cells: readonly string[]
  readonly weak: readonly number[]
}

/** One run on the page. */
export interface RunPage {
  readonly name: string
  readonly label: string
  readonly result: Pick<RunResult, 'verdict' | 'gates' | 'failures' | 'speed' | 'notes'>
  readonly counts: Readonly<Record<'total' | 'succeeded' | 'failed' | 'cutOff', number>>
  readonly summary: readonly SummaryGroup[]
  readonly percentiles: FigureTable
  readonly conversations: FigureTable | undefined
  readonly curves: Partial<Readonly<Record<CurveName, Curve>>>
  readonly timeline: RunTimeline | undefined
  readonly health: HealthTimeline | undefined
  readonly rows: readonly RequestRow[]
}

/** Folds all requests of a run, in one pass, and reads those that are shown one by one in another. */
export const runPage = async (run: ReportedRun, sizes: SampleSizes): Promise<RunPage> => {
  const { result } = run
  const { plan, summary, timeline, verdict, gates, failures, speed, notes } = result
  const [sample, curves] = [new RequestSample(plan.seed, sizes), new RunCurves()]
  const steps = timeline && new TimelineFold(timeline, result)
  for await (const times of run.times()) {
    sample.add(times)
    curves.add(times)
    steps?.add(times)
  }
  return {
    name: plan.name,
    label: runLabel(plan),
    result: { verdict, gates, failures, speed, notes },
    counts: {
      total: summary.totalRequests,
      succeeded: summary.succeededRequests,
      failed: summary.failedRequests,
      cutOff: summary.cutOffRequests,
    },
    summary: summaryGroups(result),
    percentiles: percentileFigures(result),
    conversations: conversationFigures(result),
    curves: curves.curves(),
    timeline: steps?.steps(),
    health: await healthOf(run),
    rows: await requestRows(run, sample.requestIds(), timeline?.startUs ?? 0),
  }
}

const healthOf = async (run: ReportedRun): Promise<HealthTimeline | undefined> => {
  const { timeline } = run.result
  if (timeline === undefined) return undefined
  const fold = new HealthFold(timeline.startUs, timeline.points.at(-1)?.tMs ?? 0)
  for await (const sample of run.health()) fold.add(sample)
  return fold.steps()
}

const percentileFigures = ({ percentiles: { levels, rows } }: RunResult): FigureTable => ({
  head: levels.map(levelText),
  rows: rows.map(({ series, count, values }) => ({
    label: seriesText[series].label,
    cells: values.map(value => formatFigure(seriesText[series].kind, inShownUnit(series, value))),
    weak: levels.flatMap((level, at) => (isCarried(level, count) ? [] : [at])),
  })),
})

const conversationFigures = ({ conversations }: RunResult): FigureTable | undefined => {
  if (conversations === undefined) return undefined
  const head = ['mean', 'min', 'p50', 'p90', 'p95', 'p99', 'max'] as const
  const rows = conversations.rows
    .filter(({ mean }) => mean !== undefined)
    .map(row => ({
      label: traceText[row.figure].label,
      cells: head.map(name => formatFigure(traceText[row.figure].kind, traceValue(row, name))),
      weak: [],
    }))
  return { head, rows }
}
