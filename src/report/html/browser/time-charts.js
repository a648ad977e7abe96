import { base, bottomAxis, chart, known, textStyle, timeUnit, tip, tooltip, valueAxis } from './charts.js'
import { duration, number, withUnit } from './dom.js'
import { sayFailure } from './sentences.js'

export const timelineChart = (run, t) => {
  const { timeline, health } = run
  const ends = timeline.endSec
  const line = (name, values, at, color, axis, more = {}) => ({
    name,
    type: 'line',
    showSymbol: values.length < 3,
    step: 'start',
    xAxisIndex: at,
    yAxisIndex: axis,
    color,
    lineStyle: { width: 1.5 },
    data: [[0, values[0]], ...values.map((value, place) => [ends[place], value])],
    ...more,
  })
  const observed = (name, values, color, axis) => ({
    name,
    type: 'line',
    showSymbol: values.length < 40,
    symbolSize: 5,
    xAxisIndex: 3,
    yAxisIndex: axis,
    color,
    lineStyle: { width: 1.5 },
    data: values.map((value, place) => [health.atSec[place], value]),
  })
  const tops = ['5%', '30%', '53%', '74%']
  const heights = ['18%', '16%', '14%', '14%']
  return chart(
    t.timeline,
    c => {
      const [blue, teal, amber, rose, violet] = c.series
      const last = health === undefined ? 2 : 3
      const grids = tops.slice(0, last + 1)
      const units = {
        [t.tokens]: 'tok/s',
        [t.succeeded]: 'req/s',
        [t.failed]: 'req/s',
        [t.inFlight]: '',
        [t.selfDelay]: 'ms',
        [t.cpu]: '%',
        [t.runQueue]: '%',
      }
      return base(c, {
        grid: grids.map((top, at) => ({ left: 60, right: 54, top, height: heights[at] })),
        legend: { ...base(c).legend, type: 'scroll', left: 'center', right: undefined, bottom: 0, top: undefined },
        axisPointer: { link: [{ xAxisIndex: 'all' }] },
        tooltip: tooltip(c, {
          trigger: 'axis',
          axisPointer: { type: 'line' },
          formatter: items =>
            tip(
              `${number(items[0].axisValue)} s`,
              items.map(item => [item.color, item.seriesName, withUnit(item.value[1], units[item.seriesName])]),
            ),
        }),
        xAxis: grids.map((_, at) =>
          bottomAxis(c, at === last ? t.seconds : '', {
            type: 'value',
            gridIndex: at,
            min: 0,
            max: Math.max(ends.at(-1), 0.001),
            axisLabel: { ...textStyle(c), show: at === last, hideOverlap: true, formatter: value => number(value) },
            splitLine: { show: false },
          }),
        ),
        yAxis: [
          valueAxis(c, `${t.tokens} (tok/s)`, { gridIndex: 0, splitNumber: 3, minInterval: 1 }),
          valueAxis(c, 'req/s', { gridIndex: 1, splitNumber: 2 }),
          valueAxis(c, t.inFlight, { gridIndex: 2, splitNumber: 2 }),
          ...(last < 3
            ? []
            : [
                valueAxis(c, `${t.selfDelay} (ms)`, { gridIndex: 3, min: 0, splitNumber: 2 }),
                valueAxis(c, '%', { gridIndex: 3, min: 0, max: 100, splitNumber: 2, splitLine: { show: false } }),
              ]),
        ],
        series: [
          line(t.tokens, timeline.tokensPerSec, 0, blue, 0, { areaStyle: { opacity: 0.12 } }),
          line(t.succeeded, timeline.succeededPerSec, 1, teal, 1),
          ...(timeline.failedPerSec.some(value => value > 0)
            ? [line(t.failed, timeline.failedPerSec, 1, c.bad, 1)]
            : []),
          line(t.inFlight, timeline.inFlight, 2, violet, 2, { areaStyle: { opacity: 0.12 } }),
          ...(last < 3
            ? []
            : [
                observed(t.selfDelay, health.selfDelayP99Ms, rose, 3),
                observed(t.cpu, health.cpuPercent, amber, 4),
                ...(known(health.runQueuePercent).length > 0
                  ? [observed(t.runQueue, health.runQueuePercent, c.muted, 4)]
                  : []),
              ]),
        ],
      })
    },
    { tall: true },
  )
}

export const scatterChart = (run, t) => {
  const highest = run.rows.reduce((most, row) => Math.max(most, row.latencyMs), 0)
  const { unit, of } = timeUnit(highest)
  const [succeeded, failed] = [run.rows.filter(row => !row.failure), run.rows.filter(row => row.failure)]
  const hasTtft = succeeded.some(row => row.ttftMs !== undefined)
  const dots = (name, rows, value, color, more) => ({
    name,
    type: 'scatter',
    symbolSize: 5,
    color,
    itemStyle: { opacity: 0.65 },
    data: rows.flatMap(row => (value(row) === undefined ? [] : [{ value: [row.sentSec, value(row) / of], row }])),
    ...more,
  })
  return chart(
    t.scatter,
    c =>
      base(c, {
        tooltip: tooltip(c, {
          trigger: 'item',
          formatter: ({ data: { row }, color }) =>
            tip(`${number(row.sentSec)} s`, [
              [color, t.latency, duration(row.latencyMs)],
              ...(hasTtft ? [[undefined, t.ttft, duration(row.ttftMs)]] : []),
              [undefined, t.outcome, row.failure ? sayFailure(row.failure) : t.ok],
            ]),
        }),
        xAxis: bottomAxis(c, t.seconds, {
          type: 'value',
          min: 0,
          axisLabel: { ...textStyle(c), formatter: value => number(value) },
        }),
        yAxis: valueAxis(c, unit, { min: 0 }),
        series: [
          succeeded.length > 0 && dots(t.latency, succeeded, row => row.latencyMs, c.series[0]),
          hasTtft && dots(t.ttft, succeeded, row => row.ttftMs, c.series[1]),
          failed.length > 0 &&
            dots(t.failed, failed, row => row.latencyMs, c.bad, {
              symbol: 'diamond',
              symbolSize: 9,
              itemStyle: { opacity: 0.9 },
            }),
        ].filter(one => one !== false),
      }),
    { note: t.scatterText },
  )
}
