import type { HealthSample } from '../../../src/model/health.ts'
import type { RequestRecord } from '../../../src/model/record.ts'
import type { RunPlan } from '../../../src/model/run-plan.ts'
import type { ReportedRun } from '../../../src/report/html/reported-run.ts'
import { Accumulator } from '../../../src/stats/accumulator.ts'
import { makeResult } from '../../../src/stats/result.ts'
import { quietHealth, sampleOf } from '../../stats/health-samples.ts'
import { exampleRecord } from '../../store/records.ts'
import { planOf } from '../results.ts'

const startUs = exampleRecord.sentUs

/** Streams, a new one each 10 ms, with latencies from 100 ms to 1 s; every tenth fails. */
export const manyRecords = (count: number, overrides: Partial<RequestRecord> = {}): readonly RequestRecord[] =>
  Array.from({ length: count }, (_, index) => {
    const sentUs = startUs + index * 10_000
    const latencyUs = 100_000 + ((index * 7919) % 900) * 1000
    const failed = index % 10 === 3
    return {
      ...exampleRecord,
      index,
      requestId: `request-${index}`,
      conversationId: `conversation-${index}`,
      scheduledUs: sentUs,
      sentUs,
      endUs: sentUs + latencyUs,
      firstChunkUs: 40_000,
      ttftUs: 50_000 + (index % 50) * 1000,
      gapsUs: [10_000, 11_000, 12_000],
      ...(failed && {
        failure: { kind: index % 20 === 3 ? 'http_5xx' : 'timeout_idle', message: `no answer ${index}` },
        statusCode: index % 20 === 3 ? 500 : undefined,
        ttftUs: undefined,
      }),
      ...overrides,
    } satisfies RequestRecord
  })

const someHealth = (seconds: number): readonly HealthSample[] =>
  Array.from({ length: seconds }, (_, at) =>
    sampleOf({
      startUs: startUs + at * 1_000_000,
      cpuUs: 300_000,
      runQueueUs: 10_000,
      firstSelfDelays: [[80 + at, 10]],
    }),
  )

/** A run of these records, as if it had been read from its database. */
export const reportedOf = (
  records: readonly RequestRecord[],
  plan: RunPlan = planOf(4, records.length),
  overrides: Partial<ReportedRun> = {},
): ReportedRun => {
  const accumulator = new Accumulator()
  for (const record of records) accumulator.write(record)
  return {
    startedAt: '2027-01-15T08:00:00.000Z',
    arguments: { provenance: { given: { model: 'qwen2.5', parallel: [1, 4], api_key: '**********', stream: false } } },
    result: makeResult(plan, accumulator, { interrupted: false, health: quietHealth() }),
    async *times() {
      yield* records
    },
    async *records({ requestIds }) {
      const wanted = new Set(requestIds)
      for (const record of records) if (wanted.has(record.requestId)) yield record
    },
    async *health() {
      yield* someHealth(5)
    },
    ...overrides,
  }
}

/** A text that would run in many ways, were it taken for more than text. */
export const hostile = `</script><script>window.hacked = 1</script><img src=x onerror="window.hacked = 2"><!--<script>'"&amp;\u2028 熵`
