import type { HealthSample } from '../model/health.ts'
import {
  type FailureKind,
  type RequestRecord,
  type RequestTimes,
  type TokenSource,
  timesFields,
} from '../model/record.ts'

/** The tables are exact up to the year 2100; later times, like negative ones, are of nobody's clock. */
const latestUs = 4_102_444_800_000_000

type Check = (value: unknown) => boolean

const isCount: Check = value => Number.isSafeInteger(value) && (value as number) >= 0
const isTime: Check = value => isCount(value) && (value as number) <= latestUs
const isText: Check = value => typeof value === 'string'
const isFlag: Check = value => typeof value === 'boolean'
const orNothing =
  (check: Check): Check =>
  value =>
    value === undefined || check(value)

const failureKinds: Readonly<Record<FailureKind, true>> = {
  connect: true,
  tls: true,
  timeout_connect: true,
  timeout_first_byte: true,
  timeout_idle: true,
  timeout_total: true,
  http_3xx: true,
  http_4xx: true,
  http_429: true,
  http_5xx: true,
  inband_error: true,
  empty: true,
  truncated: true,
  protocol: true,
  aborted: true,
}
const tokenSources: Readonly<Record<TokenSource, true>> = { usage: true, tokenizer: true, chunks: true }

const isFailure: Check = value => {
  const { kind, message } = value as NonNullable<RequestRecord['failure']>
  return Object.hasOwn(failureKinds, kind) && isText(message)
}

/** A self-delay, and how often it was met in a second. */
const isPair: Check = value =>
  Array.isArray(value) && value.length === 2 && value.every(isTime) && (value[1] as number) < 2 ** 32

const recordChecks: Readonly<Record<Exclude<keyof RequestRecord, 'phase'>, Check>> = {
  index: isCount,
  requestId: isText,
  conversationId: isText,
  turn: isCount,
  isLastTurn: isFlag,
  body: orNothing(isText),
  isStream: isFlag,
  scheduledUs: isTime,
  slotWaitUs: orNothing(isTime),
  sentUs: isTime,
  endUs: isTime,
  connectUs: orNothing(isTime),
  firstChunkUs: orNothing(isTime),
  ttftUs: orNothing(isTime),
  ttfatUs: orNothing(isTime),
  gapsUs: value => Array.isArray(value) && value.every(isTime),
  chunkCount: isCount,
  eventsPerReadMax: isCount,
  inputTokens: orNothing(isCount),
  outputTokens: orNothing(isCount),
  cachedTokens: orNothing(isCount),
  reasoningTokens: orNothing(isCount),
  tokenSource: orNothing(value => Object.hasOwn(tokenSources, value as string)),
  statusCode: orNothing(isCount),
  failure: orNothing(isFailure),
  wasResent: isFlag,
  responseJson: orNothing(isText),
}

const sampleChecks: Readonly<Record<keyof HealthSample, Check>> = {
  thread: isCount,
  startUs: isTime,
  durationUs: isTime,
  cpuUs: orNothing(isTime),
  runQueueUs: orNothing(isTime),
  coresGiven: orNothing(isCount),
  gcCount: isCount,
  gcUs: isTime,
  gcMaxUs: isTime,
  reads: isCount,
  chunks: isCount,
  firstSelfDelays: value => Array.isArray(value) && value.every(isPair),
  laterSelfDelays: value => Array.isArray(value) && value.every(isPair),
  connectionsOpened: isCount,
  openFiles: orNothing(isCount),
  quotaPeriods: orNothing(isCount),
  throttledCount: orNothing(isCount),
  throttledUs: orNothing(isTime),
}

/** Whether a record that was read is one that a run can have written: each field is of its kind, and time passes. */
export const isRecord = (record: RequestRecord): boolean => isOf(record, recordEntries) && record.endUs >= record.sentUs

/** The same of a part of a record. */
export const areTimes = (times: RequestTimes): boolean => isOf(times, timesEntries) && times.endUs >= times.sentUs

/** The same of what a thread observed of itself. */
export const isHealthSample = (sample: HealthSample): boolean => isOf(sample, sampleEntries)

const recordEntries = Object.entries(recordChecks)
const timesEntries = timesFields.map(field => [field, recordChecks[field]] as const)
const sampleEntries = Object.entries(sampleChecks)

const isOf = (value: object, entries: readonly (readonly [string, Check])[]): boolean =>
  entries.every(([field, check]) => check((value as Readonly<Record<string, unknown>>)[field]))
