import type { FigureReading, FigureUnit, NamedFigure, NamedReading } from '../model/named-figure.ts'
import type { RunSummary } from '../model/result.ts'
import type { Accumulator } from './accumulator.ts'
import { isCarried, samplesNeeded } from './sample-rule.ts'

export type { FigureReading, FigureUnit, NamedFigure } from '../model/named-figure.ts'

/** The parts of a run that figures are read from. */
export interface FigureSource {
  readonly accumulator: Accumulator
  readonly summary: RunSummary
}

/** `p99_ttft`, `avg_latency`, `success_rate` …; undefined for what is no figure. */
export const parseFigureName = (text: string): NamedFigure | undefined => {
  const name = text.trim().toLowerCase()
  if (Object.hasOwn(wholeFigures, name)) {
    const { unit, better } = wholeFigures[name as WholeName]
    return { name, unit, better, level: undefined }
  }
  const { statistic, series } = partsOf(name)
  if (!Object.hasOwn(seriesFigures, series)) return undefined
  const { unit } = seriesFigures[series as SeriesName]
  if (isStatistic(statistic)) return { name, unit, better: 'lower', level: undefined }
  const level = levelOf(statistic)
  return level === undefined ? undefined : { name: `p${level}_${series}`, unit, better: 'lower', level }
}

/**
 * Names to choose from where one is misspelt. Where what stands before the first `_` is right, it is kept: `p97_tftt`
 * was meant to be `p97_ttft`.
 */
export const figureNamesLike = (text: string): readonly string[] => {
  const { statistic } = partsOf(text.trim().toLowerCase())
  const isRight = isStatistic(statistic) || levelOf(statistic) !== undefined
  const statistics = isRight ? [statistic] : ['avg', 'p50', 'p90', 'p95', 'p99', 'min', 'max']
  const ofSeries = statistics.flatMap(one => Object.keys(seriesFigures).map(series => `${one}_${series}`))
  return [...ofSeries, ...Object.keys(wholeFigures)]
}

/** What a run has for a figure that `parseFigureName` gave. */
export const readFigure = ({ name, level }: NamedFigure, { accumulator, summary }: FigureSource): FigureReading => {
  if (Object.hasOwn(wholeFigures, name)) {
    const value = wholeFigures[name as WholeName].read(summary)
    return { value, count: summary.totalRequests, isCarried: value !== undefined, neededSamples: undefined }
  }
  const { statistic, series } = partsOf(name)
  const { read, perUnit } = seriesFigures[series as SeriesName]
  const samples = read(accumulator)
  const { count } = samples
  const found = isStatistic(statistic) ? statistics[statistic](samples) : samples.percentile(level ?? 50)
  const value = found === undefined ? undefined : found / perUnit
  return {
    value,
    count,
    isCarried: value !== undefined && (level === undefined || isCarried(level, count)),
    neededSamples: level === undefined ? undefined : samplesNeeded(level),
  }
}

/** The same for several by their names, each once; those that are no figures are left out. */
export const readFigures = (names: readonly string[], source: FigureSource): readonly NamedReading[] =>
  [...new Set(names)].flatMap(name => {
    const figure = parseFigureName(name)
    return figure === undefined ? [] : [{ figure, ...readFigure(figure, source) }]
  })

interface Samples {
  readonly count: number
  readonly mean: number | undefined
  percentile(percent: number): number | undefined
}

const statistics = {
  avg: ({ mean }: Samples) => mean,
  min: (samples: Samples) => samples.percentile(0),
  max: (samples: Samples) => samples.percentile(100),
}

const isStatistic = (text: string): text is keyof typeof statistics => Object.hasOwn(statistics, text)

type SeriesName = 'latency' | 'ttft' | 'itl' | 'tpot' | 'ttfat' | 'first_chunk'

interface SeriesFigure {
  readonly unit: FigureUnit
  /** What the accumulator counts in, of what makes one of the unit. */
  readonly perUnit: number
  readonly read: (accumulator: Accumulator) => Samples
}

const seriesFigures: Readonly<Record<SeriesName, SeriesFigure>> = {
  latency: { unit: 's', perUnit: 1_000_000, read: ({ latencyUs }) => latencyUs },
  ttft: { unit: 'ms', perUnit: 1000, read: ({ ttftUs }) => ttftUs },
  itl: { unit: 'ms', perUnit: 1000, read: ({ itlUs }) => itlUs },
  tpot: { unit: 'ms', perUnit: 1, read: ({ tpotMs }) => tpotMs },
  ttfat: { unit: 'ms', perUnit: 1000, read: ({ ttfatUs }) => ttfatUs },
  first_chunk: { unit: 'ms', perUnit: 1000, read: ({ firstChunkUs }) => firstChunkUs },
}

type WholeName = 'success_rate' | 'rps' | 'tps' | 'total_tps' | 'goodput' | 'goodput_rate'

interface WholeFigure {
  readonly unit: FigureUnit
  readonly better: NamedFigure['better']
  readonly read: (summary: RunSummary) => number | undefined
}

/** Figures of a run as a whole, all the better the higher they are. */
const wholeFigures: Readonly<Record<WholeName, WholeFigure>> = {
  success_rate: { unit: '%', better: 'higher', read: ({ successPercent }) => successPercent },
  rps: { unit: 'req/s', better: 'higher', read: ({ requestsPerSec }) => requestsPerSec },
  tps: { unit: 'tok/s', better: 'higher', read: ({ outputTokensPerSec }) => outputTokensPerSec },
  total_tps: { unit: 'tok/s', better: 'higher', read: ({ totalTokensPerSec }) => totalTokensPerSec },
  goodput: { unit: 'req/s', better: 'higher', read: ({ goodput }) => goodput?.requestsPerSec },
  goodput_rate: { unit: '%', better: 'higher', read: ({ goodput }) => goodput?.percent },
}

/** `p99` and `first_chunk` of `p99_first_chunk`. */
const partsOf = (name: string): { readonly statistic: string; readonly series: string } => {
  const at = name.indexOf('_')
  return at < 0 ? { statistic: name, series: '' } : { statistic: name.slice(0, at), series: name.slice(at + 1) }
}

/** 99.9 of `p99.9`; few decimals, because no sample carries more. */
const levelOf = (statistic: string): number | undefined => {
  const digits = /^p(\d{1,2}(?:\.\d{1,6})?)$/.exec(statistic)?.[1]
  const level = Number(digits ?? 0)
  return level > 0 ? level : undefined
}
