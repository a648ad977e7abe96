import { forgetCharts } from './charts.js'
import { h } from './dom.js'
import './print.js'
import { runSection } from './run-section.js'
import {
  adviceSection,
  againSection,
  basicSection,
  curvesSection,
  definitionsSection,
  header,
  overviewSection,
  verdictSection,
} from './sections.js'
import { change, data, prefersDark, state } from './state.js'
import { words } from './words.js'

const render = () => {
  const t = words[state.language]
  document.documentElement.lang = state.language === 'zh' ? 'zh-CN' : 'en'
  document.documentElement.dataset.theme = state.theme
  forgetCharts()
  document
    .getElementById('page')
    .replaceChildren(
      header(t),
      h(
        'main',
        {},
        verdictSection(t),
        h('div', { class: 'grid two' }, basicSection(t), adviceSection(t)),
        data.runs.length > 1 && overviewSection(t),
        curvesSection(t),
        runSection(t),
        definitionsSection(t),
        againSection(t),
      ),
      h('footer', {}, t.footer),
    )
}

document.addEventListener('chosen', () => {
  const { scrollX, scrollY } = window
  render()
  window.scrollTo(scrollX, scrollY)
})
prefersDark.addEventListener('change', ({ matches }) => {
  // Paper is light, which is no change of the reader's mind.
  if (document.getElementById('printed') === null) change({ theme: matches ? 'dark' : 'light' })
})
render()
