import { card, duration, h, hint, number, percent, table } from './dom.js'
import { loadCharts } from './load-charts.js'
import { say } from './sentences.js'
import { change, data, state } from './state.js'
import { words } from './words.js'

export const levelOf = run => run.result.verdict.level ?? 'none'

const worst = () => ['INVALID', 'none', 'SUSPECT', 'VALID'].find(level => data.runs.some(run => levelOf(run) === level))

export const badge = level => h('span', { class: `badge ${level}` }, words[state.language][level])

export const header = (t, { hasChoices = true } = {}) => {
  const started =
    data.startedAt === undefined
      ? '—'
      : new Date(data.startedAt).toLocaleString(state.language === 'zh' ? 'zh-CN' : 'en-GB', {
          dateStyle: 'medium',
          timeStyle: 'short',
        })
  const fact = (name, value) => h('div', {}, h('dt', {}, name), h('dd', {}, value))
  return h(
    'header',
    { class: 'masthead' },
    h(
      'div',
      { class: 'bar' },
      h('span', { class: 'brand' }, 'evalscope', h('b', {}, ' perf')),
      h('span', { class: 'spacer' }),
      hasChoices &&
        choice(
          'language',
          [
            ['en', 'English'],
            ['zh', '中文'],
          ],
          t.language,
        ),
      hasChoices &&
        choice(
          'theme',
          [
            ['light', t.light],
            ['dark', t.dark],
          ],
          t.theme,
        ),
    ),
    h('h1', {}, data.model),
    h('p', { class: 'subtitle' }, data.isGenerating ? t.title : t.embeddingTitle),
    h(
      'dl',
      { class: 'headfacts' },
      fact(t.api, data.api),
      fact(t.dataset, data.dataset),
      fact(t.url, data.url),
      fact(t.started, started),
      fact(t.version, data.version),
    ),
  )
}

const choice = (key, options, label) =>
  h(
    'div',
    { class: 'choice', role: 'group', 'aria-label': label },
    options.map(([value, word]) =>
      h(
        'button',
        {
          type: 'button',
          id: `${key}-${value}`,
          'aria-pressed': String(state[key] === value),
          onclick: () => change({ [key]: value }),
        },
        word,
      ),
    ),
  )

export const verdictSection = t => {
  const level = worst()
  const isOne = data.runs.length === 1
  const runs = data.runs.filter(run => isOne || levelOf(run) !== 'VALID')
  return h(
    'section',
    { class: `verdict ${level}`, id: 'verdict' },
    h('div', { class: 'verdict-head' }, h('h2', {}, t.verdict), badge(level)),
    h('p', { class: 'verdict-text' }, verdictText(level, t)),
    runs.map(run => {
      const { reasons, statement } = run.result.verdict
      if (reasons.length === 0 && statement === undefined) return undefined
      return h(
        'div',
        { class: 'verdict-run' },
        !isOne && h('h3', {}, say(run.label), ' ', badge(levelOf(run))),
        statement && h('p', {}, sentence(statement)),
        reasonList(reasons),
      )
    }),
    data.unfinished !== undefined && h('p', {}, say(data.unfinished)),
  )
}

const verdictText = (level, t) => {
  const levels = ['VALID', 'SUSPECT', 'INVALID', 'none']
  const counts = levels.map(name => [name, data.runs.filter(run => levelOf(run) === name).length])
  const present = counts.filter(([, count]) => count > 0)
  if (present.length === 1) return t[`${level}text`]
  const parts = present.map(([name, count]) => t.countText(count, t[name])).join(t.comma)
  return level === 'INVALID' ? t.mixedText(parts) : t.doubtText(parts, t[`${level}text`])
}

/** Statements begin small and without an end, as they stand behind a colon on a terminal. */
export const sentence = statement => {
  const said = say(statement)
  return said === statement ? `${said.charAt(0).toUpperCase()}${said.slice(1)}.` : `${said}。`
}

export const reasonList = reasons =>
  reasons.length > 0 &&
  h(
    'ul',
    {},
    reasons.map(({ name, message, level }) =>
      h(
        'li',
        {},
        h('strong', {}, say(name)),
        ` (${words[state.language][level]})${words[state.language].colon}`,
        say(message),
      ),
    ),
  )

/** Tables for terminals write −1 and - for what has no limit. */
const unlimited = (name, value) =>
  (/^Request Rate/.test(name) && value === '-1') || (name === 'Concurrency' && value === '-') ? '∞' : value

export const pairs = list =>
  h(
    'dl',
    { class: 'pairs' },
    list.map(([name, value]) => h('div', {}, h('dt', {}, say(name)), h('dd', {}, unlimited(name, value)))),
  )

