import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { onTestFinished } from 'vitest'
import type { RequestRecord } from '../../src/model/record.ts'
import { loadBetterSqlite3 } from '../../src/store/better-sqlite3-driver.ts'
import type { DriverName } from '../../src/store/database.ts'
import { replay } from '../../src/store/replay.ts'

/** Optional, so absent where there is no compiler; what is about it alone is left out there. */
export const hasBetterSqlite3 = await loadBetterSqlite3().then(
  () => true,
  () => false,
)

/** The drivers that are installed. */
export const driverNames: readonly DriverName[] = hasBetterSqlite3
  ? ['better-sqlite3', 'node-sqlite3-wasm']
  : ['node-sqlite3-wasm']

/** A directory that is gone after the test. */
export const temporaryDirectory = (onFinished: typeof onTestFinished = onTestFinished): string => {
  const directory = mkdtempSync(join(tmpdir(), 'evalscope-store-'))
  onFinished(() => rmSync(directory, { recursive: true, force: true }))
  return directory
}

/** A streamed success of three chunks: TTFT 200 ms, latency 300 ms. */
export const exampleRecord: RequestRecord = {
  index: 0,
  phase: 'measured',
  requestId: 'request-0',
  conversationId: 'conversation-0',
  turn: 1,
  isLastTurn: true,
  body: '{"messages":[{"role":"user","content":"Größe 熵?"}]}',
  isStream: true,
  scheduledUs: 1_800_000_000_123_001,
  slotWaitUs: undefined,
  sentUs: 1_800_000_000_123_456,
  endUs: 1_800_000_000_423_456,
  connectUs: 250,
  firstChunkUs: 199_999,
  ttftUs: 200_000,
  ttfatUs: undefined,
  gapsUs: [20_001, 1, 1_500_000],
  chunkCount: 4,
  eventsPerReadMax: 2,
  inputTokens: 7,
  outputTokens: 5,
  cachedTokens: undefined,
  reasoningTokens: 0,
  tokenSource: 'usage',
  statusCode: 200,
  failure: undefined,
  wasResent: false,
  responseJson: '[{"choices":[]}]',
}

export const storedRecords = async (path: string, driver: DriverName): Promise<RequestRecord[]> => {
  const records: RequestRecord[] = []
  await replay(path, record => records.push(record), { driver })
  return records
}

const count = fc.nat({ max: 1_000_000 })
const durationUs = fc.nat({ max: 21_600_000_000 })
/** Around today: 1.8e15 µs. */
const epochUs = fc.integer({ min: 1_500_000_000_000_000, max: 4_000_000_000_000_000 })
const maybe = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(arbitrary, { nil: undefined })
const words = fc.string({ unit: 'binary' }).map(text => text.replace(/[\0\u{FEFF}]/gu, ''))
const json = fc.jsonValue().map(value => JSON.stringify(value))

const failure = fc.record(
  {
    kind: fc.constantFrom('connect' as const, 'timeout_idle' as const, 'http_5xx' as const, 'aborted' as const),
    message: words,
  },
  { noNullPrototype: true },
)

/** Any record that keeps to the type, whether or not an endpoint could cause it. */
export const anyRecord: fc.Arbitrary<RequestRecord> = fc.record(
  {
    index: count,
    phase: fc.constantFrom('warmup' as const, 'measured' as const),
    requestId: fc.uuid(),
    conversationId: words,
    turn: count,
    isLastTurn: fc.boolean(),
    body: json,
    isStream: fc.boolean(),
    scheduledUs: epochUs,
    slotWaitUs: maybe(durationUs),
    sentUs: epochUs,
    endUs: epochUs,
    connectUs: maybe(durationUs),
    firstChunkUs: maybe(durationUs),
    ttftUs: maybe(durationUs),
    ttfatUs: maybe(durationUs),
    gapsUs: fc.array(durationUs),
    chunkCount: count,
    eventsPerReadMax: count,
    inputTokens: maybe(count),
    outputTokens: maybe(count),
    cachedTokens: maybe(count),
    reasoningTokens: maybe(count),
    tokenSource: maybe(fc.constantFrom('usage' as const, 'tokenizer' as const, 'chunks' as const)),
    statusCode: maybe(fc.integer({ min: 100, max: 599 })),
    failure: maybe(failure),
    wasResent: fc.boolean(),
    responseJson: maybe(json),
  },
  { noNullPrototype: true },
)
