import { describe, expect, test } from 'vitest'
import { slaSearchJson } from '../../../src/report/sla/sla-json.ts'
import { slaReport } from '../../../src/report/sla/sla-report.ts'
import { linear, once, type Server, searchOn } from './imagined-server.ts'

describe('the worked paths', () => {
  test.each<[unknown, number, readonly number[], number | undefined]>([
    [{ p99_latency: '<=5' }, 2, [2, 4, 8, 6, 5], 5],
    [{ p99_latency: '<=0' }, 8, [8, 4, 2, 1], undefined],
    [{ avg_latency: '<=9', p50_ttft: '<=6' }, 2, [2, 4, 8, 6, 7], 6],
  ])('%j from %i', async (params, start, path, answer) => {
    const { visits, found, outcome } = await searchOn(linear, {
      ...once,
      slaParams: JSON.stringify(params),
      parallel: start,
    })
    expect(visits).toEqual([path])
    expect(found).toEqual([answer])
    expect(outcome.hasPassed).toBe(answer !== undefined)
  })

  test('the highest throughput', async () => {
    // Each slot is as fast as it takes for all of them to be best at 48.
    const peaked: Server = { answer: load => ({ ttft: 0.01, latency: (2 * load) / (48 - Math.abs(load - 48)) }) }
    const { visits, found } = await searchOn(peaked, {
      ...once,
      slaParams: '{"tps": "max"}',
      parallel: 4,
      slaUpperBound: 65_536,
    })
    expect(visits).toEqual([[4, 8, 16, 32, 64, 48, 56, 52, 50, 49]])
    expect(found).toEqual([48])
  })
})

describe('bounds that more load may reach', () => {
  /** As many requests a second as there are slots, up to 40, and latency that grows with the queue. */
  const growing: Server = {
    answer: load => ({ ttft: load / 1000, latency: Math.max(1, load / 40) }),
  }

  test('are searched upwards from too little load, to the last value that keeps the others', async () => {
    const slaParams = '{"rps": ">=10", "avg_ttft": "<=22"}'
    const { visits, found, outcome, said } = await searchOn(growing, { ...once, slaParams, parallel: 2 })
    expect(visits).toEqual([[2, 4, 8, 16, 32, 24, 20, 22, 23]])
    expect(found).toEqual([22])
    const text = slaReport(outcome)
    expect(text).toContain('--parallel 8 is too little load: rps 8 req/s (missed), avg_ttft 8 ms, also when repeated')
    expect(text).toContain('--parallel 32 is not within: rps 32 req/s, avg_ttft 32 ms (missed), also when repeated')
    expect(said).toContain('SLA search: --parallel 4, above 2, which is too little load')
  })

  test('that the upper bound does not reach have no answer', async () => {
    const { visits, found, outcome } = await searchOn(growing, { ...once, slaParams: '{"tps": ">500"}', parallel: 16 })
    expect(visits).toEqual([[16, 32, 64]])
    expect(found).toEqual([undefined])
    const text = slaReport(outcome)
    expect(text).toMatch(/tps > 500\.0 +│ parallel │ +None │ Not reached at upper bound \(64\) │/)
    expect(text.replaceAll('\n', ' ')).toContain(
      'no value up to --parallel 64, the upper bound, reaches tps > 500.0 (there tps 80 tok/s)',
    )
  })

  test('may leave nothing between too little and too much', async () => {
    const slaParams = '{"rps": ">6.5", "avg_ttft": "<6.5"}'
    const { found, outcome } = await searchOn(growing, { ...once, slaParams, parallel: 4 })
    expect(found).toEqual([undefined])
    const text = slaReport(outcome)
    expect(text).toContain('│ 6 is too little, 7 too much │')
    expect(text.replaceAll('\n', ' ')).toContain(
      'no value keeps rps > 6.5, avg_ttft < 6.5: --parallel 6 is too little load and 7 too much',
    )
    expect(text).toContain('nothing is left between 6 and 7')
  })
})

