import { describe, expect, test } from 'vitest'
import type { RunResult } from '../../../src/model/result.ts'
import type { LoadShape } from '../../../src/model/run-plan.ts'
import { drawPng, type PngRenderer } from '../../../src/report/pictures/draw-png.ts'
import { drawSvg } from '../../../src/report/pictures/draw-svg.ts'
import { type LoadPicture, loadPanels, loadPanelsSize } from '../../../src/report/pictures/load-panels.ts'
import { loadPanelOf, loadPoints } from '../../../src/report/pictures/load-points.ts'
import { performancePicture } from '../../../src/report/pictures/performance-picture.ts'
import { embeddingPlan, handMade, k14Results, loadPlan, planOf } from '../results.ts'

const svgOf = (picture: LoadPicture): Promise<string> => drawSvg(loadPanels(picture), loadPanelsSize(picture))

/** Texts that a reader sees. */
const textsIn = (svg: string): readonly string[] =>
  [...svg.matchAll(/<text [^>]*>([^<]*)<\/text>/g)].map(([, text = '']) => text)

type Place = readonly (number | '-')[]

interface Series {
  readonly name: string
  readonly data: readonly (Place | { readonly value: Place; readonly itemStyle?: unknown })[]
}

const seriesOf = (picture: LoadPicture): readonly Series[] => loadPanels(picture).series as readonly Series[]

/** To two decimals. */
const placeOf = (point: Series['data'][number]): readonly (number | string)[] =>
  ('value' in point ? point.value : point).map(value =>
    typeof value === 'number' ? Math.round(value * 100) / 100 : value,
  )

/** With a p90, which 20 requests do not carry. */
const [clean, failing] = k14Results.map(result => ({
  ...result,
  quoted: { levels: [50, 90, 99], rows: [{ series: 'latency' as const, count: 20, values: [500, 1000, 2000] }] },
})) as readonly RunResult[] as readonly [RunResult, RunResult]
const refused = handMade(planOf(50, 20), { failedRequests: 20, requestsPerSec: 0, durationMs: 100 })
const doubtful: RunResult = { ...clean, verdict: { level: 'SUSPECT', reasons: [], statement: undefined } }

describe('the picture of a sweep', () => {
  test('has six panels over its loads, and says what was tested', async () => {
    const texts = textsIn(await svgOf(performancePicture([clean, failing])))
    for (const text of [
      ...['qwen2.5', 'dataset random · API openai · 2 runs'],
      ...['Time used (s)', 'QPS (requests/s)', 'Mean latency (s)', 'Output throughput (tok/s)'],
      ...['p50 of latency (s)', 'p90 of latency (s)', '12.3', '1264', '1.23', '0.5', '1*'],
    ]) {
      expect(texts).toContain(text)
    }
    expect(texts.filter(text => text === 'Concurrency (requests in flight)')).toHaveLength(6)
  })

  test('marks failures with their number, what has no figure, and doubtful points, and says what the marks mean', async () => {
    const picture = performancePicture([doubtful, failing, refused])
    const texts = textsIn(await svgOf(picture))
    for (const mark of ['verdict not VALID', 'requests failed', 'requests failed, no figure']) {
      expect(texts).toContain(mark)
    }
    expect(texts).toContain('3 failed')
    const latency = seriesOf(picture).slice(6, 9)
    expect(latency.map(({ name, data }) => [name, data.map(placeOf)])).toEqual([
      [
        'qwen2.5',
        [
          [0, 0.5],
          [1, 1.23],
          [2, '-'],
        ],
      ],
      ['requests failed', [[1, 1.23]]],
      ['requests failed, no figure', [[2, 0]]],
    ])
    expect(latency[0]?.data.map(point => 'itemStyle' in point)).toEqual([true, false, false])
  })

  test('explains no mark that it does not have', async () => {
    expect(textsIn(await svgOf(performancePicture([clean]))).filter(text => /verdict|failed/.test(text))).toEqual([])
  })

  test.each<[string, readonly LoadShape[], string, readonly string[]]>([
    ['rates', [open(2), open(0.5)], 'Rate (requests per second)', ['0.5', '2']],
    ['one rate', [open(2)], 'Rate (requests per second)', ['2']],
    [
      'both',
      [
        { kind: 'closed', concurrency: 4 },
        { kind: 'closed', concurrency: 8, pacing: { ratePerSec: 5, arrival: 'poisson' } },
      ],
      'Concurrency / rate (requests per second)',
      ['4 / no limit', '8 / 5'],
    ],
    ['a trace', [{ kind: 'trace' }], 'Load', ['trace']],
  ])('of %s says so on its axis', (_, loads, name, texts) => {
    const picture = performancePicture(loads.map(load => handMade(loadPlan(load), {})))
    expect(picture.loadName).toBe(name)
    expect(picture.lines[0]?.points.map(({ loadText }) => loadText)).toEqual(texts)
  })

  test('shows input tokens where answers have none', () => {
    const { panels } = performancePicture([handMade(embeddingPlan(1, 10), { inputTokensPerSec: 50 })])
    expect(panels.map(({ title }) => title)).toContain('Input throughput (tok/s)')
    expect(panels).toHaveLength(6)
  })

  function open(ratePerSec: number): LoadShape {
    return { kind: 'open', pacing: { ratePerSec, arrival: 'poisson' } }
  }
})

