import { base, bottomAxis, chart, textStyle, timeUnit, tip, tooltip, valueAxis } from './charts.js'
import { duration, number, percent } from './dom.js'
import { data } from './state.js'

export const histogramChart = (name, { histogram, count }, t) => {
  const { fromMs, stepMs, counts, above, maxMs } = histogram
  const { unit, of } = timeUnit(fromMs + stepMs * counts.length)
  const edges = counts.map((_, at) => (fromMs + stepMs * at) / of)
  const note = above > 0 ? t.above(number(above), duration(maxMs)) : undefined
  return chart(
    `${t[name]} (${unit})`,
    c =>
      base(c, {
        legend: { show: false },
        grid: { left: 8, right: 16, top: 14, bottom: 8, containLabel: true },
        tooltip: tooltip(c, {
          trigger: 'axis',
          axisPointer: { type: 'shadow' },
          formatter: ([{ dataIndex, value, color }]) =>
            tip(`${number(edges[dataIndex])} – ${number(edges[dataIndex] + stepMs / of)} ${unit}`, [
              [color, name === 'itl' ? t.ofGaps : t.ofRequests, `${number(value)} (${percent((100 * value) / count)})`],
            ]),
        }),
        xAxis: bottomAxis(c, '', {
          type: 'category',
          data: edges.map(edge => number(edge)),
          axisLabel: { ...textStyle(c), interval: Math.ceil(edges.length / 10) - 1 },
        }),
        yAxis: valueAxis(c, '', { minInterval: 1 }),
        series: [
          {
            type: 'bar',
            barCategoryGap: '8%',
            data: counts,
            itemStyle: { color: c.series[colorOf[name]], borderRadius: [2, 2, 0, 0] },
          },
        ],
      }),
    { note: note ?? t.samples(number(count)) },
  )
}

const colorOf = { latency: 0, ttft: 1, itl: 2, tpot: 4 }

/** Three names have to stand side by side. */
const shortName = (name, t) => (name === 'latency' ? t.latency : name.toUpperCase())

export const percentileChart = (names, run, t) => {
  const present = names.filter(name => run.curves[name] !== undefined)
  if (present.length === 0) return undefined
  const { unit, of } = timeUnit(Math.max(...present.map(name => run.curves[name].values[99])))
  return chart(
    present.map(name => shortName(name, t)).join(' · '),
    c =>
      base(c, {
        legend: { ...base(c).legend, show: present.length > 1 },
        tooltip: tooltip(c, {
          trigger: 'axis',
          formatter: items =>
            tip(
              `p${items[0].value[0]}`,
              items.map(item => [item.color, item.seriesName, `${number(item.value[1])} ${unit}`]),
            ),
        }),
        xAxis: bottomAxis(c, t.percentile, { type: 'value', min: 0, max: 100, interval: 10 }),
        yAxis: valueAxis(c, unit, { min: 0 }),
        series: present.map(name => ({
          name: shortName(name, t),
          type: 'line',
          showSymbol: false,
          color: c.series[colorOf[name]],
          lineStyle: { width: 2 },
          // The maximum stands in the table: one straggler would flatten the rest.
          data: run.curves[name].values.slice(0, -1).map((value, at) => [data.curveLevels[at], value / of]),
        })),
      }),
    { note: t.percentileCurves },
  )
}
