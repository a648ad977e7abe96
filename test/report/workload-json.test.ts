import { expect, test } from 'vitest'
import { jsonFileText } from '../../src/report/json.ts'
import { workloadThroughputJson, workloadTimelineJson } from '../../src/report/workload-json.ts'
import { failed, k01Records, streamed } from '../stats/records.ts'
import { planOf, resultOf } from './results.ts'

const cold = k01Records.map(record => ({ ...record, cachedTokens: 0 }))
const k01 = resultOf(planOf(2, 5), cold, { interrupted: false, gauge: { mean: 1.7512345678, max: 2 } })

test('workload_throughput.json of K01', () => {
  expect(workloadThroughputJson(k01)).toEqual({
    n_samples: 5,
    wall_time_s: 4,
    last_window_s: 30,
    steady_start_s: 0,
    steady_end_s: 3,
    rows: [
      { metric: 'Total Prompt tok/s', overall: 37.5, last_window: 37.5, steady_state: 33.333333 },
      { metric: 'New Prompt tok/s', overall: 37.5, last_window: 37.5, steady_state: 33.333333 },
      { metric: 'Cached Prompt tok/s', overall: 0, last_window: 0, steady_state: 0 },
      { metric: 'Completion tok/s', overall: 8.5, last_window: 8.5, steady_state: 9.333333 },
    ],
    concurrency: { mean: 1.75, max: 2, steady_mean: 2, gauge_mean: 1.751235, gauge_max: 2 },
  })
})

test('what does not exist is null', () => {
  const json = workloadThroughputJson(resultOf(planOf(9, 5), [streamed({ start: 1, end: 2, ttft: 0.5, output: 3 })]))
  expect(json).toMatchObject({
    steady_start_s: null,
    steady_end_s: null,
    concurrency: { mean: 1, max: 1, steady_mean: null, gauge_mean: null, gauge_max: null },
  })
  expect(json?.rows).toContainEqual({
    metric: 'Total Prompt tok/s',
    overall: null,
    last_window: null,
    steady_state: null,
  })
})

test('workload_timeline.json has wall-clock time to the microsecond, and points', () => {
  const sentUs = 1_800_000_000_123_457
  const times = { scheduledUs: sentUs, sentUs, ttftUs: 4000, endUs: sentUs + 13_333 }
  const result = resultOf(planOf(1, 1), [streamed({ start: 0, end: 0, input: 7, output: 3, cached: 4 }, times)])
  expect(workloadTimelineJson(result)).toEqual({
    wall_start: 1800000000.123457,
    points: [
      { t: 0.01, cum_completion: 3, cum_new_prompt: 3, cum_cached_prompt: 4, mean_in_flight: 1 },
      { t: 0.013333, cum_completion: 3, cum_new_prompt: 3, cum_cached_prompt: 4, mean_in_flight: 1 },
    ],
  })
  expect(jsonFileText(workloadTimelineJson(result) ?? null)).toContain('"wall_start": 1800000000.123457,')
})

test('no success, no throughput; nothing sent, no timeline', () => {
  const dead = resultOf(planOf(1, 1), [failed('connect', { start: 1, end: 2 })])
  expect(workloadThroughputJson(dead)).toBeUndefined()
  expect(workloadTimelineJson(dead)).toMatchObject({ wall_start: 1 })
  expect(workloadTimelineJson(resultOf(planOf(1, 1), []))).toBeUndefined()
})

test('a file keeps to JSON and to six decimals', () => {
  for (const json of [workloadThroughputJson(k01), workloadTimelineJson(k01)]) {
    expect(JSON.parse(jsonFileText(json ?? null))).toEqual(json)
    expect(jsonFileText(json ?? null)).not.toMatch(/\d\.\d{7}/)
  }
})
