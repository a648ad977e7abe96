import type { RunPlan } from '../model/run-plan.ts'
import { decimalText } from '../stats/decimal.ts'
import { formatFigure } from './format.ts'

/** How a load shows what it has no limit for: an open loop its concurrency, an unpaced one its rate. */
export const unlimited = '-'

/** What the columns `Conc.` and `Rate` of the sweep report show of a run, `none` standing for no limit. */
export const loadCells = (
  { load }: RunPlan,
  none: string = unlimited,
): readonly [concurrency: string, rate: string] => [
  load.kind === 'closed' ? formatFigure('count', load.concurrency) : none,
  load.pacing === undefined ? (load.kind === 'trace' ? 'trace' : none) : givenRateText(load.pacing.ratePerSec),
]

/** A requested rate as it was given: one request in five minutes must not read as 0. */
export const givenRateText = (ratePerSec: number): string => decimalText(ratePerSec, 6)
