import { describe, expect, test } from 'vitest'
import type { Pacing } from '../../src/model/run-plan.ts'
import { workloadTable, workloadText } from '../../src/report/workload-table.ts'
import { failed, k01Records, streamed } from '../stats/records.ts'
import { loadPlan, planOf, resultOf } from './results.ts'

// A server that says that nothing was cached.
const cold = k01Records.map(record => ({ ...record, cachedTokens: 0 }))
const k01 = resultOf(planOf(2, 5), cold, { interrupted: false, gauge: { mean: 1.7512, max: 2 } })
const pacing: Pacing = { ratePerSec: 2.5, arrival: 'poisson' }

describe('of one run', () => {
  test('K01', () => {
    expect(workloadText(k01)).toBe(
      `
Workload throughput (5 samples):
┌─────────────────────┬─────────┬──────────┬────────┐
│ Metric (tok/s)      │ Overall │ Last 30s │ Steady │
├─────────────────────┼─────────┼──────────┼────────┤
│ Total Prompt tok/s  │    37.5 │     37.5 │  33.33 │
│ New Prompt tok/s    │    37.5 │     37.5 │  33.33 │
│ Cached Prompt tok/s │       0 │        0 │      0 │
│ Completion tok/s    │     8.5 │      8.5 │   9.33 │
└─────────────────────┴─────────┴──────────┴────────┘
Steady from 0 s to 3 s.
In flight: mean 1.75, max 2 (by the load loop's own gauge: mean 1.75, max 2)
`.trim(),
    )
  })

  const linesOf = (...given: Parameters<typeof resultOf>) => workloadText(resultOf(...given))?.split('\n') ?? []

  test('prompt tokens that nobody counted have no rows, output tokens that nobody counted have —', () => {
    const lines = linesOf(planOf(1, 1), [streamed({ start: 1, end: 2, ttft: 0.5 })])
    expect(lines.filter(line => line.includes('tok/s │'))).toEqual([
      '│ Completion tok/s │       — │        — │      — │',
    ])
  })

  test('where the server does not say what it had cached, prompts are not divided', () => {
    expect(linesOf(planOf(2, 5), k01Records).filter(line => line.includes('Prompt'))).toEqual([
      '│ Total Prompt tok/s │    37.5 │     37.5 │  33.33 │',
    ])
  })

  test('a replay has no gauge', () => {
    expect(linesOf(planOf(2, 5), k01Records).at(-1)).toBe('In flight: mean 1.75, max 2')
  })

  test('it says why nothing is steady', () => {
    const reason = (...given: Parameters<typeof resultOf>) => linesOf(...given).at(-2)
    expect(reason(planOf(4, 50), k01Records)).toBe('No steady window: there never were 4 requests in flight.')
    const short = 'No steady window: it would be shorter than two mean latencies (2.8 s).'
    expect(reason({ ...planOf(2, 5), rampUpMs: 500 }, k01Records)).toBe(short)
    expect(reason(loadPlan({ kind: 'open', pacing }), k01Records)).toBe(short)
  })

  test('nothing without a success', () => {
    expect(workloadText(resultOf(planOf(1, 1), [failed('connect', { start: 1, end: 2 })]))).toBeUndefined()
  })
})

describe('of a sweep', () => {
  const dead = resultOf(planOf(8, 2), [failed('connect', { start: 0, end: 1 })])
  const open = resultOf(loadPlan({ kind: 'open', pacing }), [streamed({ start: 0, end: 2, ttft: 0.5, output: 3 })])

  test('one block per run, laid out as K14', () => {
    expect(workloadTable([k01, dead, open])).toBe(
      [
        '                       Workload Throughput                        ',
        '┏━━━━━━┳━━━━━━┳━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━┳━━━━━━━━━━┳━━━━━━━┓',
        '┃Conc. ┃ Rate ┃ Metric (tok/s)      ┃ Overall ┃ Last 30s ┃ Steady┃',
        '┡━━━━━━╇━━━━━━╇━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━╇━━━━━━━━━━╇━━━━━━━┩',
        '│    2 │    - │ Total Prompt tok/s  │    37.5 │     37.5 │  33.33│',
        '│      │      │ New Prompt tok/s    │    37.5 │     37.5 │  33.33│',
        '│      │      │ Cached Prompt tok/s │       0 │        0 │      0│',
        '│      │      │ Completion tok/s    │     8.5 │      8.5 │   9.33│',
        '├──────┼──────┼─────────────────────┼─────────┼──────────┼───────┤',
        '│    8 │    - │ Total Prompt tok/s  │       — │        — │      —│',
        '│      │      │ New Prompt tok/s    │       — │        — │      —│',
        '│      │      │ Cached Prompt tok/s │       — │        — │      —│',
        '│      │      │ Completion tok/s    │       — │        — │      —│',
        '├──────┼──────┼─────────────────────┼─────────┼──────────┼───────┤',
        '│    - │  2.5 │ Total Prompt tok/s  │       — │        — │      —│',
        '│      │      │ New Prompt tok/s    │       — │        — │      —│',
        '│      │      │ Cached Prompt tok/s │       — │        — │      —│',
        '│      │      │ Completion tok/s    │     1.5 │      1.5 │      —│',
        '└──────┴──────┴─────────────────────┴─────────┴──────────┴───────┘',
      ].join('\n'),
    )
  })

  test('nothing without a success in any run', () => {
    expect(workloadTable([dead])).toBeUndefined()
    expect(workloadTable([])).toBeUndefined()
  })
})
