import type { JsonObject } from '../model/json.ts'
import type { RunResult, SeriesName } from '../model/result.ts'
import {
  type Definition,
  healthDefinitions,
  seriesDefinitions,
  summaryDefinitions,
  traceDefinitions,
  workloadDefinitions,
} from '../stats/definitions.ts'
import { summaryJson } from './json.ts'
import { seriesText } from './series.ts'

/** `definitions.json`: a line for each metric of each file. */
export const definitionsJson = (): JsonObject => ({
  'benchmark_summary.json': linesOf(summaryDefinitions),
  'Client Health of benchmark_summary.json': linesOf(healthDefinitions),
  'benchmark_percentile.json': percentileLines(),
  'trace_summary.json': linesOf(traceDefinitions),
  'workload_throughput.json': linesOf(workloadDefinitions),
})

const width = 120

/**
 * What the figures of these runs mean, one line each under their keys in JSON, in at most 120 columns: those that any of
 * the runs has.
 */
export const definitionsText = (results: readonly RunResult[]): string => {
  const shown = shownDefinitions(results)
  const indent = 4 + Math.max(0, ...shown.map(([key]) => key.length))
  const texts = shown.map(([key, meaning]) => hanging(`  ${key}`.padEnd(indent), meaning))
  return `Definitions (of benchmark_summary.json; definitions.json has all):\n${texts.join('\n')}`
}

/** The keys that any of these runs has, and what they mean. */
export const shownDefinitions = (
  results: readonly RunResult[],
): readonly (readonly [key: string, meaning: string])[] => {
  const present = new Set(
    results.flatMap(result =>
      Object.entries(summaryJson(result)).flatMap(([key, value]) => (isSaid(value) ? key : [])),
    ),
  )
  const lines = summaryDefinitions.flatMap(([keys, meaning]) => keys.map(key => [key, meaning] as const))
  return lines.filter(([key]) => present.has(key))
}

/** The report over all runs with what its figures mean below it, as `performance_summary.txt` has it. */
export const withDefinitions = (report: string, results: readonly RunResult[]): string =>
  `${report}\n\n\n${definitionsText(results)}`

const isSaid = (value: unknown): boolean => value !== null && !(Array.isArray(value) && value.length === 0)

const linesOf = (definitions: readonly Definition[]): Readonly<Record<string, string>> =>
  Object.fromEntries(
    definitions.flatMap(([keys, meaning, absentWhen]) =>
      keys.map(key => [key, absentWhen === undefined ? meaning : `${meaning} (absent: ${absentWhen})`] as const),
    ),
  )

const percentileLines = (): JsonObject => {
  const ofSummary = linesOf(summaryDefinitions)
  const entries = Object.entries(seriesDefinitions) as [SeriesName, (typeof seriesDefinitions)[SeriesName]][]
  return Object.fromEntries(
    entries.map(([series, definition]) => [
      seriesText[series].label,
      'as' in definition ? ofSummary[definition.as] : definition.meaning,
    ]),
  )
}

/** Words in lines of the full width, the first behind `head`, the others behind as many blanks. */
const hanging = (head: string, words: string): string => {
  const lines = [head]
  for (const word of words.split(' ')) {
    const line = lines.at(-1) as string
    const longer = line.length === head.length ? line + word : `${line} ${word}`
    if (longer.length <= width || line.length === head.length) lines[lines.length - 1] = longer
    else lines.push(' '.repeat(head.length) + word)
  }
  return lines.join('\n')
}
