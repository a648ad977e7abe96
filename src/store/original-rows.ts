import type { ComparedRequest } from '../stats/request-columns.ts'
import { openDatabase, type Row, unreadable } from './database.ts'
import { toMicroseconds } from './seconds.ts'

/** What is read of a row; never its answer, which is a Python pickle and may run anything. */
const wanted = [
  'start_time',
  'completed_time',
  'latency',
  'success',
  'first_chunk_latency',
  'inter_token_latencies',
  'time_per_output_token',
  'prompt_tokens',
  'completion_tokens',
  'is_stream',
] as const

type Column = (typeof wanted)[number]

/** Whether Python's evalscope wrote a database: it has its table of requests, and none of ours about the run. */
export const isOriginalDatabase = async (path: string): Promise<boolean> => {
  const names = await namesIn(path, "SELECT name FROM sqlite_master WHERE type = 'table'")
  return names.includes('result') && !names.includes('run')
}

/**
 * The requests in a database of Python's evalscope, in order of their end. What a version did not write is absent; rows
 * without times are left out and counted. Throws an ArgumentsError where it cannot be read.
 */
export async function* originalRequests(
  path: string,
  onUnreadable: (reason: string) => void,
): AsyncGenerator<ComparedRequest> {
  const present = await namesIn(path, "SELECT name FROM pragma_table_info('result')")
  const columns = wanted.filter(column => present.includes(column))
  const database = await openDatabase(path)
  try {
    for (const row of database.iterate(`SELECT ${columns.join(', ')} FROM result ORDER BY rowid`)) {
      const request = toRequest(row)
      if (request === undefined) onUnreadable('a row without a time at which it was sent')
      else yield request
    }
  } catch (error) {
    throw unreadable(path, error)
  } finally {
    await database.close()
  }
}

const namesIn = async (path: string, sql: string): Promise<readonly string[]> => {
  const database = await openDatabase(path)
  try {
    return Array.from(database.iterate(sql), ({ name }) => String(name))
  } catch (error) {
    throw unreadable(path, error)
  } finally {
    await database.close()
  }
}

/** Success and times as they stand there; a failure has neither latency nor end. */
const toRequest = (row: Row): ComparedRequest | undefined => {
  const startSeconds = amount(row, 'start_time')
  if (startSeconds === undefined) return undefined
  const sentUs = toMicroseconds(startSeconds)
  const latencySeconds = amount(row, 'latency')
  const isSuccess = row.success === 1 && latencySeconds !== undefined
  if (!isSuccess) return { ...nothing, sentUs, endUs: endOf(row, sentUs), isSuccess }
  const endUs = sentUs + toMicroseconds(latencySeconds)
  const tokens = { inputTokens: count(row, 'prompt_tokens'), outputTokens: count(row, 'completion_tokens') }
  // Without streaming it writes the latency as first chunk, and 0 as TPOT.
  const firstSeconds = amount(row, 'first_chunk_latency')
  const isStream = row.is_stream === undefined ? firstSeconds !== latencySeconds : row.is_stream === 1
  if (!isStream || firstSeconds === undefined) return { ...nothing, ...tokens, sentUs, endUs, isSuccess }
  const tpotSeconds = amount(row, 'time_per_output_token')
  return {
    ...tokens,
    sentUs,
    endUs,
    isSuccess,
    firstUs: toMicroseconds(firstSeconds),
    gapsUs: gapsOf(row),
    tpotMs: tpotSeconds === undefined || tpotSeconds === 0 ? undefined : tpotSeconds * 1000,
  }
}

const nothing = {
  firstUs: undefined,
  gapsUs: [],
  tpotMs: undefined,
  inputTokens: undefined,
  outputTokens: undefined,
} as const

const endOf = (row: Row, sentUs: number): number | undefined => {
  const seconds = amount(row, 'completed_time')
  const us = seconds === undefined ? 0 : toMicroseconds(seconds)
  return us > sentUs ? us : undefined
}

/** No clock tells so many seconds, and nobody counts so many tokens. */
const beyondAll = 1e10

const amount = (row: Row, column: Column): number | undefined => {
  const value = row[column]
  return typeof value === 'number' && value >= 0 && value < beyondAll ? value : undefined
}

const count = (row: Row, column: Column): number | undefined => {
  const value = amount(row, column)
  return value === undefined ? undefined : Math.round(value)
}

const gapsOf = (row: Row): readonly number[] => {
  try {
    const gaps: unknown = JSON.parse(String(row.inter_token_latencies ?? '[]'))
    return Array.isArray(gaps) ? gaps.filter(isGap).map(toMicroseconds) : []
  } catch {
    return []
  }
}

/** In seconds; longer ones than an hour are nobody's. */
const isGap = (value: unknown): value is number => typeof value === 'number' && value >= 0 && value < 3600
