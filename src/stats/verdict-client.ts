import type { Accumulator } from './accumulator.ts'
import { decimalText } from './decimal.ts'
import type { Health, ThreadTotals } from './health.ts'
import { isCarried, judgedLevels } from './sample-rule.ts'
import type { Tally } from './tally.ts'
import type { Measure } from './verdict-facts.ts'

/** A self-delay below this is that of any read: to stamp and keep it takes 10 us, of ten at once the last 0.1 ms. */
const leastSelfDelayUs = 100

/** A figure that stamps make, and its p50. */
interface Falsified {
  readonly name: string
  readonly us: number
}

/** Self-delay at a percentile, in % of what it falsifies, of the thread and the chunks where that is worst. */
export const selfDelayPercent =
  (percent: 50 | 99): Measure =>
  ({ health, accumulator }) => {
    const [worst] = delaysIn(health, accumulator)
      .flatMap(({ delays, ...one }) => carriedAt(delays, percent).map(carried => ({ ...one, ...carried })))
      .filter(({ us }) => us >= leastSelfDelayUs)
      .map(one => ({ ...one, measured: (100 * one.us) / one.falsified.us }))
      .sort((a, b) => b.measured - a.measured)
    if (worst === undefined) return undefined
    const { who, what, us, level, measured, falsified } = worst
    return {
      measured,
      found: `${what} were ${msText(us)} ms late through this client's own work (p${level}${who}), ${shareText(measured, falsified)}`,
    }
  }

/** Self-delays of all threads together and of each, and the figure that they falsify. */
const delaysIn = (health: Health | undefined, accumulator: Accumulator) => {
  if (health === undefined) return []
  const { senders } = health
  const each = senders.map(([thread, totals]) => ({
    who: senders.length > 1 ? ` of worker thread ${thread}` : '',
    totals,
  }))
  const [beginning, pace] = [beginningOf(accumulator), paceOf(accumulator)]
  const ofFirst = beginning?.name === 'latency' ? 'stamps of answers' : 'stamps of first chunks'
  return [{ who: '', totals: health }, ...each].flatMap(({ who, totals }) => [
    ...(beginning ? [{ who, what: ofFirst, delays: totals.firstSelfDelayUs, falsified: beginning }] : []),
    ...(pace ? [{ who, what: 'stamps', delays: totals.laterSelfDelayUs, falsified: pace }] : []),
  ])
}

/** Time until requests were on sockets that were open already, in % of what it falsifies. */
export const writingPercent: Measure = ({ health, accumulator }) => {
  const falsified = beginningOf(accumulator)
  // Where a connection was opened, nobody knows which of the times are those of the network.
  if (health?.summary?.connectionsOpened !== 0 || falsified === undefined) return undefined
  const [written] = carriedAt(accumulator.connectUs, 50)
  if (written === undefined || written.us < leastSelfDelayUs) return undefined
  const measured = (100 * written.us) / falsified.us
  return {
    measured,
    found: `requests were written ${msText(written.us)} ms after they were sent (p50), ${shareText(measured, falsified)}, though all connections were open`,
  }
}

/** What the first stamp of an answer makes: TTFT or, where nothing streams, latency. */
const beginningOf = ({ ttftUs, latencyUs }: Accumulator): Falsified | undefined =>
  ttftUs.count > 0 ? falsifiedBy('TTFT', ttftUs.percentile(50)) : falsifiedBy('latency', latencyUs.percentile(50))

/**
 * What the stamps after it make. Gaps between chunks that shared a read are of no stamp's making; where a burst of
 * chunks comes in several writes, gaps within it are short, and what anybody reads from it is the time per token.
 */
const paceOf = ({ itlUs, tpotMs }: Accumulator): Falsified | undefined => {
  const [itl, tpot] = [medianAboveZero(itlUs), 1000 * (tpotMs.percentile(50) ?? 0)]
  return itl === undefined || itl >= tpot ? falsifiedBy('ITL', itl) : falsifiedBy('TPOT', tpot)
}

const falsifiedBy = (name: string, us: number | undefined): Falsified | undefined =>
  us === undefined || us === 0 ? undefined : { name, us }

/** Median of the values above 0; undefined where there are none. */
export const medianAboveZero = (us: Tally): number | undefined => {
  const above = us.countAbove(0)
  const rank = us.count - above + (above - 1) / 2
  return above === 0 ? undefined : us.percentile(us.count === 1 ? 100 : (100 * rank) / (us.count - 1))
}

/** The highest percentile up to `percent` that the samples carry; none above the median where the median is asked for. */
export const carriedAt = (us: Tally, percent: 50 | 99): readonly { readonly level: number; readonly us: number }[] => {
  const level = judgedLevels.find(
    candidate => candidate <= percent && (percent === 50 || candidate > 50) && isCarried(candidate, us.count),
  )
  const value = level === undefined ? undefined : us.percentile(level)
  return level === undefined || value === undefined ? [] : [{ level, us: value }]
}

/** Time without a core of the thread that sends and had to wait most. */
export const runQueuePercent: Measure = ({ health }) => {
  const worst = worstOf(health, ({ runQueue }) => runQueue.percent)
  if (worst === undefined) return undefined
  const { who, value } = worst
  return { measured: value, found: `${who} was ready to work and had no core ${decimalText(value, 1)}% of the time` }
}

/** Mean wait for a core, in % of what it falsifies, of the thread that sends and had the longest. */
export const coreWaitPercent: Measure = ({ health, accumulator }) => {
  const worst = worstOf(health, totals => totals.meanCoreWaitUs)
  const [falsified] = [beginningOf(accumulator), paceOf(accumulator)]
    .filter(one => one !== undefined)
    .sort((a, b) => a.us - b.us)
  if (worst === undefined || falsified === undefined || worst.value < leastSelfDelayUs) return undefined
  const measured = (100 * worst.value) / falsified.us
  return {
    measured,
    found: `${worst.who} waited ${msText(worst.value)} ms for a core on average, ${shareText(measured, falsified)}`,
  }
}

/** The highest figure of any thread that sends, and what to call that thread. */
const worstOf = (
  health: Health | undefined,
  figure: (totals: ThreadTotals) => number | undefined,
): { readonly who: string; readonly value: number } | undefined => {
  const { senders = [] } = health ?? {}
  const [worst] = senders
    .flatMap(([thread, totals]) => {
      const value = figure(totals)
      return value === undefined ? [] : [{ thread, value }]
    })
    .sort((a, b) => b.value - a.value)
  if (worst === undefined) return undefined
  const who = senders.length > 1 ? `worker thread ${worst.thread}` : 'the thread that sends'
  return { who, value: worst.value }
}

/** Periods in which a CPU quota stopped the process. */
export const throttledPercent: Measure = ({ health }) => {
  const measured = health?.summary?.throttledPercent
  if (measured === undefined) return undefined
  return { measured, found: `a CPU quota stopped this process in ${decimalText(measured, 1)}% of its periods` }
}

const shareText = (percent: number, { name, us }: Falsified): string =>
  `${decimalText(percent, 1)}% of the p50 of ${name}, ${msText(us)} ms`

const msText = (us: number): string => decimalText(us / 1000, 2)
