import { cpuGroups, readTextFile, type TextReader } from './cpu-quota.ts'

/** How often, and for how long, a CPU quota has stopped a group of processes. */
export interface Throttling {
  /** Periods of the quota; 0 where there is none. */
  readonly periods: number
  /** Those in which it stopped the group. */
  readonly count: number
  /** Summed over the cores on which it was stopped: more than there was time, with several. */
  readonly us: number
}

/** What one cgroup tells, since it was made. */
export interface GroupThrottling extends Throttling {
  readonly directory: string
}

/** What this process's cgroup and those above it tell; none where nobody does. */
export const readThrottling = (readText: TextReader = readTextFile): readonly GroupThrottling[] =>
  cpuGroups(readText).flatMap(({ version, directory }) => {
    const stat = readText(`${directory}/cpu.stat`) ?? ''
    const counted = (name: string): number => Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(stat)?.[1])
    const [periods, count] = [counted('nr_periods'), counted('nr_throttled')]
    const us = version === 2 ? counted('throttled_usec') : Math.round(counted('throttled_time') / 1000)
    return Number.isNaN(periods + count + us) ? [] : [{ directory, periods, count, us }]
  })

/** Of the groups told of both times, the one that was stopped in the most of its periods meanwhile. */
export const throttlingSince = (
  before: readonly GroupThrottling[],
  now: readonly GroupThrottling[],
): Throttling | undefined => {
  const meanwhile = now.flatMap(({ directory, periods, count, us }) => {
    const last = before.find(group => group.directory === directory)
    // Counts that sank are those of another group of the same name.
    if (last === undefined || periods < last.periods || count < last.count || us < last.us) return []
    return [{ periods: periods - last.periods, count: count - last.count, us: us - last.us }]
  })
  return meanwhile.toSorted((a, b) => shareOf(b) - shareOf(a) || b.us - a.us)[0]
}

const shareOf = ({ periods, count }: Throttling): number => (periods === 0 ? 0 : count / periods)