test('a single load is drawn as bars with their figures, and one that has none by its failures alone', async () => {
  const { latencySec, failed } = loadPanelOf
  const at50 = { ...clean, plan: planOf(50, 20) }
  const lines = [at50, refused].map((result, at) => ({ name: `run ${at}`, points: loadPoints([result]) }))
  const picture = { title: 'x', subtitle: 'y', loadName: 'Concurrency', panels: [latencySec, failed], lines }
  const [first, second] = seriesOf(picture) as unknown as readonly {
    type: string
    data: readonly { label: unknown }[]
  }[]
  expect([first?.type, second?.type]).toEqual(['bar', 'bar'])
  expect([first, second].map(series => series?.data[0]?.label)).toEqual([
    { formatter: '0.499' },
    { formatter: '{failures|20 failed}' },
  ])
})

test('numbers of failures that have no room beside each other stand upright', () => {
  const points = Array.from({ length: 15 }, (_, at) => ({
    load: at,
    values: { x: 1 },
    failed: 1000,
    isDoubtful: false,
  }))
  const rotationOf = (count: number): number | undefined => {
    const lines = [{ name: 'x', points: points.slice(0, count) }]
    const [series] = seriesOf({ title: '', subtitle: '', loadName: '', panels: [{ key: 'x', title: '' }], lines })
    return (series as unknown as { label: { rotate?: number } }).label.rotate
  }
  expect([5, 15].map(rotationOf)).toEqual([undefined, 90])
})

test.each([[[10, 10]], [[0.013, 0.0129]], [[1264, 3]]])('above points at %j labels have room', values => {
  const points = values.map((x, load) => ({ load, values: { x }, failed: 12, isDoubtful: false }))
  const lines = [{ name: 'x', points }]
  const { yAxis } = loadPanels({ title: '', subtitle: '', loadName: '', panels: [{ key: 'x', title: '' }], lines })
  const [{ max, interval }] = yAxis as unknown as [{ max: number; interval: number }]
  expect(max).toBeGreaterThan(1.3 * Math.max(...values))
  expect(max).toBeLessThan(2 * Math.max(...values))
  expect((max / interval) % 1).toBeCloseTo(0, 6)
})

test('several benchmarks share the panels, each with its name and its look', async () => {
  const { requestsPerSec, failed } = loadPanelOf
  const lines = ['vLLM', 'MindIE'].map(name => ({ name, points: loadPoints([clean, failing]) }))
  const picture = { title: 'x', subtitle: 'y', loadName: 'Concurrency', panels: [requestsPerSec, failed], lines }
  const texts = textsIn(await svgOf(picture))
  expect(texts).toEqual(expect.arrayContaining(['vLLM', 'MindIE', 'Failed requests']))
  expect(texts.filter(text => /failed$/.test(text))).toEqual([])
  const looks = seriesOf(picture).filter(({ name }) => ['vLLM', 'MindIE'].includes(name)) as unknown as readonly {
    symbol: string
    lineStyle: { color: string; type: unknown }
  }[]
  expect(new Set(looks.map(({ symbol }) => symbol)).size).toBe(2)
  expect(new Set(looks.map(({ lineStyle }) => lineStyle.color)).size).toBe(2)
})

describe('as a file', () => {
  const named = (model: string): LoadPicture => performancePicture([{ ...clean, plan: { ...clean.plan, model } }])

  test('a name is text, whatever is in it', async () => {
    const svg = await svgOf(named('<script>alert(1)</script> & \u0000\u001b[31m通义千问 "7B"'))
    expect(svg).not.toContain('<script')
    expect(svg).toContain('&lt;script')
    expect(textsIn(svg)).toContainEqual(expect.stringContaining('通义千问'))
    // biome-ignore lint/suspicious/noControlCharactersInRegex: no XML has them.
    expect(svg).not.toMatch(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/)
  })

  test('the PNG is half as large again as the SVG', async () => {
    const picture = performancePicture(k14Results)
    const { png, notice } = await drawPng(await svgOf(picture))
    const { widthPx, heightPx } = loadPanelsSize(picture)
    const header = Buffer.from(png ?? [])
    expect(notice).toBeUndefined()
    expect(header.subarray(1, 4).toString('latin1')).toBe('PNG')
    expect([header.readUInt32BE(16), header.readUInt32BE(20)]).toEqual([1.5 * widthPx, 1.5 * heightPx])
  })

  test('without the renderer there is a line, and no PNG', async () => {
    const { png, notice } = await drawPng('<svg/>', () => undefined)
    expect(png).toBeUndefined()
    expect(notice).toMatch(/^pictures are SVG alone: .*@resvg\/resvg-js/)
  })

  test('what it cannot read costs a line', async () => {
    expect(await drawPng('no picture')).toEqual({
      png: undefined,
      notice: expect.stringMatching(/^pictures are SVG alone: a PNG cannot be drawn: [^\n]+$/),
    })
  })

  test('characters that no font has are named', async () => {
    // Every glyph looks like every other: they are all boxes.
    const boxes: PngRenderer = {
      Resvg: class {
        render = () => ({ pixels: new Uint8Array(1e6), asPng: () => new Uint8Array([1]) })
      },
    }
    const { png, notice } = await drawPng('<svg><text x="1">通义 a·b</text></svg>', () => boxes)
    expect(png).toEqual(new Uint8Array([1]))
    expect(notice).toMatch(/^no font of this system has 通义·: /)
  })
})