test('a goal beside bounds has no effect, which is told, and no sentence names it', async () => {
  const slaParams = '{"avg_latency": "<=5", "tps": "max"}'
  const { visits, found, outcome } = await searchOn(linear, { ...once, slaParams, parallel: 2 })
  expect(visits).toEqual([[2, 4, 8, 6, 5]])
  expect(found).toEqual([5])
  const [table = '', ...sentences] = slaReport(outcome).split('\n\n')
  expect(table).toContain('avg_latency <= 5.0, tps -> max')
  expect(sentences.join(' ')).not.toContain('tps')
})

test('each value has as many runs as asked, in a directory of its own, and a bad one another', async () => {
  const { runs, pauses, plans } = await searchOn(linear, { slaParams: '{"avg_latency": "<=2"}', parallel: 2 })
  const ofValue = (value: number, count: number): string[] =>
    Array.from({ length: count }, (_, index) => `sla_parallel_${value}_run_${index + 1}`)
  expect(runs).toEqual([...ofValue(2, 3), ...ofValue(4, 4), ...ofValue(3, 4)])
  expect(pauses).toEqual(runs.slice(1))
  expect(plans.map(({ number }) => number)).toEqual([4, 4, 4, 8, 8, 8, 8, 6, 6, 6, 6])
  expect(plans.map(({ dataset }) => dataset.offset)).toEqual([0, 4, 8, 12, 20, 28, 36, 44, 50, 56, 62])
})

test('one bad sample among good ones does not decide: its value is measured again, and all its samples count', async () => {
  const unlucky: Server = { answer: (load, _, run) => ({ ttft: run === 2 ? 0.5 : 0.02, latency: load > 4 ? 9 : 1 }) }
  const { outcome, found } = await searchOn(unlucky, {
    ...once,
    slaParams: '{"avg_ttft": "<=300", "avg_latency": "<=5"}',
    parallel: 2,
  })
  expect(found).toEqual([4])
  const four = outcome.answers[0]?.steps[1]
  expect(four).toMatchObject({ value: 4, wasRepeated: true, judgement: { isGood: true } })
  // (8 · 500 ms + 8 · 20 ms) / 16
  expect(four?.judgement.figures[0]?.value).toBeCloseTo(260, 9)
})

test('samples are pooled: the percentile is that of all, the throughput is sums over sums', async () => {
  // A short run of fast requests, and a long one of slow ones.
  const uneven: Server = { answer: (_, nth, run) => ({ ttft: run === 1 ? 0.01 : 0.1 + nth / 1000, latency: run }) }
  const { outcome } = await searchOn(uneven, {
    slaNumRuns: 2,
    slaParams: '{"p50_ttft": "<=1000"}',
    slaNumberMultiplier: 10,
    slaUpperBound: 1,
  })
  const { summary, quoted, plan } = outcome.points[0]?.result ?? {}
  expect(plan).toMatchObject({ name: 'parallel_1', number: 20 })
  // Between the slowest of the first run and the fastest of the second; the mean of their medians would be 57.
  expect(quoted?.rows.find(({ series }) => series === 'ttft')?.values[1]).toBeCloseTo(55, 9)
  expect(summary?.durationMs).toBeCloseTo(10_000 + 20_000, 6)
  expect(summary?.requestsPerSec).toBeCloseTo(20 / 30, 9)
  expect(summary?.outputTokensPerSec).toBeCloseTo(40 / 30, 9)
})

describe('groups', () => {
  const params = JSON.stringify([{ avg_latency: '<=5' }, { avg_ttft: '<=12' }, { avg_latency: '<=0' }])

  test('are searched one by one, and share what was measured', async () => {
    const { visits, found, runs, outcome } = await searchOn(linear, { ...once, slaParams: params, parallel: 2 })
    expect(found).toEqual([5, 12, undefined])
    expect(visits).toEqual([
      [2, 4, 8, 6, 5],
      [2, 4, 8, 16, 12, 14, 13],
      [2, 1],
    ])
    expect(runs.filter(name => name.endsWith('run_1'))).toHaveLength(10)
    expect(outcome.hasPassed).toBe(false)
    expect(outcome.points.map(({ value }) => value)).toEqual([1, 2, 4, 5, 6, 8, 12, 13, 14, 16])
  })
})

