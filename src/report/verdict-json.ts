import type { HealthSummary, SelfDelay, ThreadHealth } from '../model/health.ts'
import type { JsonObject } from '../model/json.ts'
import type { Verdict } from '../model/verdict.ts'
import { roundHalfUp } from '../stats/decimal.ts'

/** The verdict as files and table `run` have it. */
export const verdictJson = ({ level, reasons, statement }: Verdict): JsonObject => ({
  verdict: level ?? null,
  statement: statement ?? null,
  reasons: reasons.map(({ name, level, measured, bound, unit, message }) => ({
    name,
    level,
    measured: orNull(measured),
    bound: orNull(bound),
    unit,
    message,
  })),
})

/** What the client observed of itself; null where it did not. */
export const healthJson = (health: HealthSummary | undefined): JsonObject | null =>
  health === undefined
    ? null
    : {
        'Self-Delay (ms)': selfDelayJson(health.selfDelayMs),
        'First-Chunk Self-Delay (ms)': selfDelayJson(health.firstSelfDelayMs),
        'Reads/Chunk': orNull(health.readsPerChunk),
        'GC Pauses': health.gcCount,
        'GC Time (ms)': orNull(health.gcMs),
        'Longest GC Pause (ms)': orNull(health.gcMaxMs),
        'Connections Opened': health.connectionsOpened,
        'Open Files': orNull(health.openFiles),
        'Throttled Periods (%)': orNull(health.throttledPercent),
        Threads: health.threads.map(threadJson),
      }

const threadJson = (health: ThreadHealth): JsonObject => ({
  Thread: health.thread,
  'Self-Delay (ms)': selfDelayJson(health.selfDelayMs),
  'First-Chunk Self-Delay (ms)': selfDelayJson(health.firstSelfDelayMs),
  'CPU (%)': orNull(health.cpuPercent),
  'Waited for a Core (%)': orNull(health.runQueuePercent),
  'Avg Wait for a Core (ms)': orNull(health.meanCoreWaitMs),
})

const selfDelayJson = ({ p50, p99 }: SelfDelay): JsonObject => ({ p50: orNull(p50), p99: orNull(p99) })

const orNull = (value: number | undefined): number | null => (value === undefined ? null : roundHalfUp(value, 6))
