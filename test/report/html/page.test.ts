import { describe, expect, test } from 'vitest'
import { page } from '../../../src/report/html/page.ts'
import { pageData } from '../../../src/report/html/page-data.ts'
import type { ReportedRun } from '../../../src/report/html/reported-run.ts'
import { k05Records } from '../../stats/records.ts'
import { exampleRecord } from '../../store/records.ts'
import { embeddingPlan, planOf } from '../results.ts'
import { hostile, manyRecords, reportedOf } from './reported.ts'

const context = { outputPath: 'outputs/x', plannedRuns: 1 }
const dataOf = (...runs: readonly ReportedRun[]) => pageData(runs, context)
/** Without the code of the page, in which nobody else has a say. */
const htmlOf = async (...runs: readonly ReportedRun[]): Promise<string> =>
  page(await dataOf(...runs), { library: 'one', script: 'two', style: '' })

const jsonIn = (html: string): string =>
  /<script type="application\/json" id="data">([^<]*)<\/script>/.exec(html)?.[1] ?? ''

describe('the data of the page', () => {
  test('has figures and curves of all requests, and rows of some', async () => {
    const { runs, sampleSizes } = await dataOf(reportedOf(manyRecords(4000)))
    const [run] = runs
    expect(run?.counts).toEqual({ total: 4000, succeeded: 3600, failed: 400, cutOff: 0 })
    expect(run?.curves.latency?.count).toBe(3600)
    expect(
      run?.curves.latency?.histogram.counts.reduce((sum, count) => sum + count, run.curves.latency.histogram.above),
    ).toBe(3600)
    const { failures, slowest, random } = sampleSizes
    expect([failures, slowest, random]).toEqual([300, 300, 1000])
    expect(run?.rows.length).toBeGreaterThan(1000)
    expect(run?.rows.length).toBeLessThanOrEqual(failures + slowest + random)
    expect(run?.rows.filter(({ failure }) => failure !== undefined).length).toBeGreaterThanOrEqual(300)
  })

  test('gives no advice where something else says what is best', async () => {
    const run = reportedOf(manyRecords(3))
    expect(await dataOf(run)).toMatchObject({ isAdvising: true })
    expect(await pageData([run], { ...context, isAdvising: false })).toMatchObject({ isAdvising: false })
  })

  test('shows the slowest of all requests, in the order in which they were sent', async () => {
    const records = manyRecords(4000)
    const slowest = records
      .filter(({ failure }) => failure === undefined)
      .toSorted((a, b) => b.endUs - b.sentUs - (a.endUs - a.sentUs))
      .slice(0, 300)
    const rows = (await dataOf(reportedOf(records))).runs[0]?.rows ?? []
    const latencies = rows.map(({ latencyMs }) => latencyMs).toSorted((a, b) => b - a)
    expect(
      latencies.filter(ms => ms >= (slowest[299]?.endUs ?? 0) / 1000 - (slowest[299]?.sentUs ?? 0) / 1000).length,
    ).toBeGreaterThanOrEqual(300)
    expect(rows.map(({ sentSec }) => sentSec)).toEqual(rows.map(({ sentSec }) => sentSec).toSorted((a, b) => a - b))
  })

  test('is the same for the same records', async () => {
    const records = manyRecords(3000)
    expect(await htmlOf(reportedOf(records))).toBe(await htmlOf(reportedOf(records)))
  })

  test('says what a p99 takes where a run has too few samples for it', async () => {
    const needs = async (count: number) =>
      (await dataOf(reportedOf(manyRecords(count)))).load.points[0]?.latency.p99Needs
    expect([await needs(300), await needs(4000)]).toEqual([662, undefined])
  })

  test('says of an interrupted benchmark what the terminal says', async () => {
    const run = reportedOf(manyRecords(450))
    const interrupted = { ...run, result: { ...run.result, interrupted: true } }
    const { unfinished, best } = await pageData([interrupted], { outputPath: 'x', plannedRuns: 2 })
    expect(unfinished).toBe('Only 0 of 2 runs came to their end; figures cover what had ended by then.')
    expect(best).toEqual([])
  })

  test('adds up over time to all requests', async () => {
    const timeline = (await dataOf(reportedOf(manyRecords(500)))).runs[0]?.timeline
    const perStep = (rates: readonly number[] = []): number =>
      rates.reduce((sum, rate, at) => sum + rate * ((timeline?.endSec[at] ?? 0) - (timeline?.endSec[at - 1] ?? 0)), 0)
    expect(perStep(timeline?.succeededPerSec)).toBeCloseTo(450, 6)
    expect(perStep(timeline?.failedPerSec)).toBeCloseTo(50, 6)
    expect(timeline?.endSec.length).toBeLessThanOrEqual(150)
  })

  test('has the client beside the run, and nothing where nothing was observed', async () => {
    const [seen, unseen] = [
      reportedOf(manyRecords(450)),
      reportedOf(manyRecords(450), planOf(4, 450), { async *health() {} }),
    ]
    const { health, timeline } = (await dataOf(seen)).runs[0] ?? {}
    const endSec = timeline?.endSec.at(-1) ?? 0
    expect(endSec).toBeLessThan(5.5)
    expect(health).toMatchObject({
      atSec: [0.5, 1.5, 2.5, 3.5, (4 + Math.min(endSec, 5)) / 2],
      cpuPercent: [30, 30, 30, 30, 30],
    })
    expect((await dataOf(unseen)).runs[0]?.health).toBeUndefined()
  })

  test('repeats the command with its flags, as a shell takes them', async () => {
    const { again } = await pageData([reportedOf(manyRecords(3))], { outputPath: "out puts/it's", plannedRuns: 1 })
    expect(again.command).toBe(`evalscope perf --from 'out puts/it'\\''s'`)
    expect(again.original).toBe("evalscope perf --model qwen2.5 --parallel 1 4 --api-key '**********' --no-stream")
  })

  test('has no answer of a request to which nothing came', async () => {
    const { runs } = await dataOf(reportedOf(manyRecords(3, { responseJson: '[]' })))
    expect(runs[0]?.rows.map(({ answer }) => answer)).toEqual([undefined, undefined, undefined])
  })

  test('masks in a body what its name says is a secret', async () => {
    const body = JSON.stringify({ api_key: 'sk-very-secret', messages: [] })
    const html = await htmlOf(reportedOf(manyRecords(3, { body })))
    expect(html).not.toContain('sk-very-secret')
    expect(html).toContain('**********')
  })
})

