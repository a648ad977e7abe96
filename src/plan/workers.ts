import type { ArgumentValues } from '../arguments/arguments.ts'
import { inFlightLimit, type LoadShape } from '../model/run-plan.ts'
import type { SweepPoint } from './points.ts'

/** What decides how many threads a run has. */
type Point = Pick<SweepPoint, 'load' | 'number'>

/** Streams that one thread reads without being late: 500 of 50 chunks a second take most of a core. */
const streamsPerWorker = 500
/** How long an answer is taken to last where a rate, and not a cap, decides how many are under way. */
const expectedAnswerSec = 5

/**
 * Threads of a run: as many as asked for, but no more than requests can be in flight. With `auto` one, unless it would
 * saturate a core: then one for each 500 streams expected, as long as a core is left for the load loops.
 */
export const planWorkers = (values: ArgumentValues, point: Point, cores: number): number => {
  const { workers, debug } = values
  // The trace of --debug hears of what its own thread sends.
  if (debug) return 1
  return workers === 'auto' ? autoWorkers(point, cores) : Math.min(workers, mostInFlight(point))
}

/** Lines that say how many threads there will be, where that is not what was asked for or not plainly one. */
export const explainWorkers = (values: ArgumentValues, points: readonly Point[], cores: number): readonly string[] => {
  const asked = points.map(point => planWorkers({ ...values, debug: false }, point, cores))
  if (asked.every(count => count === 1) && !(Number(values.workers) > 1)) return []
  const list = [...new Set(asked)].join(' ')
  const threads = list === '1' ? '1 worker thread' : `${list} worker threads`
  if (values.debug && list !== '1') return [`--debug traces one thread only: 1 worker thread sends, not ${list}`]
  if (values.workers === 'auto') {
    return [`--workers auto: ${threads} (1 for each ${streamsPerWorker} streams expected, of ${cores} cores)`]
  }
  const fewest = Math.min(...asked)
  if (fewest === values.workers) return []
  return [`--workers ${values.workers}: ${threads}, no more than requests can be in flight`]
}

const autoWorkers = ({ load, number }: Point, cores: number): number => {
  const expected = Math.min(mostInFlight({ load, number }), streamsAtRate(load))
  return Math.max(1, Math.min(cores - 1, Math.ceil(expected / streamsPerWorker)))
}

const mostInFlight = ({ load, number }: Point): number =>
  Math.min(inFlightLimit(load), number ?? Number.POSITIVE_INFINITY)

const streamsAtRate = ({ kind, pacing }: LoadShape): number => {
  // How close together its records stand is not known here: more than one thread has to be asked for.
  if (kind === 'trace') return 1
  return pacing === undefined ? Number.POSITIVE_INFINITY : pacing.ratePerSec * expectedAnswerSec
}
