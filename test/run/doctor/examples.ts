import type { DoctorReport, Floor, Ladder, MeasuredRung, Rung } from '../../../src/model/machine-floor.ts'

const floor = (p50: number, p99: number, count: number): Floor => ({ p50, p99, count })

/** A load that held. */
export const heldRung = (streams: number, change: Partial<MeasuredRung> = {}): MeasuredRung => ({
  kind: 'measured',
  streams,
  chunksPerSec: 48.2 * streams,
  addedTtftMs: floor(0.31, 0.92, 60 * streams),
  addedItlMs: floor(0.05, 1.1, 70 * streams),
  ttftMs: 50.6,
  itlMs: 20,
  serverTtftMs: 50.1,
  cpuCores: streams / 1500,
  serverLatenessMs: floor(0.1, 0.41, 80 * streams),
  ...change,
})

export const distortedRung = (streams: number): MeasuredRung =>
  heldRung(streams, { addedItlMs: floor(1.4, 9.1, 40_000) })

export const serverRung = (streams: number): Rung => ({
  kind: 'server-limited',
  streams,
  serverLatenessMs: floor(1, 3.14, 80 * streams),
})

/** A report with these ladders. */
export const reportOf = (ladders: readonly Ladder[], change: Partial<DoctorReport> = {}): DoctorReport => ({
  examinedAt: '2026-11-22T10:00:00.000Z',
  isQuick: false,
  machine: {
    hostname: 'here',
    cpuModel: 'Some CPU with a name that is long enough for two lines @ 2.40GHz',
    cores: 2,
    cpuQuotaCores: 1.5,
    loadAverage: 0.3,
    openFiles: 1_048_576,
    openFilesInUse: 25,
    localPorts: { min: 32_768, max: 60_999 },
    closedPortReuse: 'loopback',
    versions: { evalscope: '0.1.0', node: 'v20.20.0', v8: '11.3', platform: 'linux x64', sqlite: 'better-sqlite3' },
  },
  timers: {
    clockGrainUs: 0.05,
    clockReadUs: 0.06,
    timerMs: floor(1.08, 1.4, 60),
    sleepLateMs: floor(0.01, 0.3, 60),
    loopTurnUs: floor(2.1, 7.5, 1000),
  },
  engine: { ttftMs: 50, itlMs: 20 },
  ladders,
  ...change,
})
