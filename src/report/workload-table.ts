import type { RunResult, TokenRates } from '../model/result.ts'
import { hasOutputTokens } from '../model/run-plan.ts'
import { steadyLevel } from '../stats/steady-window.ts'
import { formatFigure, formatWithUnit, toSeconds } from './format.ts'
import { loadCells } from './load-cells.ts'
import { boxTable, heavyTable } from './table.ts'
import { namedRates } from './workload-json.ts'

const head = ['Metric (tok/s)', 'Overall', 'Last 30s', 'Steady']

/**
 * Token throughput of one run over parts of its time, where it was steady, and how many requests were in flight;
 * undefined without a success.
 */
export const workloadText = (result: RunResult): string | undefined => {
  const { throughput } = result
  if (throughput === undefined) return undefined
  const rows = shownRates([result]).map(([rate, name]) => [name, ...rateCells(result, rate)])
  return [
    `Workload throughput (${throughput.samples} samples):`,
    boxTable({ head, rows }),
    steadyLine(result),
    ...inFlightLines(result),
  ].join('\n')
}

/** One block per run, one line per rate that any of the runs has; undefined when no run has a success. */
export const workloadTable = (results: readonly RunResult[], columns?: number): string | undefined => {
  if (results.every(({ throughput }) => throughput === undefined)) return undefined
  const shown = shownRates(results)
  return heavyTable({
    title: 'Workload Throughput',
    head: ['Conc.', 'Rate', ...head],
    aligns: ['right', 'right', 'left', 'right', 'right', 'right'],
    blocks: results.map(result =>
      shown.map(([rate, name], index) => [
        ...(index === 0 ? loadCells(result.plan) : ['', '']),
        name,
        ...rateCells(result, rate),
      ]),
    ),
    keys: 3,
    columns,
  })
}

/** What answers or, where these have no tokens, prompts came to always; the others when any of the runs counted some. */
const shownRates = (results: readonly RunResult[]) => {
  const { task = 'generate' } = results[0]?.plan ?? {}
  const main = hasOutputTokens(task) ? 'completion' : 'totalPrompt'
  return namedRates(task).filter(
    ([rate]) => rate === main || results.some(({ throughput }) => throughput?.overall[rate] !== undefined),
  )
}

const rateCells = ({ throughput }: RunResult, rate: keyof TokenRates): readonly string[] =>
  [throughput?.overall, throughput?.last30s, throughput?.steady].map(rates => formatFigure('rate', rates?.[rate]))

const steadyLine = ({ plan, summary, throughput, concurrency }: RunResult): string => {
  const steady = throughput?.steadyWindow
  if (steady !== undefined) return `Steady from ${seconds(steady.fromMs)} to ${seconds(steady.toMs)}.`
  const level = steadyLevel(plan)
  if (level !== undefined && concurrency !== undefined && concurrency.max < level) {
    return `No steady window: there never were ${level} requests in flight.`
  }
  const { meanLatencyMs = 0 } = summary
  return `No steady window: it would be shorter than two mean latencies (${seconds(2 * meanLatencyMs)}).`
}

const inFlightLines = ({ concurrency }: RunResult): readonly string[] => {
  if (concurrency === undefined) return []
  const { gauge } = concurrency
  const byGauge = gauge === undefined ? '' : ` (by the load loop's own gauge: ${meanAndMax(gauge)})`
  return [`In flight: ${meanAndMax(concurrency)}${byGauge}`]
}

const meanAndMax = ({ mean, max }: { readonly mean: number; readonly max: number }): string =>
  `mean ${formatFigure('rate', mean)}, max ${formatFigure('count', max)}`

const seconds = (ms: number): string => formatWithUnit('durationSeconds', toSeconds(ms), 's')
