import { expect, test } from 'vitest'
import { startSimulatedServer } from '../../src/server/simulated.ts'
import { createCli, fileOf, jsonOf, words } from '../support/cli.ts'
import { resultRows, type SqlRow } from '../support/rows.ts'

// A second computation of every figure, from the definitions and the rows alone: nothing of src/stats is used.

const cli = createCli()
const run = 'parallel_8_number_60'

const number = (row: SqlRow, column: string): number => {
  const value = row[column]
  if (typeof value !== 'number') throw new Error(`${column} is ${value}`)
  return value
}
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)
const mean = (values: readonly number[]): number => sum(values) / values.length

/** Epoch seconds have six decimals; their difference has them too, when rounded. */
const seconds = (from: number, to: number): number => Math.round((to - from) * 1e6) / 1e6

const percentile = (values: readonly number[], percent: number): number => {
  const sorted = values.toSorted((a, b) => a - b)
  const position = ((sorted.length - 1) * percent) / 100
  const [low, high] = [sorted[Math.floor(position)] as number, sorted[Math.ceil(position)] as number]
  return low + (high - low) * (position - Math.floor(position))
}

/** The measured series, one value per successful request, or per gap. */
const seriesOf = (good: readonly SqlRow[]): Record<string, number[]> => {
  const perRequest = (value: (row: SqlRow) => number): number[] => good.map(value)
  const latency = perRequest(row => number(row, 'latency'))
  const output = perRequest(row => number(row, 'completion_tokens'))
  const input = perRequest(row => number(row, 'prompt_tokens'))
  const ttft = perRequest(row => number(row, 'ttft') * 1000)
  const tpot = good.flatMap((_, at) =>
    Number(output[at]) < 2 ? [] : [(Number(latency[at]) * 1000 - Number(ttft[at])) / (Number(output[at]) - 1)],
  )
  const gaps = good.flatMap(row => JSON.parse(String(row.inter_token_latencies)) as number[])
  return {
    'Latency (s)': latency,
    'TTFT (ms)': ttft,
    'ITL (ms)': gaps.map(gap => gap * 1000),
    'TPOT (ms)': tpot,
    'Input tokens': input,
    'Output tokens': output,
    'Output (tok/s)': latency.map((each, at) => Number(output[at]) / each),
    'Total (tok/s)': latency.map((each, at) => (Number(input[at]) + Number(output[at])) / each),
    // An answer whose tokens all came in one read has no speed.
    'Decode (tok/s)': tpot.filter(each => each > 0).map(each => 1000 / each),
  }
}

const summaryOf = (rows: readonly SqlRow[], good: readonly SqlRow[]): Record<string, number> => {
  const [first, last] = [
    Math.min(...rows.map(row => number(row, 'start_time'))),
    Math.max(...rows.map(row => number(row, 'completed_time'))),
  ]
  const durationSec = seconds(first, last)
  const series = seriesOf(good)
  const meanOf = (name: string): number => mean(series[name] as number[])
  const output = sum(series['Output tokens'] as number[])
  return {
    'Test Duration (s)': durationSec,
    'Total Requests': rows.length,
    'Success Requests': good.length,
    'Failed Requests': rows.length - good.length,
    'Success Rate (%)': (100 * good.length) / rows.length,
    'Req Throughput (req/s)': good.length / durationSec,
    'Output Throughput (tok/s)': output / durationSec,
    'Total Throughput (tok/s)': (output + sum(series['Input tokens'] as number[])) / durationSec,
    'Avg Latency (s)': meanOf('Latency (s)'),
    'Avg TTFT (ms)': meanOf('TTFT (ms)'),
    'Avg TPOT (ms)': meanOf('TPOT (ms)'),
    'Avg ITL (ms)': meanOf('ITL (ms)'),
    'Avg Input Tokens': meanOf('Input tokens'),
    'Avg Output Tokens': meanOf('Output tokens'),
    'Decode (tok/s)': 1000 / meanOf('TPOT (ms)'),
    'Avg Chunks/Request': mean(good.map(row => number(row, 'chunk_count'))),
    'Avg Chunk Gap (ms)': meanOf('ITL (ms)'),
  }
}

/** Files have six decimals, so small values cannot agree better than that. */
const expectClose = (name: string, given: unknown, wanted: number): void => {
  const tolerance = Math.max(1e-6 * Math.abs(wanted), 0.51e-6)
  expect(Math.abs(Number(given) - wanted), `${name}: ${String(given)}, recomputed ${wanted}`).toBeLessThan(tolerance)
}

test.each([1, 3])(
  'summary and percentiles follow from the stored rows, failures among them (workers: %i)',
  async workers => {
    const knobs = { errorRate: 0.3, itlMs: 2, prefillBaseMs: 5, outputTokens: 20, outputSpread: 1, seed: 7 }
    const server = await startSimulatedServer({ knobs })
    const { code, stdout, directory } = await cli.run(
      words(
        `perf --url ${server.url} --model m --parallel 8 -n 60 --no-test-connection --percentiles 12.5 50 99 99.9 --workers ${workers}`,
      ),
    )
    await server.close()
    expect(code).toBe(0)
    const rows = resultRows(fileOf(directory, run, 'benchmark_data.db'))
    const good = rows.filter(row => row.success === 1)
    expect(rows).toHaveLength(60)
    expect(new Set(rows.map(row => row.failure_kind))).toEqual(new Set([null, 'http_5xx', 'inband_error']))

    const summary = jsonOf(directory, run, 'benchmark_summary.json')
    for (const [name, wanted] of Object.entries(summaryOf(rows, good))) expectClose(name, summary[name], wanted)

    const table = jsonOf(directory, run, 'benchmark_percentile.json') as unknown as Record<string, unknown>[]
    expect(table.map(level => level.Percentiles)).toEqual(['min', '12.5%', '50%', '99%', '99.9%', 'max'])
    for (const [name, values] of Object.entries(seriesOf(good))) {
      for (const [at, percent] of [0, 12.5, 50, 99, 99.9, 100].entries()) {
        expectClose(`${name} at ${percent}`, table[at]?.[name], percentile(values, percent))
      }
    }

    for (const name of ['Avg Latency (s)', 'Avg TTFT (ms)', 'Avg ITL (ms)', 'Output Throughput (tok/s)']) {
      const cell = stdout.match(new RegExp(`│ ${name.replace(/[()/]/g, '\\$&')} +│ +([\\d.]+) │`))?.[1]
      expect(Math.abs(Number(cell) - Number(summary[name])), name).toBeLessThan(name.endsWith('(s)') ? 0.00051 : 0.0051)
    }
    expect(stdout).toContain(`60 / ${good.length} / ${60 - good.length}`)
  },
)
