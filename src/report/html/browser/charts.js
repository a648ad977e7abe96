/* global echarts */

import { h, number } from './dom.js'

/** Charts that wait until they are looked at, and those that are drawn. */
const charts = { waiting: new Map(), drawn: [] }

const style = name => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim()

const colors = () => ({
  text: style('text'),
  muted: style('muted'),
  line: style('line'),
  card: style('card'),
  series: ['blue', 'teal', 'amber', 'rose', 'violet'].map(style),
  bad: style('bad'),
})

const draw = element => {
  const make = charts.waiting.get(element)
  if (make === undefined) return
  charts.waiting.delete(element)
  const chart = echarts.init(element, null, { renderer: 'svg' })
  chart.setOption(make(colors()))
  charts.drawn.push(chart)
}

const observer = new IntersectionObserver(
  entries => {
    for (const { isIntersecting, target } of entries) if (isIntersecting) draw(target)
  },
  { rootMargin: '400px' },
)

/** Draws the charts within an element, whether anybody looks at them or not. */
export const drawWithin = element => {
  for (const place of [...charts.waiting.keys()]) if (element.contains(place)) draw(place)
}

/** Forgets those charts. */
export const forgetWithin = element => {
  charts.drawn = charts.drawn.filter(drawn => {
    if (!element.contains(drawn.getDom())) return true
    drawn.dispose()
    return false
  })
}

export const forgetCharts = () => {
  observer.disconnect()
  charts.waiting.clear()
  for (const chart of charts.drawn.splice(0)) chart.dispose()
}

/** A place for a chart; `make` gets the colors of the theme and gives its options. */
export const chart = (title, make, { tall = false, note } = {}) => {
  const place = h('div', { class: tall ? 'chart tall' : 'chart', role: 'img', 'aria-label': title })
  charts.waiting.set(place, make)
  observer.observe(place)
  return h('figure', { class: 'figure' }, h('figcaption', {}, title, note && h('small', {}, note)), place)
}

export const textStyle = c => ({ color: c.muted, fontFamily: style('sans'), fontSize: 11 })

export const valueAxis = (c, name, more = {}) => ({
  type: 'value',
  name,
  nameTextStyle: { ...textStyle(c), align: 'left' },
  nameGap: 10,
  axisLabel: { ...textStyle(c), formatter: value => number(value), hideOverlap: true },
  splitNumber: 4,
  splitLine: { lineStyle: { color: c.line } },
  axisLine: { show: false },
  axisTick: { show: false },
  ...more,
})

export const bottomAxis = (c, name, more = {}) => ({
  nameLocation: 'middle',
  nameGap: 24,
  name,
  nameTextStyle: textStyle(c),
  axisLabel: { ...textStyle(c), hideOverlap: true },
  axisLine: { lineStyle: { color: c.line } },
  axisTick: { show: false },
  splitLine: { show: false },
  ...more,
})

/** Rows of a tooltip as an element: what stands in it is text. */
export const tip = (title, rows) =>
  h(
    'div',
    { class: 'tip' },
    h('strong', {}, title),
    rows.map(([color, name, value]) =>
      h('div', {}, h('i', { style: color && `background:${color}` }), h('span', {}, name), h('b', {}, value)),
    ),
  )

export const tooltip = (c, more) => ({
  confine: true,
  backgroundColor: c.card,
  borderColor: c.line,
  padding: 0,
  textStyle: { color: c.text, fontFamily: style('sans'), fontSize: 12 },
  extraCssText: 'box-shadow:0 6px 24px rgba(0,0,0,.16);border-radius:8px',
  transitionDuration: 0,
  ...more,
})

export const base = (c, more) => ({
  animation: false,
  color: c.series,
  grid: { left: 8, right: 16, top: 34, bottom: 24, containLabel: true },
  legend: {
    top: 0,
    right: 0,
    icon: 'roundRect',
    itemWidth: 12,
    itemHeight: 4,
    textStyle: { ...textStyle(c), fontSize: 12 },
  },
  ...more,
})

/** The unit in which times up to this read best, and what to divide ms by. */
export const timeUnit = maxMs =>
  maxMs >= 2000 ? { unit: 's', of: 1000 } : maxMs < 1 ? { unit: 'µs', of: 0.001 } : { unit: 'ms', of: 1 }

export const known = values => values.filter(value => value !== undefined && value !== null)

window.addEventListener('resize', () => {
  // What is hidden while another part is printed has no size.
  for (const drawn of charts.drawn) if (drawn.getDom().clientWidth > 0) drawn.resize()
})
