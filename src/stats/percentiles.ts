import type { PercentileLevel, PercentileSeries, PercentileTable, SeriesName } from '../model/result.ts'
import { hasOutputTokens, hasSchedule, type RunPlan } from '../model/run-plan.ts'
import type { Accumulator } from './accumulator.ts'
import { toMs } from './metrics.ts'
import { lateFirstTokenPercent } from './summary.ts'
import type { Tally } from './tally.ts'
import { showsConnect, showsFirstChunk } from './worth-showing.ts'

/** Levels of the percentile table unless `--percentiles` names others. */
export const defaultLevels: readonly number[] = [1, 5, 10, 25, 50, 75, 90, 95, 99]

/** Levels that the sweep report and the plots quote, whatever the user chose for the table. */
export const quotedLevels: readonly number[] = [50, 90, 99]

/**
 * The percentile table: all chosen levels (0 < level < 100) ascending, between min and max. First chunk and TTFAT have
 * a row only when they differ from TTFT; what is counted from a schedule has one where the load has a schedule. Where
 * answers have no tokens, only whole requests and their prompts have rows.
 */
export const percentileTable = (
  accumulator: Accumulator,
  plan: Pick<RunPlan, 'load' | 'task'>,
  chosen: readonly number[] = defaultLevels,
): PercentileTable => {
  const inner = [...new Set(chosen)].sort((a, b) => a - b)
  const levels: readonly PercentileLevel[] = ['min', ...inner, 'max']
  return { levels, rows: seriesOf(accumulator, plan).map(series => rowOf(series, [0, ...inner, 100])) }
}

interface Distribution {
  readonly count: number
  percentile(percent: number): number | undefined
}

type Series = readonly [name: SeriesName, values: Distribution]

const rowOf = ([series, values]: Series, percents: readonly number[]): PercentileSeries => ({
  series,
  count: values.count,
  values: percents.map(percent => values.percentile(percent)),
})

const seriesOf = (accumulator: Accumulator, { load, task }: Pick<RunPlan, 'load' | 'task'>): readonly Series[] => {
  const isPaced = hasSchedule(load)
  return [
    ['latency', inMs(accumulator.latencyUs)],
    ...optional(isPaced, ['scheduledLatency', inMs(accumulator.scheduledLatencyUs)]),
    ...(hasOutputTokens(task) ? tokenSeries(accumulator, isPaced) : promptSeries(accumulator)),
    ...optional(showsConnect(load, accumulator.connectUs.percentile(99)), ['connect', inMs(accumulator.connectUs)]),
    ...optional(isPaced && load.kind === 'closed', ['slotWait', inMs(accumulator.slotWaitUs)]),
    ...optional(isPaced, ['lateness', inMs(accumulator.latenessUs)]),
  ]
}

const tokenSeries = (accumulator: Accumulator, isPaced: boolean): readonly Series[] => [
  ...optional(showsFirstChunk(lateFirstTokenPercent(accumulator)), ['firstChunk', inMs(accumulator.firstChunkUs)]),
  ['ttft', inMs(accumulator.ttftUs)],
  ...optional(isPaced, ['scheduledTtft', inMs(accumulator.scheduledTtftUs)]),
  ...optional(accumulator.totals.reasonedFirst > 0, ['ttfat', inMs(accumulator.ttfatUs)]),
  ['itl', inMs(accumulator.itlUs)],
  ['tpot', accumulator.tpotMs],
  ['inputTokens', accumulator.inputTokens],
  ['outputTokens', accumulator.outputTokens],
  ['outputRate', accumulator.outputRate],
  ['totalRate', accumulator.totalRate],
  ['decodeRate', accumulator.decodeRate],
]

const promptSeries = ({ inputTokens, inputRate }: Accumulator): readonly Series[] => [
  ['inputTokens', inputTokens],
  ['inputRate', inputRate],
]

const inMs = (tally: Tally): Distribution => ({
  count: tally.count,
  percentile: percent => toMs(tally.percentile(percent)),
})

const optional = (isShown: boolean, series: Series): readonly Series[] => (isShown ? [series] : [])
