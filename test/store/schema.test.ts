import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { RequestRecord } from '../../src/model/record.ts'
import { columns, toRow } from '../../src/store/schema.ts'
import { toMicroseconds, toSeconds } from '../../src/store/seconds.ts'
import { exampleRecord } from './records.ts'

const rowOf = (record: Partial<RequestRecord>): Record<string, unknown> => {
  const values = toRow({ ...exampleRecord, ...record })
  return Object.fromEntries(columns.map((column, i) => [column.name, values[i]]))
}

const failure = { kind: 'timeout_idle', message: 'silent for 600 s' } as const

describe('seconds and microseconds', () => {
  test('every whole microsecond up to the year 2100 survives the way through seconds', () => {
    const us = fc.oneof(
      fc.nat({ max: 2_000_000_000 }),
      fc.integer({ min: 1_790_000_000_000_000, max: 1_810_000_000_000_000 }),
      fc.integer({ min: 0, max: 4_102_444_800_000_000 }),
    )
    fc.assert(
      fc.property(us, value => {
        expect(toMicroseconds(toSeconds(value))).toBe(value)
        expect(toMicroseconds(Number(toSeconds(value).toFixed(6)))).toBe(value)
      }),
      { numRuns: 2000 },
    )
  })

  test('seconds have no more than six decimals', () => {
    fc.assert(
      fc.property(fc.nat({ max: 100_000_000_000 }), us => {
        expect(String(toSeconds(us))).toMatch(/^\d+(\.\d{1,6})?$/)
      }),
    )
  })
})

describe('a row', () => {
  test('has the columns of evalscope in its order, then ours', () => {
    expect(columns.map(({ name, type }) => `${name} ${type}`)).toEqual([
      'request TEXT',
      'start_time REAL',
      'inter_token_latencies TEXT',
      'success INTEGER',
      'response_messages TEXT',
      'completed_time REAL',
      'latency REAL',
      'first_chunk_latency REAL',
      'prompt_tokens INTEGER',
      'completion_tokens INTEGER',
      'max_gpu_memory_cost REAL',
      'time_per_output_token REAL',
      'request_id TEXT',
      'is_stream INTEGER',
      'ttft REAL',
      'ttfat REAL',
      'scheduled_time REAL',
      'slot_wait_time REAL',
      'connect_time REAL',
      'chunk_count INTEGER',
      'events_per_read_max INTEGER',
      'cached_tokens INTEGER',
      'reasoning_tokens INTEGER',
      'token_source TEXT',
      'failure_kind TEXT',
      'status_code INTEGER',
      'error TEXT',
      'conversation_id TEXT',
      'turn INTEGER',
      'is_last_turn INTEGER',
      'record_index INTEGER',
      'was_resent INTEGER',
    ])
  })

  test('of a success holds epoch seconds, durations in seconds and the gaps as JSON', () => {
    expect(rowOf({})).toMatchObject({
      success: 1,
      start_time: 1_800_000_000.123456,
      scheduled_time: 1_800_000_000.123001,
      completed_time: 1_800_000_000.423456,
      latency: 0.3,
      first_chunk_latency: 0.199999,
      ttft: 0.2,
      ttfat: null,
      connect_time: 0.00025,
      inter_token_latencies: '[0.020001,0.000001,1.5]',
      time_per_output_token: 0.025,
      max_gpu_memory_cost: null,
      failure_kind: null,
      error: null,
    })
  })

  test('of a failure has its end and what had arrived, but no latency', () => {
    expect(rowOf({ failure, statusCode: 200 })).toMatchObject({
      success: 0,
      completed_time: 1_800_000_000.423456,
      latency: null,
      time_per_output_token: null,
      first_chunk_latency: 0.199999,
      ttft: 0.2,
      failure_kind: 'timeout_idle',
      error: 'silent for 600 s',
      status_code: 200,
    })
  })

  test.each([
    ['one token', { outputTokens: 1 }],
    ['no token count', { outputTokens: undefined }],
    ['no TTFT', { ttftUs: undefined }],
  ])('with %s has no time per output token', (_, record) => {
    expect(rowOf(record)).toMatchObject({ time_per_output_token: null })
  })

  test('without gaps holds an empty JSON array', () => {
    expect(rowOf({ gapsUs: [] })).toMatchObject({ inter_token_latencies: '[]' })
  })

  test('replaces in free text what not every driver can hold', () => {
    const message = '\u{FEFF}a\0b\uD800c\u{1F600}'
    expect(rowOf({ failure: { kind: 'http_4xx', message } })).toMatchObject({ error: '\uFFFDa\uFFFDb\uFFFDc\u{1F600}' })
  })
})
