import type { HealthSample } from '../../src/model/health.ts'

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
  chunks: (overrides.selfDelays ?? []).reduce((sum, [, count]) => sum + count, 0),
  selfDelays: [],
  connectionsOpened: 0,
  openFiles: undefined,
  throttledCount: undefined,
  throttledUs: undefined,
  ...overrides,
})
