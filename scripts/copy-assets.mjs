// What the compiler leaves behind: the page's own scripts and styles, the chart library with the licences of all in it, and
// the font of pictures with its own. What has not changed stays: others may be reading it.
import { cpSync, mkdirSync, statSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const assets = `${root}dist/assets`

const factsOf = path => {
  const facts = statSync(path, { throwIfNoEntry: false })
  return facts?.isFile() ? `${facts.size} ${Math.trunc(facts.mtimeMs)}` : 'no file'
}

const copy = (from, to) =>
  cpSync(from, to, {
    recursive: true,
    preserveTimestamps: true,
    filter: (source, target) => factsOf(source) === 'no file' || factsOf(source) !== factsOf(target),
  })

copy(`${root}src/report/html/browser`, `${root}dist/report/html/browser`)
mkdirSync(assets, { recursive: true })
const echarts = `${root}node_modules/echarts`
copy(`${echarts}/dist/echarts.common.min.js`, `${assets}/echarts.common.min.js`)
// Says that the library is CommonJS, which our package is not.
copy(`${echarts}/dist/package.json`, `${assets}/package.json`)
copy(`${echarts}/LICENSE`, `${assets}/echarts.LICENSE.txt`)
copy(`${echarts}/NOTICE`, `${assets}/echarts.NOTICE.txt`)
copy(`${root}node_modules/zrender/LICENSE`, `${assets}/zrender.LICENSE.txt`)
copy(`${root}node_modules/tslib/LICENSE.txt`, `${assets}/tslib.LICENSE.txt`)
copy(`${root}src/visualizers/bridge.py`, `${assets}/bridge.py`)
const font = `${root}node_modules/dejavu-fonts-ttf`
copy(`${font}/ttf/DejaVuSans.ttf`, `${assets}/DejaVuSans.ttf`)
copy(`${font}/LICENSE`, `${assets}/DejaVuSans.LICENSE.txt`)
