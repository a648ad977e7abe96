import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { RunPlan } from '../../src/model/run-plan.ts'
import type { GateValues } from '../../src/plan/gates.ts'
import { type Gates, openGates } from '../../src/run/gates.ts'
import { readResults } from '../../src/run/stored-benchmark.ts'
import { planOf, resultOf } from '../report/results.ts'
import { failed } from '../stats/records.ts'
import { inARow, stream } from '../stats/verdict-cases.ts'
import { makeRun } from './make-run.ts'

const folder = mkdtempSync(join(tmpdir(), 'baseline-'))
const baseline = join(folder, 'base')
afterAll(() => rmSync(folder, { recursive: true }))

const at = (concurrency: number, more: Partial<RunPlan> = {}): RunPlan => ({ ...planOf(concurrency, 20), ...more })
const slower = (count: number) => inARow(count, { ttftUs: 250_000 })
const unstreamed = (count: number) => inARow(count, { isStream: false, gapsUs: [], chunkCount: 1, ttftUs: undefined })

beforeAll(async () => {
  const started = (second: number) => ({ started_at: `2026-01-01T00:00:0${second}Z` })
  await makeRun(baseline, 'one', { facts: { plan: at(1), ...started(1) }, records: inARow(20) })
  await makeRun(baseline, 'two', { facts: { plan: at(2), ...started(2) }, records: inARow(20) })
  await makeRun(baseline, 'two_2', { facts: { plan: at(2), ...started(3) }, records: slower(20) })
  await makeRun(baseline, 'few', { facts: { plan: at(3), ...started(4) }, records: inARow(5) })
  await makeRun(baseline, 'whole', { facts: { plan: at(4), ...started(5) }, records: unstreamed(20) })
  const none = [failed('http_5xx', { start: 1, end: 2 })]
  await makeRun(baseline, 'none', { facts: { plan: at(5), ...started(6) }, records: none })
})

const open = async (given: Partial<GateValues> = {}): Promise<Gates> => {
  const gates = await openGates({ stream: true, advisory: false, baseline, ...given }, () => undefined)
  if (gates === undefined) throw new Error('no gates')
  return gates
}

describe('a run is held against the one at its load', () => {
  test('with the figures that this has', async () => {
    const { gates } = (await open()).attach(at(1))
    expect(gates?.baseline).toEqual([
      { figure: 'p50_ttft', percent: 10, difference: 5, value: 200, count: 20 },
      { figure: 'p50_itl', percent: 10, difference: 0.5, value: 20, count: 180 },
      { figure: 'avg_tpot', percent: 10, difference: 0.5, value: 20, count: 20 },
      expect.objectContaining({ figure: 'tps', percent: 15, difference: 0 }),
      { figure: 'success_rate', percent: 5, difference: 0, value: 100, count: 20 },
    ])
  })

  test('repeated loads one by one, and what is repeated more often against the last', async () => {
    const gates = await open()
    const medians = [2, 1, 2, 2].map(concurrency => gates.attach(at(concurrency)).gates?.baseline[0]?.value)
    expect(medians).toEqual([200, 200, 250, 250])
  })

  test('by latency where nothing streams', async () => {
    const { gates } = (await open()).attach(at(4))
    expect(gates?.baseline.map(({ figure }) => figure)).toEqual(['tps', 'success_rate', 'p50_latency', 'rps'])
  })

  test('whose requests are held to the objectives of now', async () => {
    // Its plan has none; with a TTFT of 200 ms none of its requests is good.
    const of = async (limit: string) => {
      const { gates } = (await open({ goodput: [limit], tolerance: ['goodput_rate:10%'] })).attach(at(1))
      return gates?.baseline.find(({ figure }) => figure === 'goodput_rate')?.value
    }
    expect([await of('ttft:300'), await of('ttft:100')]).toEqual([100, 0])
  })

  test('and against nothing where no request of it succeeded, but for what was asked for', async () => {
    const { gates } = (await open({ tolerance: ['tps:5%', 'success_rate:1%'] })).attach(at(5))
    expect(gates?.baseline).toEqual([
      { figure: 'tps', percent: 5, difference: 0, value: undefined, count: 1 },
      { figure: 'success_rate', percent: 1, difference: 0, value: 0, count: 1 },
    ])
  })

  test('and fails where there is nothing at all to compare', async () => {
    expect((await open()).attach(at(5)).gates).toMatchObject({
      baseline: [],
      unpaired: 'parallel_5_number_20 of the baseline has none of the figures that are compared',
    })
  })

  test('where there is one', async () => {
    const gates = await open()
    expect(gates.attach(at(7)).gates).toMatchObject({
      baseline: [],
      unpaired: 'the baseline has no run at --parallel 7',
    })
    expect(() => gates.checkLoads([at(1).load, at(7).load])).toThrow(
      `--baseline ${baseline} has no run at --parallel 7: it has --parallel 1, --parallel 2, --parallel 3, --parallel 4, --parallel 5; give the same loads`,
    )
    expect(() => gates.checkLoads([at(1).load])).not.toThrow()
    const paced = { kind: 'closed', concurrency: 1, pacing: { ratePerSec: 2, arrival: 'poisson' } } as const
    expect(() => gates.checkLoads([paced])).toThrow('has no run at --parallel 1 --rate 2')
  })
})

