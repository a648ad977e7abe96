import type { RunPlan } from '../model/run-plan.ts'
import { decimalText } from '../stats/decimal.ts'
import { formatFigure } from './format.ts'

/** How a load shows what it has no limit for: an open loop its concurrency, an unpaced one its rate. */
export const unlimited = '-'

/** What the columns `Conc.` and `Rate` of the sweep report show of a run. */
export const loadCells = ({ load }: RunPlan): readonly [concurrency: string, rate: string] => [
  load.kind === 'closed' ? formatFigure('count', load.concurrency) : unlimited,
  load.pacing === undefined ? (load.kind === 'trace' ? 'trace' : unlimited) : givenRateText(load.pacing.ratePerSec),
]

/** A requested rate as it was given: one request in five minutes must not read as 0. */
export const givenRateText = (ratePerSec: number): string => decimalText(ratePerSec, 6)
