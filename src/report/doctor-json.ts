import type { JsonObject } from '../model/json.ts'
import {
  type DoctorReport,
  doctorFormat,
  type Floor,
  type Ladder,
  type MachineFacts,
  type Rung,
  type TimerFigures,
} from '../model/machine-floor.ts'
import { roundHalfUp } from '../stats/decimal.ts'
import { hasHeld } from '../stats/rung-figures.ts'
import { doctorConclusions } from './doctor-conclusions.ts'

/** The document of `evalscope doctor --json`, which is also what is kept. */
export const doctorJson = (report: DoctorReport): JsonObject => {
  const { examinedAt, isQuick, machine, timers, engine, ladders } = report
  return {
    format: doctorFormat,
    examined_at: examinedAt,
    quick: isQuick,
    machine: machineJson(machine),
    versions: { ...machine.versions },
    timers: timersJson(timers),
    engine: { ttft_ms: engine.ttftMs, itl_ms: engine.itlMs },
    ladders: ladders.map(ladderJson),
    conclusions: [...doctorConclusions(report)],
  }
}

const machineJson = (machine: MachineFacts): JsonObject => ({
  hostname: machine.hostname,
  cpu: machine.cpuModel,
  cores: machine.cores,
  cpu_quota_cores: machine.cpuQuotaCores ?? null,
  load_average: rounded(machine.loadAverage),
  open_files: machine.openFiles ?? null,
  open_files_in_use: machine.openFilesInUse ?? null,
  local_ports: machine.localPorts === undefined ? null : { ...machine.localPorts },
  closed_port_reuse: machine.closedPortReuse ?? null,
})

const timersJson = (timers: TimerFigures): JsonObject => ({
  clock_grain_us: rounded(timers.clockGrainUs),
  clock_read_us: rounded(timers.clockReadUs),
  timer_of_1_ms: floorJson(timers.timerMs),
  sleep_late_ms: floorJson(timers.sleepLateMs),
  loop_turn_us: floorJson(timers.loopTurnUs),
})

const ladderJson = ({ beat, rungs, end }: Ladder): JsonObject => ({ beat, end, rungs: rungs.map(rungJson) })

/** Where the server was the limit there is no key that could hold a figure of the client. */
const rungJson = (rung: Rung): JsonObject => {
  const { streams } = rung
  if (rung.kind === 'failed') return { streams, result: 'failed', reason: rung.reason }
  const server = { server_lateness_p99_ms: rounded(rung.serverLatenessMs.p99) }
  if (rung.kind === 'server-limited') return { streams, result: 'server was the limit', ...server }
  return {
    streams,
    result: hasHeld(rung) ? 'held' : 'distorted',
    chunks_per_sec: Math.round(rung.chunksPerSec),
    added_ttft_ms: floorJson(rung.addedTtftMs),
    added_itl_ms: floorJson(rung.addedItlMs),
    ttft_p50_ms: rounded(rung.ttftMs),
    itl_p50_ms: rounded(rung.itlMs),
    server_ttft_p50_ms: rounded(rung.serverTtftMs),
    cpu_cores: rounded(rung.cpuCores),
    ...server,
  }
}

const floorJson = ({ p50, p99, count }: Floor): JsonObject => ({ p50: rounded(p50), p99: rounded(p99), samples: count })

const rounded = (value: number): number => roundHalfUp(value, 3)
