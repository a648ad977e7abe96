import { base, bottomAxis, chart, known, timeUnit, tip, tooltip, valueAxis } from './charts.js'
import { withUnit } from './dom.js'
import { data } from './state.js'

/** A curve over the loads of a sweep: each line is [name, values, isDashed, isWeak], the last of a point. */
const loadChart = (title, unit, lines, t, { knee = true, max } = {}) =>
  chart(title, c => {
    const { points } = data.load
    const mark = knee &&
      data.load.knee !== undefined && {
        symbol: 'none',
        silent: true,
        lineStyle: { color: c.muted, type: 'dashed' },
        label: { formatter: t.knee, color: c.muted, position: 'end', distance: 3, fontSize: 11 },
        data: [{ xAxis: data.load.knee }],
      }
    return base(c, {
      tooltip: tooltip(c, {
        trigger: 'axis',
        formatter: items =>
          tip(
            `${t[data.load.axis]} ${items[0].axisValueLabel}`,
            items.map(item => [
              item.color,
              item.seriesName,
              `${withUnit(item.value.value ?? item.value, unit)}${item.data.mark ?? ''}`,
            ]),
          ),
      }),
      xAxis: bottomAxis(c, t[data.load.axis], {
        type: 'category',
        data: points.map(({ load }) => load),
        boundaryGap: points.length === 1,
      }),
      yAxis: valueAxis(c, unit, max === undefined ? { min: 0 } : { min: 0, max, interval: max / 4 }),
      // The library's own sign shows whether a line is dashed.
      legend: { ...base(c).legend, show: lines.length > 1, icon: undefined, itemWidth: 26, itemHeight: 8 },
      series: lines.map(([name, values, isDashed, isWeak = () => false], at) => ({
        name,
        symbol: 'circle',
        type: 'line',
        symbolSize: 7,
        connectNulls: true,
        color: colorOfLine(c, isDashed, at),
        lineStyle: { width: 2, type: isDashed ? [5, 4] : 'solid' },
        data: values.map((value, place) => ({
          value: value ?? null,
          mark: isWeak(points[place]) ? '*' : '',
          itemStyle: !points[place].isDoubtful
            ? {}
            : { color: c.card, borderColor: colorOfLine(c, isDashed, at), borderWidth: 2 },
        })),
        markLine: at === 0 && mark ? mark : undefined,
      })),
    })
  })

/** A dashed line belongs to the one before it. */
const colorOfLine = (c, isDashed, at) => c.series[isDashed ? at - 1 : at]

export const loadCharts = t => {
  const { points } = data.load
  const all = pick => points.map(pick)
  const hasAny = values => known(values).length > 0
  const times = name => {
    const values = [all(point => point[name].mean), all(point => point[name].p99)]
    if (!hasAny(values.flat())) return undefined
    const { unit, of } = timeUnit(Math.max(...known(values.flat())))
    const isWeak = point => point[name].p99Needs !== undefined
    const [mean, p99] = values.map(list => list.map(value => (value === undefined ? undefined : value / of)))
    return loadChart(
      t[name],
      unit,
      [
        [t.mean, mean],
        [points.some(isWeak) ? `${t.p99}*` : t.p99, p99, true, isWeak],
      ],
      t,
    )
  }
  const tokens = [
    [t.output, all(p => p.outputTokensPerSec)],
    [t.total, all(p => p.totalTokensPerSec)],
    [t.input, all(p => p.inputTokensPerSec)],
  ]
  const shown = tokens.filter(([, values]) => hasAny(values))
  return [
    hasAny(all(p => p.requestsPerSec)) &&
      loadChart(t.requestThroughput, 'req/s', [[t.requestThroughput, all(p => p.requestsPerSec)]], t),
    shown.length > 0 && loadChart(t.tokenThroughput, 'tok/s', shown, t),
    times('latency'),
    times('ttft'),
    times('tpot'),
    loadChart(t.successRate, '%', [[t.successRate, all(p => p.successPercent)]], t, { knee: false, max: 100 }),
  ]
}