test('what is to be said of it is kept with each run', async () => {
  const gates = await open()
  expect(gates.attach(at(1, { model: 'other' })).gates?.heldAgainst).toEqual({
    path: baseline,
    doubts: ['it measured something else: model qwen2.5 there, other here'],
    pairs: [],
  })
  const pairs = [gates.attach(at(2)), gates.attach(at(2))].flatMap(({ gates }) => gates?.heldAgainst?.pairs)
  expect(pairs).toEqual([
    'it has 2 runs at --parallel 2: parallel_2_number_20 is held against two',
    'it has 2 runs at --parallel 2: parallel_2_number_20 is held against two_2',
  ])
  expect(gates.attach(at(5)).gates?.heldAgainst?.doubts).toEqual([
    'its parallel_5_number_20 is INVALID (requests failed)',
  ])
})

test('a baseline of something else is doubted in a line', async () => {
  const gates = await open()
  const doubt = (plan: RunPlan) => gates.doubts(plan).filter(line => line.includes('something else'))
  expect(doubt(at(1))).toEqual([])
  expect(doubt(at(1, { model: 'other', request: { ...at(1).request, chosen: { minTokens: 9 } } }))).toEqual([
    `--baseline ${baseline} measured something else: model qwen2.5 there, other here; --min-tokens not given there, 9 here`,
  ])
})

test('so is one that is not VALID', async () => {
  const [line, ...more] = (await open()).doubts(at(1))
  expect(line).toMatch(/ has runs that are not VALID: .*; parallel_5_number_20 is INVALID \(requests failed\)$/)
  expect(line).not.toContain('parallel_1_')
  expect(more).toEqual([])
})

test('a directory that is not there, or holds nothing, is a mistake', async () => {
  await expect(open({ baseline: join(folder, 'gone') })).rejects.toThrow(/^--baseline: cannot read .*gone: ENOENT/)
  await expect(open({ baseline: folder })).resolves.toBeDefined()
  await expect(open({ baseline: join(baseline, 'one', 'nothing') })).rejects.toThrow('--baseline: cannot read')
})

test('figures that the API has none of are refused before a run', async () => {
  const gates = await open({ failIf: ['p50_ttft>5'] })
  expect(() => gates.checkTask(at(1, { task: 'embed', api: 'openai_embedding' }))).toThrow(
    'p50_ttft is a figure of output tokens, which --api openai_embedding has none of',
  )
  expect(() => gates.checkTask(at(1))).not.toThrow()
})

describe('a stored run', () => {
  const gatesOf = async (plan: unknown) => {
    const directory = mkdtempSync(join(folder, 'stored-'))
    await makeRun(directory, 'run', { facts: { plan }, records: Array.from({ length: 20 }, (_, i) => stream(i)) })
    const lines: string[] = []
    const results = readResults(directory, { say: line => lines.push(line) })
    return { runs: await results.then(({ runs }) => runs).catch(() => []), lines }
  }

  test('is judged as it was', async () => {
    const plan = (await open({ failIf: ['p50_ttft>100', 'goodput_rate<50'], goodput: ['ttft:300'] })).attach(at(1))
    const { runs } = await gatesOf({ ...plan, objectives: [{ figure: 'ttft', limitMs: 300 }] })
    const verdicts = runs[0]?.result.gates?.map(({ figure, verdict }) => [figure, verdict])
    expect(verdicts).toEqual([
      ['p50_ttft', 'failed'],
      ['goodput_rate', 'passed'],
      ['p50_ttft', 'passed'],
      ['p50_itl', 'passed'],
      ['avg_tpot', 'passed'],
      ['tps', 'failed'],
      ['success_rate', 'passed'],
    ])
  })

  test('is worse where more requests fail, however fast the others are', async () => {
    const { gates } = (await open()).attach(at(1))
    const kept = gates?.baseline.filter(({ figure }) => figure === 'success_rate') ?? []
    const records = [
      ...inARow(17),
      ...[17, 18, 19].map(second => failed('http_5xx', { start: second, end: second + 1 })),
    ]
    const plan = { ...at(1), gates: { conditions: [], baseline: kept, isAdvisory: false } }
    expect(resultOf(plan, records).gates).toMatchObject([
      { verdict: 'failed', reason: 'success_rate is 85 %, 15 % below the 100 % of the baseline' },
    ])
  })

  test.each([
    [{ objectives: [{ figure: 'nonsense', limitMs: 1 }] }],
    [{ objectives: 'ttft:300' }],
    [{ gates: { conditions: [{ figure: 'p50_ttft', operator: '!', bound: 1 }], baseline: [], isAdvisory: false } }],
    [{ gates: { conditions: [], baseline: [{ figure: 'tps' }], isAdvisory: false } }],
    [{ gates: [] }],
  ])('with %j in its plan is damaged', async damage => {
    const { runs, lines } = await gatesOf({ ...at(1), ...damage })
    expect(runs).toEqual([])
    expect(lines.join('\n')).toContain('what table run holds as plan')
  })

  test('may rest on figures that this version does not know', async () => {
    const conditions = [{ figure: 'p50_wonder', operator: '>', bound: 1 }]
    const { runs } = await gatesOf({ ...at(1), gates: { conditions, baseline: [], isAdvisory: false } })
    expect(runs[0]?.result.gates).toMatchObject([{ verdict: 'unmeasurable' }])
  })
})
