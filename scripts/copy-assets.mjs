// What the compiler leaves behind: the page's own scripts and styles, the chart library with the licences of all in it, and
// the font of pictures with its own.
import { cpSync, mkdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const assets = `${root}dist/assets`

cpSync(`${root}src/report/html/browser`, `${root}dist/report/html/browser`, { recursive: true })
mkdirSync(assets, { recursive: true })
const echarts = `${root}node_modules/echarts`
cpSync(`${echarts}/dist/echarts.common.min.js`, `${assets}/echarts.common.min.js`)
// Says that the library is CommonJS, which our package is not.
cpSync(`${echarts}/dist/package.json`, `${assets}/package.json`)
cpSync(`${echarts}/LICENSE`, `${assets}/echarts.LICENSE.txt`)
cpSync(`${echarts}/NOTICE`, `${assets}/echarts.NOTICE.txt`)
cpSync(`${root}node_modules/zrender/LICENSE`, `${assets}/zrender.LICENSE.txt`)
cpSync(`${root}node_modules/tslib/LICENSE.txt`, `${assets}/tslib.LICENSE.txt`)
cpSync(`${root}src/visualizers/bridge.py`, `${assets}/bridge.py`)
const font = `${root}node_modules/dejavu-fonts-ttf`
cpSync(`${font}/ttf/DejaVuSans.ttf`, `${assets}/DejaVuSans.ttf`)
cpSync(`${font}/LICENSE`, `${assets}/DejaVuSans.LICENSE.txt`)