const sumOf = key => data.runs.reduce((sum, run) => sum + run.counts[key], 0)

export const basicSection = t =>
  card(
    t.basic,
    pairs([
      ...data.basic,
      [
        t.requests,
        `${number(sumOf('total'), 9)} · ${t.succeeded} ${number(sumOf('succeeded'), 9)} · ${t.failed} ${number(sumOf('failed'), 9)}${sumOf('cutOff') > 0 ? ` · ${t.cutOff} ${number(sumOf('cutOff'), 9)}` : ''}`,
      ],
    ]),
  )

export const adviceSection = t => {
  // A search says itself what is best.
  if (!data.isAdvising) return undefined
  return card(
    t.best,
    data.best.length === 0 ? hint(t.noBest) : pairs(data.best.map(([name, load]) => [name, say(load)])),
    data.recommendations.length > 0 && [
      h('h4', {}, t.recommendations),
      h(
        'ul',
        { class: 'advice' },
        data.recommendations.map(line => h('li', {}, say(line))),
      ),
    ],
  )
}

/** A p99, marked where the run has too few samples for it. */
export const tail = ({ p99, p99Needs }, t, before = '') =>
  p99Needs === undefined
    ? `${before}${duration(p99)}`
    : h('span', { title: t.p99Needs(p99Needs) }, `${before}${duration(p99)}*`)

/** What the mark means, where any p99 has it. */
const tailHint = t =>
  data.load.points.some(({ latency, ttft, tpot }) => [latency, ttft, tpot].some(each => each.p99Needs !== undefined)) &&
  hint(t.weak)

export const overviewSection = t => {
  const times = (name, pick) =>
    data.load.points.some(point => pick(point) !== undefined) ? [[name, point => duration(pick(point))]] : []
  const tails = pick =>
    data.load.points.some(point => pick(point).p99 !== undefined) ? [['p99', point => tail(pick(point), t)]] : []
  const rates = (name, pick, unit) =>
    data.load.points.some(point => pick(point) !== undefined)
      ? [[name === '' ? unit : `${name} (${unit})`, point => number(pick(point))]]
      : []
  const columns = [
    ...rates('', p => p.requestsPerSec, 'req/s'),
    ...rates(t.output, p => p.outputTokensPerSec, 'tok/s'),
    ...rates(t.input, p => p.inputTokensPerSec, 'tok/s'),
    ...times(`${t.latency} ${t.mean}`, p => p.latency.mean),
    ...tails(p => p.latency),
    ...times('TTFT', p => p.ttft.mean),
    ...tails(p => p.ttft),
    ...times('TPOT', p => p.tpot.mean),
    ...tails(p => p.tpot),
    [t.successRate, point => percent(point.successPercent)],
  ]
  return card(
    t.overview,
    table({
      head: [t.load, t.verdictShort, t.requests, ...columns.map(([name]) => name)],
      rows: data.load.points.map((point, at) => {
        const run = data.runs[at]
        return [
          h(
            'button',
            {
              type: 'button',
              class: 'link',
              onclick: () => {
                change({ run: at })
                document.getElementById('details').scrollIntoView()
              },
            },
            say(run.label),
          ),
          badge(levelOf(run)),
          number(run.counts.total, 9),
          ...columns.map(([, text]) => text(point)),
        ]
      }),
      firstIsText: 2,
    }),
    tailHint(t),
  )
}

export const curvesSection = t => {
  if (data.runs.length < 2) return undefined
  const { points, knee, noKnee } = data.load
  const kneeText = knee === undefined ? t.noKnee[noKnee] : t.kneeText(say(data.runs[knee].label))
  return h(
    'section',
    { class: 'block', id: 'curves' },
    h('h2', {}, t.curves),
    kneeText !== undefined && hint(kneeText),
    points.some(p => p.isDoubtful) && hint(t.hollow),
    tailHint(t),
    points.every(p => !(p.requestsPerSec > 0)) && hint(t.noCurves),
    h('div', { class: 'grid three' }, loadCharts(t)),
  )
}

export const definitionsSection = (t, { isOpen = false } = {}) =>
  h(
    'details',
    { class: 'card definitions', open: isOpen },
    h('summary', {}, t.definitions),
    h(
      'dl',
      {},
      data.definitions.map(([key, meaning]) => h('div', {}, h('dt', {}, say(key)), h('dd', {}, say(meaning)))),
    ),
  )

export const againSection = t => {
  const { command, original } = data.again
  const line = (name, text) => [h('h4', {}, name), h('pre', { class: 'command', tabindex: '0' }, text)]
  return card(
    t.again,
    line(t.byResults, command),
    original !== undefined && line(t.byFlags, original),
    (original ?? '').includes('**********') && hint(t.masked),
  )
}
