import { card, duration, h, hint, number, percent, table, withUnit } from './dom.js'
import { requestTable } from './requests.js'
import { histogramChart, percentileChart } from './run-charts.js'
import { badge, levelOf, pairs, reasonList, sentence, tail } from './sections.js'
import { say, sayFailure } from './sentences.js'
import { change, data, state } from './state.js'
import { scatterChart, timelineChart } from './time-charts.js'

const tiles = (run, point, t) => {
  const tile = (name, value, more) =>
    value !== '—' &&
    h(
      'div',
      { class: 'tile' },
      h('span', { class: 'tile-name' }, name),
      h('span', { class: 'tile-value' }, value),
      h('span', { class: 'tile-more' }, more),
    )
  const below = times => (times.p99 === undefined ? '' : tail(times, t, 'p99 '))
  return h(
    'div',
    { class: 'tiles' },
    tile(
      t.requestThroughput,
      withUnit(point.requestsPerSec, 'req/s'),
      `${number(run.counts.total, 9)} ${t.ofRequests}`,
    ),
    tile(
      t.tokenThroughput,
      withUnit(point.outputTokensPerSec ?? point.inputTokensPerSec, 'tok/s'),
      point.outputTokensPerSec === undefined ? t.input : t.output,
    ),
    tile(t.latency, duration(point.latency.mean), below(point.latency)),
    tile('TTFT', duration(point.ttft.mean), below(point.ttft)),
    tile('TPOT', duration(point.tpot.mean), below(point.tpot)),
    tile(
      t.successRate,
      percent(point.successPercent),
      run.counts.failed > 0 ? `${number(run.counts.failed, 9)} ${t.onlyFailed}` : '',
    ),
  )
}

const figureCard = (title, { head, rows }, t) => {
  // Without a success there is nothing but dashes.
  if (rows.every(({ cells }) => cells.every(cell => cell === '—'))) return undefined
  const hasWeak = rows.some(({ weak }) => weak.length > 0)
  return card(
    title,
    table({
      head: [t.metric, ...head.map(say)],
      rows: rows.map(({ label, cells, weak }) => [
        say(label),
        ...cells.map((cell, at) => (weak.includes(at) ? `${cell}*` : cell)),
      ]),
    }),
    hasWeak && hint(t.weak),
  )
}

const runTabs = t => {
  if (data.runs.length < 2) return undefined
  if (data.runs.length > 8) {
    return h(
      'select',
      { class: 'runs', 'aria-label': t.run, onchange: ({ target }) => change({ run: target.selectedIndex }) },
      data.runs.map((run, at) => h('option', { selected: at === state.run }, say(run.label))),
    )
  }
  return h(
    'div',
    { class: 'tabs', role: 'group', 'aria-label': t.run },
    data.runs.map((run, at) =>
      h(
        'button',
        { type: 'button', 'aria-pressed': String(at === state.run), onclick: () => change({ run: at }) },
        h('i', { class: `dot ${levelOf(run)}` }),
        say(run.label),
      ),
    ),
  )
}

export const distributions = (run, t) => {
  const names = ['latency', 'ttft', 'itl', 'tpot'].filter(name => run.curves[name] !== undefined)
  if (names.length === 0)
    return card(t.distributions, hint(run.counts.total + run.counts.cutOff === 0 ? t.noRequests : t.noSuccess))
  const histograms = names.map(name => histogramChart(name, run.curves[name], t))
  const curves = [percentileChart(['latency'], run, t), percentileChart(['ttft', 'itl', 'tpot'], run, t)]
  return [
    h('div', { class: 'grid two' }, histograms, curves),
    names.length === 1 && data.isGenerating && hint(t.notStreamed),
  ]
}

const failuresCard = (run, t) =>
  card(
    t.failures,
    run.result.failures.length === 0
      ? hint(t.noFailures)
      : table({
          head: [t.kind, t.example, t.status, t.count],
          firstIsText: 2,
          rows: run.result.failures.map(({ kind, statusCode, count, example }) => [
            sayFailure(kind),
            h('span', { class: 'example' }, example),
            statusCode ?? '—',
            number(count, 9),
          ]),
        }),
  )

const gatesCard = ({ gates = [] }, t) =>
  gates.length > 0 &&
  card(
    t.gates,
    table({
      head: [t.condition, t.outcome, t.found],
      firstIsText: 3,
      rows: gates.map(({ condition, verdict, reason }) => [
        say(condition),
        h('span', { class: verdict === 'passed' ? 'pill good' : 'pill bad' }, t[verdict]),
        h('span', { class: 'example' }, say(reason)),
      ]),
    }),
  )

const sampleHint = (run, t) => {
  const all = run.counts.total + run.counts.cutOff
  const { failures, slowest, random } = data.sampleSizes
  return hint(
    [
      t.sampleText(number(run.rows.length, 9), number(all, 9), failures, slowest, random),
      t.textText(data.textBytes),
    ].join(' '),
  )
}

/** What is told of a run on screen and on paper. */
export const runFigures = (run, point, t) => {
  const { notes, speed } = run.result
  return [
    tiles(run, point, t),
    gatesCard(run.result, t),
    run.timeline && card('', timelineChart(run, t), run.health && hint(t.timelineText)),
    distributions(run, t),
    h(
      'div',
      { class: 'grid summaries' },
      run.summary.map(({ title, rows }) => card(say(title), pairs(rows))),
    ),
    figureCard(t.percentiles, run.percentiles, t),
    run.conversations && figureCard(t.conversations, run.conversations, t),
    speed.length > 0 &&
      card(
        t.speed,
        table({
          head: [t.promptTokens, t.speedHead],
          rows: speed.map(row => [number(row.inputTokens, 9), number(row.tokensPerSec)]),
          firstIsText: 0,
          isNarrow: true,
        }),
      ),
    failuresCard(run, t),
    notes.length > 0 &&
      card(
        t.notes,
        h(
          'ul',
          { class: 'notes' },
          notes.map(note => h('li', {}, say(note))),
        ),
      ),
  ]
}

export const runHead = run => {
  const { verdict } = run.result
  return h(
    'div',
    { class: `run-head ${levelOf(run)}` },
    h('h3', {}, say(run.label)),
    badge(levelOf(run)),
    data.runs.length > 1 && [verdict.statement && h('p', {}, sentence(verdict.statement)), reasonList(verdict.reasons)],
  )
}

export const runSection = t => {
  const run = data.runs[state.run]
  return h(
    'section',
    { class: 'block', id: 'details' },
    h('h2', {}, t.details),
    runTabs(t),
    runHead(run),
    runFigures(run, data.load.points[state.run], t),
    run.rows.length > 0 && [card('', scatterChart(run, t)), card(t.table, sampleHint(run, t), requestTable(run, t))],
  )
}
