import { drawWithin, forgetWithin } from './charts.js'
import { h, hint } from './dom.js'
import { runFigures, runHead } from './run-section.js'
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
import { data, state } from './state.js'
import { words } from './words.js'

/** More runs are as many pages that nobody reads; those of the table at the front are all. */
const mostPrinted = 10

/** Places of the runs that are printed: all, or as many from the lowest to the highest load. */
const printedPlaces = () => {
  const { length } = data.runs
  if (length <= mostPrinted) return data.runs.map((_, at) => at)
  return Array.from({ length: mostPrinted }, (_, at) => Math.round((at * (length - 1)) / (mostPrinted - 1)))
}

const printedPage = t => {
  const places = printedPlaces()
  return h(
    'div',
    { id: 'printed' },
    header(t, { hasChoices: false }),
    h(
      'main',
      {},
      verdictSection(t),
      h('div', { class: 'grid two' }, basicSection(t), adviceSection(t)),
      data.runs.length > 1 && overviewSection(t),
      curvesSection(t),
      places.length < data.runs.length && hint(t.printed(places.length, data.runs.length)),
      places.map(at =>
        h(
          'section',
          { class: 'block printed-run' },
          runHead(data.runs[at]),
          runFigures(data.runs[at], data.load.points[at], t),
        ),
      ),
      definitionsSection(t, { isOpen: true }),
      againSection(t),
    ),
    h('footer', {}, t.footer),
  )
}

/** What is on paper is another page: all runs one after the other, on white, with all of their charts drawn. */
const beforePrint = () => {
  afterPrint()
  const printed = printedPage(words[state.language])
  document.documentElement.dataset.theme = 'light'
  document.documentElement.classList.add('printing')
  document.body.append(printed)
  drawWithin(printed)
}

const afterPrint = () => {
  const printed = document.getElementById('printed')
  if (printed === null) return
  forgetWithin(printed)
  printed.remove()
  document.documentElement.classList.remove('printing')
  document.documentElement.dataset.theme = state.theme
}

window.addEventListener('beforeprint', beforePrint)
window.addEventListener('afterprint', afterPrint)