test('rates are searched to two digits', async () => {
  const { found, runs, plans } = await searchOn(linear, {
    ...once,
    slaVariable: 'rate',
    slaParams: '{"avg_latency": "<=3.37"}',
  })
  expect(found).toEqual([3.3])
  expect(runs[0]).toBe('sla_rate_1_run_1')
  expect(runs).toContain('sla_rate_3.5_run_1')
  expect(plans[0]?.load).toEqual({ kind: 'open', pacing: { ratePerSec: 1, arrival: 'poisson' } })
})

describe('success', () => {
  /** Fails one request of so many. */
  const failing = (every: number): Server => ({
    answer: (_, nth) => ({ ttft: 0.01, latency: 0.1, fails: nth % every === every - 1 }),
  })
  const params = { ...once, parallel: 8, slaLowerBound: 8, slaUpperBound: 8, slaNumberMultiplier: 250 }

  test('below 99.9 % is not within', async () => {
    const { outcome, found } = await searchOn(failing(500), { ...params, slaParams: '{"avg_ttft": "<=50"}' })
    expect(found).toEqual([undefined])
    expect(slaReport(outcome)).toContain('--parallel 8 is not within: avg_ttft 10 ms, success 99.8%, below 99.9%')
    expect((await searchOn(failing(2000), { ...params, slaParams: '{"avg_ttft": "<=50"}' })).found).toEqual([8])
  })

  test('is as low as the group says', async () => {
    const slaParams = '{"avg_ttft": "<=50", "success_rate": ">=99"}'
    expect((await searchOn(failing(500), { ...params, slaParams })).found).toEqual([8])
    expect((await searchOn(failing(50), { ...params, slaParams })).found).toEqual([undefined])
  })

  test('is asked of an optimum, too', async () => {
    expect((await searchOn(failing(2), { ...params, slaParams: '{"tps": "max"}' })).found).toEqual([undefined])
  })
})

describe('the sample', () => {
  test('is made as large as the percentile takes', async () => {
    const fast: Server = { answer: () => ({ ttft: 0.01, latency: 0.02 }) }
    const { plans, outcome } = await searchOn(fast, { slaParams: '{"p99_ttft": "<=500"}', slaUpperBound: 1 })
    expect(plans.map(({ number }) => number)).toEqual([221, 221, 220])
    expect(plans.map(({ durationMs }) => durationMs)).toEqual([20_000, expect.any(Number), expect.any(Number)])
    expect(slaReport(outcome)).not.toContain('*')
  })

  test('is marked where it did not become large enough', async () => {
    const slow: Server = { ...linear, most: 40 }
    const { plans, outcome } = await searchOn(slow, { slaParams: '{"p99_ttft": "<=500"}', slaUpperBound: 1 })
    // Forty seconds a run: the time of the point is over.
    expect(plans).toHaveLength(2)
    const text = slaReport(outcome)
    expect(text).toContain('Satisfied*')
    expect(text).toContain('p99_ttft 1 ms*')
    expect(text).toContain('* rests on fewer samples than it takes: 662 for p99_ttft')
    expect(slaSearchJson(outcome)).toMatchObject({
      groups: [{ path: [{ figures: { p99_ttft: { carried: false, samples: 80, needed: 662 } } }] }],
    })
  })
})

test('a value at which nothing comes to its end has its time, and not more', async () => {
  const { plans, found } = await searchOn(
    { ...linear, most: 0 },
    { slaParams: '{"avg_ttft": "<=500"}', slaUpperBound: 1, slaPointSeconds: 30 },
  )
  expect(found).toEqual([undefined])
  // The last is to see whether it stays so.
  expect(plans.map(({ durationMs }) => durationMs)).toEqual([10_000, 10_000, 10_000, 10_000])
})
