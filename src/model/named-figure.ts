/** A figure of a run that gates, baselines and service levels call by its name. */
export interface NamedFigure {
  /** `p99_ttft`; spelt in one way, so that equal figures have equal names. */
  readonly name: string
  readonly unit: FigureUnit
  readonly better: 'lower' | 'higher'
  /** Above 0 and below 100; undefined for what is no percentile. */
  readonly level: number | undefined
}

/** Units of named figures. */
export type FigureUnit = 's' | 'ms' | '%' | 'req/s' | 'tok/s'

/** What a run has for a named figure. */
export interface FigureReading {
  /** In the unit of the figure; undefined where the run has no such figure. */
  readonly value: number | undefined
  /** Samples that it rests on: requests, but gaps of ITL. */
  readonly count: number
  /** Whether there is a value and, of a percentile, enough samples for it. */
  readonly isCarried: boolean
  /** Samples that a percentile takes; undefined for what is no percentile. */
  readonly neededSamples: number | undefined
}

/** The same with the figure that it is of. */
export interface NamedReading extends FigureReading {
  readonly figure: NamedFigure
}
