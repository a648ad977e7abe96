import type { HealthSample } from '../../src/model/health.ts'
import { Health } from '../../src/stats/health.ts'

/** A second of thread 1 in which nothing happened; `overrides` changes single fields. */
export const sampleOf = (overrides: Partial<HealthSample> = {}): HealthSample => ({
  thread: 1,
  startUs: 1_800_000_000_000_000,
  durationUs: 1_000_000,
  cpuUs: 0,
  runQueueUs: 0,
  coresGiven: 0,
  gcCount: 0,
  gcUs: 0,
  gcMaxUs: 0,
  reads: 0,
  chunks: [...(overrides.firstSelfDelays ?? []), ...(overrides.laterSelfDelays ?? [])].reduce(
    (sum, [, count]) => sum + count,
    0,
  ),
  firstSelfDelays: [],
  laterSelfDelays: [],
  connectionsOpened: 0,
  openFiles: undefined,
  quotaPeriods: undefined,
  throttledCount: undefined,
  throttledUs: undefined,
  ...overrides,
})

/** What a client that nothing disturbs observes of itself. */
export const quietHealth = (): Health => {
  const health = new Health()
  health.add(sampleOf())
  return health
}
