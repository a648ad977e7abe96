import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'

/** The chart library: a copy beside our code, or, where we run from source, the package itself. */
export const chartLibraryPath = (): string => {
  const copied = fileURLToPath(new URL('../../assets/echarts.common.min.js', import.meta.url))
  return existsSync(copied) ? copied : createRequire(import.meta.url).resolve('echarts/dist/echarts.common.min.js')
}

/** The page's own scripts, each behind those that it takes something from as it loads. */
const scripts = [
  'state.js',
  'words-en.js',
  'words-zh.js',
  'words.js',
  'translate.js',
  'chinese-advice.js',
  'chinese-definitions.js',
  'chinese-gates.js',
  'chinese-labels.js',
  'chinese-notes.js',
  'chinese-reasons.js',
  'chinese.js',
  'sentences.js',
  'dom.js',
  'charts.js',
  'load-charts.js',
  'run-charts.js',
  'time-charts.js',
  'requests.js',
  'sections.js',
  'run-section.js',
  'print.js',
  'main.js',
]
const styles = ['page.css', 'parts.css', 'print.css']

/** All code of the page. */
export interface PageFiles {
  readonly library: string
  readonly script: string
  readonly style: string
}

/** Reads the code of the page: once a report, never while anything is measured. */
export const readPageFiles = (): PageFiles => ({
  library: readFileSync(chartLibraryPath(), 'utf8'),
  script: `(() => {\n'use strict'\n${scripts.map(readOwn).map(withoutModules).join('\n')}\n})()`,
  style: styles.map(readOwn).join('\n'),
})

const readOwn = (name: string): string => readFileSync(new URL(`./browser/${name}`, import.meta.url), 'utf8')

/** Modules cannot be loaded from disk, so all of them become one script: their names are unlike. */
const withoutModules = (code: string): string => code.replace(/^import [^']*'[^']+'\n/gm, '').replace(/^export /gm, '')