describe('the knee', () => {
  // Requests per second of a run: so many in the time of one.
  const runAt = (concurrency: number, ratePerSec: number): ReportedRun => {
    const gapUs = Math.round(1e6 / ratePerSec)
    const records = Array.from({ length: 300 }, (_, index) => {
      const sentUs = exampleRecord.sentUs + index * gapUs
      return { ...exampleRecord, index, requestId: `r${index}`, scheduledUs: sentUs, sentUs, endUs: sentUs + 300_000 }
    })
    return reportedOf(records, planOf(concurrency, 300))
  }

  test.each([
    // loads and their throughput, the knee, and why there is none
    [
      [
        [1, 10],
        [2, 20],
        [4, 39],
        [8, 40],
        [16, 40],
      ],
      2,
      undefined,
    ],
    [
      [
        [1, 10],
        [2, 20],
        [4, 40],
      ],
      undefined,
      'growing',
    ],
    [
      [
        [1, 40],
        [2, 40],
      ],
      undefined,
      'few',
    ],
    [
      [
        [1, 40],
        [2, 40],
        [4, 40],
      ],
      0,
      undefined,
    ],
  ] as const)('of %j is at %s', async (loads, knee, noKnee) => {
    const { load } = await dataOf(...loads.map(([concurrency, rate]) => runAt(concurrency, rate)))
    expect(load.points.map(point => point.load)).toEqual(loads.map(([concurrency]) => String(concurrency)))
    expect(load.knee).toBe(knee)
    expect(load.noKnee).toBe(noKnee)
  })
})

describe('the page', () => {
  test('keeps what others wrote within its data, whatever it says', async () => {
    const record = { body: JSON.stringify({ prompt: hostile }), responseJson: JSON.stringify([{ text: hostile }]) }
    const records = manyRecords(20, record).map(one =>
      one.failure ? { ...one, failure: { ...one.failure, message: hostile } } : one,
    )
    const html = await htmlOf(reportedOf(records, { ...planOf(4, 20), model: hostile }))
    expect(html.match(/<(script|img|\/script)/g)).toHaveLength(6)
    expect(html.match(/<title>[^<]*<\/title>/)).not.toBeNull()
    expect(JSON.parse(jsonIn(html))).toMatchObject({
      model: hostile,
      runs: [{ rows: expect.arrayContaining([expect.objectContaining({ answer: hostile })]) }],
    })
  })

  test('lets its own two scripts run alone, and fetches nothing', async () => {
    const html = await htmlOf(reportedOf(manyRecords(5)))
    const policy = /Content-Security-Policy" content="([^"]+)"/.exec(html)?.[1] ?? ''
    expect(policy).toContain("default-src 'none'")
    expect(policy.match(/'sha256-[\w+/]{43}='/g)).toHaveLength(2)
    expect(policy).not.toMatch(/script-src[^;]*unsafe|https?:/)
    expect(html.replace(jsonIn(html), '')).not.toMatch(/<(link|img|iframe|script) [^>]*(src|href)=/)
  })

  test.each([
    [
      'embeddings',
      reportedOf(
        manyRecords(30, { isStream: false, ttftUs: undefined, gapsUs: [], outputTokens: undefined }),
        embeddingPlan(2, 30),
      ),
    ],
    ['whole answers', reportedOf(manyRecords(30, { isStream: false }))],
    ['conversations', reportedOf(k05Records)],
    [
      'failures alone',
      reportedOf(manyRecords(30, { failure: { kind: 'connect', message: 'refused' }, statusCode: undefined })),
    ],
    ['nothing', reportedOf([])],
    ['one request', reportedOf(manyRecords(1))],
    ['an answer that took no time', reportedOf(manyRecords(3, { sentUs: 5, endUs: 5, ttftUs: 0, scheduledUs: 5 }))],
  ])('holds no NaN in a run of %s', async (_, run) => {
    const json = jsonIn(await htmlOf(run))
    expect(json).not.toMatch(/NaN|Infinity/)
    // What JSON makes of a number that is none; only health has nothing to tell.
    expect(json.replace(/"health":\{[^}]*\}/g, '')).not.toContain('null')
  })
})

describe('of 100 000 requests', () => {
  test('the page has less than 3 MB, with texts cut so that it has', async () => {
    const body = JSON.stringify({ messages: [{ role: 'user', content: `熵 <b> " ${'x'.repeat(8000)}` }] })
    const responseJson = JSON.stringify([{ text: '汉字 '.repeat(2000), reasoning: '' }])
    const run = reportedOf(manyRecords(100_000, { body, responseJson }))
    const data = await dataOf(run)
    expect(Buffer.byteLength(page(data))).toBeLessThan(3_000_000)
    expect(data.textBytes).toBeLessThan(2048)
    expect(
      data.runs[0]?.rows.every(
        ({ request = '', answer = '' }) => Buffer.byteLength(request) <= 2048 && Buffer.byteLength(answer) <= 2048,
      ),
    ).toBe(true)
  })
})
