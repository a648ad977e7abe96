import { writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { page } from '../../src/report/html/page.ts'
import { pageData } from '../../src/report/html/page-data.ts'
import type { ReportedRun } from '../../src/report/html/reported-run.ts'
import { temporaryDirectory } from '../store/records.ts'
import { findChromium } from './chromium.mjs'

/** As much of playwright-core as is used: its types are not installed where the rest is checked. */
export interface BrowserPage {
  goto(url: string): Promise<unknown>
  on(event: 'console' | 'pageerror' | 'request', listener: (what: never) => void): void
  click(selector: string): Promise<void>
  textContent(selector: string): Promise<string | null>
  evaluate<T>(code: string): Promise<T>
  selectOption(selector: string, value: string): Promise<unknown>
  waitForSelector(selector: string): Promise<unknown>
  waitForFunction(code: string): Promise<unknown>
  pdf(options: { readonly format: 'A4' }): Promise<Buffer>
  keyboard: { press(key: string): Promise<void> }
}

export interface Browser {
  newContext(options: {
    readonly locale?: string
    readonly colorScheme?: 'light' | 'dark'
    readonly viewport?: { readonly width: number; readonly height: number }
  }): Promise<{ newPage(): Promise<BrowserPage>; close(): Promise<void> }>
  close(): Promise<void>
}

interface Playwright {
  readonly chromium: { launch(options: { executablePath: string; args: readonly string[] }): Promise<Browser> }
}

/** A browser without a window. */
export const launch = (): Promise<Browser> => {
  const { chromium } = createRequire(import.meta.url)('playwright-core') as Playwright
  // Root has no sandbox in most containers, and the page comes from here.
  return chromium.launch({ executablePath: findChromium() as string, args: ['--no-sandbox'] })
}

/** A page that is open, and what it complained about or asked for since. */
export interface OpenPage {
  readonly page: BrowserPage
  readonly complaints: readonly string[]
  readonly openedMs: number
}

type Context = Parameters<Browser['newContext']>[0]

/** Writes the page of these runs to disk and opens it from there. */
export const openPage = async (
  browser: Browser,
  runs: readonly ReportedRun[],
  context: Context = {},
): Promise<OpenPage> => {
  const path = join(temporaryDirectory(), 'perf_report.html')
  writeFileSync(path, page(await pageData(runs, { outputPath: 'outputs/x', plannedRuns: runs.length })))
  const url = pathToFileURL(path).href
  const opened = await (await browser.newContext({ locale: 'en-US', colorScheme: 'light', ...context })).newPage()
  const complaints: string[] = []
  opened.on('console', (message: { type(): string; text(): string }) => {
    complaints.push(`${message.type()}: ${message.text()}`)
  })
  opened.on('pageerror', (error: Error) => complaints.push(String(error)))
  opened.on('request', (request: { url(): string }) => {
    if (request.url() !== url) complaints.push(`request: ${request.url()}`)
  })
  const fromMs = performance.now()
  await opened.goto(url)
  await opened.waitForSelector('footer')
  return { page: opened, complaints, openedMs: performance.now() - fromMs }
}
