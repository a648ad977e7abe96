import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hostile, manyRecords, reportedOf } from '../report/html/reported.ts'
import { planOf } from '../report/results.ts'
import { findChromium } from './chromium.mjs'
import { type Browser, launch, openPage } from './open-page.ts'

const one = () => reportedOf(manyRecords(400))
/** Whether all charts within an element are drawn. */
const allDrawn = (selector: string): string =>
  `[...document.querySelectorAll('${selector} .chart')].every(place => place.querySelector('svg'))`

const sweep = () => [1, 4, 16, 64, 256].map(parallel => reportedOf(manyRecords(100), planOf(parallel, 100)))

describe.skipIf(findChromium() === undefined)('perf_report.html in a browser', () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await launch()
  })
  afterAll(() => browser?.close())

  test.each([
    ['one run', () => [one()], 'en-US', 'light', 1280],
    ['five runs', sweep, 'zh-CN', 'dark', 1280],
    ['one run on a phone', () => [one()], 'zh-CN', 'light', 400],
    ['five runs on a phone', sweep, 'en-US', 'dark', 400],
    [
      'no success',
      () => [reportedOf(manyRecords(20, { failure: { kind: 'connect', message: 'refused' } }))],
      'en-US',
      'light',
      900,
    ],
    ['no request', () => [reportedOf([])], 'en-US', 'light', 900],
  ] as const)('draws %s, complains about nothing and fetches nothing', async (_, runs, locale, colorScheme, width) => {
    const { page, complaints } = await openPage(browser, runs(), {
      locale,
      colorScheme,
      // Charts are drawn as one comes near them.
      viewport: { width, height: 16_000 },
    })
    await expect.poll(() => page.evaluate(allDrawn('body'))).toBe(true)
    expect(complaints).toEqual([])
    expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true)
    expect(await page.evaluate('document.body.innerText')).not.toMatch(/NaN|undefined|Infinity|\[object/)
    expect(await page.evaluate('[document.documentElement.lang, document.documentElement.dataset.theme]')).toEqual([
      locale === 'zh-CN' ? 'zh-CN' : 'en',
      colorScheme,
    ])
    const others = "document.querySelectorAll('pre, .example').forEach(element => element.remove())"
    const text: string = await page.evaluate(`${others}; document.querySelector('main').textContent`)
    // Four words in a row are a sentence.
    if (locale === 'zh-CN') expect(text.match(/([A-Za-z]{2,} ){4,}/g)).toBeNull()
  })

  test('prints ten runs at most, each on pages of its own, light and without anything to click', async () => {
    const runs = Array.from({ length: 12 }, (_, at) => reportedOf(manyRecords(12), planOf(at + 1, 12)))
    const { page, complaints } = await openPage(browser, runs, { colorScheme: 'dark' })
    await page.selectOption('#details .runs', 'Parallel 4 / Number 12')
    await page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    expect(await page.evaluate(allDrawn('#printed'))).toBe(true)
    const counted = ['.printed-run', '.printed-run .tall', 'button:not(.link)', 'select', '.requests']
    const count = "name => document.querySelectorAll('#printed ' + name).length"
    expect(await page.evaluate(`${JSON.stringify(counted)}.map(${count})`)).toEqual([10, 10, 0, 0, 0])
    const heads: string[] = await page.evaluate(
      "[...document.querySelectorAll('.printed-run .run-head h3')].map(h => h.textContent)",
    )
    expect([heads[0], heads.at(-1)]).toEqual(['Parallel 1 / Number 12', 'Parallel 12 / Number 12'])
    expect(await page.textContent('#printed')).toContain('10 of 12 runs')
    expect(await page.evaluate("document.getElementById('printed').scrollWidth")).toBeLessThanOrEqual(700)
    expect(await page.evaluate('getComputedStyle(document.body).backgroundColor')).toBe('rgb(255, 255, 255)')
    await page.evaluate("window.dispatchEvent(new Event('afterprint'))")

    const pages = (await page.pdf({ format: 'A4' })).toString('latin1').match(/\/Type \/Page\b/g) ?? []
    expect(pages.length).toBeGreaterThan(10)
    expect(pages.length).toBeLessThan(50)
    const after = "[document.getElementById('printed'), document.documentElement.dataset.theme]"
    expect(await page.evaluate(after)).toEqual([null, 'dark'])
    expect(await page.evaluate("document.querySelector('#details .runs').value")).toBe('Parallel 4 / Number 12')
    expect(complaints).toEqual([])
  })

  test('changes theme and language where it is asked to', async () => {
    const { page, complaints } = await openPage(browser, sweep())
    const background = 'getComputedStyle(document.body).backgroundColor'
    const light = await page.evaluate(background)
    expect(await page.textContent('#details h2')).toBe('Run details')
    await page.click('#theme-dark')
    await page.click('#language-zh')
    expect(await page.evaluate(background)).not.toBe(light)
    expect(await page.textContent('#details h2')).toBe('运行详情')
    expect(complaints).toEqual([])
  })

  test('sorts, filters and shows a request', async () => {
    const { page, complaints } = await openPage(browser, [one()])
    const column = async (at: number): Promise<readonly string[]> =>
      page.evaluate(`[...document.querySelectorAll('.requests tbody tr')].map(row => row.children[${at}].textContent)`)
    const latencies = async (): Promise<readonly number[]> => (await column(1)).map(Number)
    await page.click('.requests thead th:nth-child(2) button')
    const falling = await latencies()
    expect(falling).toEqual(falling.toSorted((a, b) => b - a))
    await page.click('.requests thead th:nth-child(2) button')
    const rising = await latencies()
    expect(rising).toEqual(rising.toSorted((a, b) => a - b))
    expect(rising[0]).toBeLessThan(falling[0] as number)

    await page.selectOption('#filter', 'kind http_5xx')
    const outcomes: string[] = await page.evaluate(
      "[...document.querySelectorAll('.requests .pill')].map(pill => pill.textContent)",
    )
    expect(new Set(outcomes)).toEqual(new Set(['http_5xx']))
    await page.click('.requests tbody tr')
    const detail = await page.textContent('dialog')
    expect(detail).toContain('no answer')
    expect(detail).toContain('Größe 熵?')
    await page.keyboard.press('Escape')
    // Not waitForFunction, whose polls the page's own rules would refuse.
    await expect.poll(() => page.evaluate("document.querySelector('dialog') === null")).toBe(true)
    expect(complaints).toEqual([])
  })

  test('runs nothing that a server or a user wrote', async () => {
    const records = manyRecords(30, {
      body: JSON.stringify(hostile),
      responseJson: JSON.stringify([{ text: hostile }]),
    }).map(record => (record.failure ? { ...record, failure: { ...record.failure, message: hostile } } : record))
    const plan = planOf(4, 30)
    const run = reportedOf(records, {
      ...plan,
      name: hostile,
      model: hostile,
      api: hostile,
      dataset: { ...plan.dataset, spec: hostile },
      target: { ...plan.target, url: hostile },
    })
    const { page, complaints } = await openPage(browser, [
      { ...run, arguments: { provenance: { given: { model: hostile } } } },
    ])
    for (const row of [1, 4]) {
      await page.click(`.requests tbody tr:nth-child(${row})`)
      expect(await page.textContent('dialog')).toContain('onerror')
      await page.keyboard.press('Escape')
    }
    await page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    expect(await page.evaluate('[window.hacked, document.images.length, document.scripts.length]')).toEqual([
      undefined,
      0,
      3,
    ])
    expect(await page.textContent('h1')).toContain('onerror')
    expect(complaints).toEqual([])
  })

  test('opens in less than 2 s with all that it may hold of 100 000 requests', { retry: 2 }, async () => {
    const body = JSON.stringify({ prompt: 'x'.repeat(3000) })
    const { openedMs, complaints } = await openPage(browser, [
      reportedOf(manyRecords(100_000, { body, responseJson: body })),
    ])
    expect(openedMs).toBeLessThan(2000)
    expect(complaints).toEqual([])
  })
})
