// What the compiler leaves behind: the page's own scripts and styles, and the chart library with the licences of all in it.
import { cpSync, mkdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const assets = `${root}dist/assets`

cpSync(`${root}src/report/html/browser`, `${root}dist/report/html/browser`, { recursive: true })
mkdirSync(assets, { recursive: true })
const echarts = `${root}node_modules/echarts`
cpSync(`${echarts}/dist/echarts.common.min.js`, `${assets}/echarts.common.min.js`)
cpSync(`${echarts}/LICENSE`, `${assets}/echarts.LICENSE.txt`)
cpSync(`${echarts}/NOTICE`, `${assets}/echarts.NOTICE.txt`)
cpSync(`${root}node_modules/zrender/LICENSE`, `${assets}/zrender.LICENSE.txt`)
cpSync(`${root}node_modules/tslib/LICENSE.txt`, `${assets}/tslib.LICENSE.txt`)
