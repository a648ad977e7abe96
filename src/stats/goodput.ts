import type { GoodputSummary, Objective } from '../model/goodput.ts'
import { latencyUs, type RequestRecord } from '../model/record.ts'
import { decimalText } from './decimal.ts'
import { decodedTokens, perSecond, share, toMs, tpotMs, ttfatUs, ttftUs } from './metrics.ts'

/** Successes that do not meet an objective: beyond its limit, or without the figure. */
interface Misses {
  readonly objective: Objective
  missed: number
  unmeasured: number
}

/** Counts the successes that meet all objectives, and how often which one is missed. Adding two of them is merging. */
export class GoodCounts {
  readonly #misses: readonly Misses[]
  #good = 0

  constructor(objectives: readonly Objective[]) {
    this.#misses = objectives.map(objective => ({ objective, missed: 0, unmeasured: 0 }))
  }

  /** Takes a success. */
  add(record: RequestRecord): void {
    let isGood = true
    for (const misses of this.#misses) {
      const outcome = outcomeOf(record, misses.objective)
      if (outcome === 'met') continue
      misses[outcome]++
      isGood = false
    }
    if (isGood) this.#good++
  }

  /** Takes over what another one has counted by the same objectives. */
  merge(other: GoodCounts): void {
    this.#good += other.#good
    for (const [index, { missed, unmeasured }] of other.#misses.entries()) {
      const own = this.#misses[index]
      if (own === undefined) continue
      own.missed += missed
      own.unmeasured += unmeasured
    }
  }

  /** `ended` requests in `durationUs`, failures included: these meet nothing. */
  summarize(ended: number, durationUs: number | undefined): GoodputSummary {
    return {
      goodRequests: this.#good,
      requestsPerSec: perSecond(this.#good, durationUs),
      percent: share(this.#good, ended),
      objectives: this.#misses.map(({ objective, missed, unmeasured }) => ({ ...objective, missed, unmeasured })),
    }
  }
}

/** `TTFT ≤ 300 ms`, `latency ≤ 5 s`. */
export const objectiveText = ({ figure, limitMs }: Objective): string =>
  figure === 'latency' ? `latency ≤ ${decimalText(limitMs / 1000, 6)} s` : `${figure.toUpperCase()} ≤ ${limitMs} ms`

/** What is not measured is not met: nobody can say that it was. */
const outcomeOf = (record: RequestRecord, { figure, limitMs }: Objective): 'met' | 'missed' | 'unmeasured' => {
  // An answer of one token has nothing after it that could be slow.
  if (figure === 'tpot' && (decodedTokens(record) ?? 2) < 2) return 'met'
  const valueMs = measuredMs[figure](record)
  if (valueMs === undefined) return 'unmeasured'
  return valueMs <= limitMs ? 'met' : 'missed'
}

const measuredMs: Readonly<Record<Objective['figure'], (record: RequestRecord) => number | undefined>> = {
  latency: record => toMs(latencyUs(record)),
  ttft: record => toMs(ttftUs(record)),
  ttfat: record => toMs(ttfatUs(record)),
  tpot: tpotMs,
}
