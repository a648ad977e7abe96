import { join } from 'node:path'
import { type ClockOrigin, clockOrigin } from '../../load/clock.ts'
import type { Rung } from '../../model/machine-floor.ts'
import { isCutOff, type RequestRecord } from '../../model/record.ts'
import type { Truth } from '../../server/truth-log.ts'
import { type ComparedStream, rungOf } from '../../stats/rung-figures.ts'
import { loadRung } from './rung-load.ts'
import { type RungTimes, rungPlan } from './rung-plan.ts'
import { askTruths } from './truths.ts'

/** Where rungs are measured. */
export interface RungPlace {
  /** Of the simulated server. */
  readonly url: string
  /** For databases: what is measured is all that a run does. */
  readonly directory: string
  readonly times: RungTimes
}

/** Streams that are compared at most: enough for the p99 of their first chunks; asking for one takes half a ms. */
const mostCompared = 1200

/** Runs so many streams and compares what came with what the server says it wrote. `name` is that of its database. */
export const measureRung = async (streams: number, name: string, place: RungPlace): Promise<Rung> => {
  const { url, times, directory } = place
  const plan = rungPlan(url, streams, times)
  const { records: all, startMs, cpuCores } = await loadRung(plan, join(directory, `${name}.db`))
  // Those that were cut off at the end are as good as never begun.
  const records = all.filter(record => !isCutOff(record))
  const failure = records.find(record => record.failure !== undefined)?.failure
  if (failure !== undefined) return { kind: 'failed', streams, reason: `${failure.kind}: ${failure.message}` }
  const origin = clockOrigin()
  const fromMs = origin.sharedMs + startMs + times.rampUpMs
  const toMs = fromMs + times.windowMs
  const countWithin = (timesMs: readonly number[]): number => timesMs.filter(ms => ms >= fromMs && ms < toMs).length
  const seen = records
    .map(record => seenStream(record, origin))
    .map(stream => ({ stream, chunks: countWithin(stream.arrivalsMs) }))
    .filter(({ chunks }) => chunks > 0)
  const some = evenly(seen, mostCompared).map(({ stream }) => stream)
  const requestIds = some.map(({ requestId }) => requestId)
  const truths = await askTruths(url, requestIds, plan.target)
  const compared = some.flatMap(stream => compare(stream, truths.get(stream.requestId)))
  const chunks = seen.reduce((sum, each) => sum + each.chunks, 0)
  return rungOf({ streams, fromMs, toMs, chunks, cpuCores, compared })
}

/** Our side of a stream. */
type SeenStream = Pick<ComparedStream, 'sentMs' | 'arrivalsMs'> & Pick<RequestRecord, 'requestId'>

/** From wall-clock time and durations to the machine's monotonic clock, which is the server's too. */
const seenStream = (record: RequestRecord, { sharedMs, epochMs }: ClockOrigin): SeenStream => {
  const { requestId, sentUs, ttftUs, gapsUs } = record
  const sentMs = sentUs / 1000 - epochMs + sharedMs
  const arrivalsMs: number[] = []
  let sinceSentUs = ttftUs
  for (const gapUs of [0, ...gapsUs]) {
    if (sinceSentUs === undefined) break
    sinceSentUs += gapUs
    arrivalsMs.push(sentMs + sinceSentUs / 1000)
  }
  return { requestId, sentMs, arrivalsMs }
}

/** Nothing where the two sides do not know the same chunks. */
const compare = (seen: SeenStream, truth: Truth | undefined): readonly ComparedStream[] =>
  truth === undefined || truth.writtenMs.length !== seen.arrivalsMs.length ? [] : [{ ...seen, ...truth }]

/** At most so many of all, evenly spread. */
const evenly = <T>(all: readonly T[], most: number): readonly T[] =>
  all.length <= most ? all : Array.from({ length: most }, (_, i) => all[Math.floor((i * all.length) / most)] as T)
