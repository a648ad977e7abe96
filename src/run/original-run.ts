import { readFileSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { maskObject } from '../arguments/secrets.ts'
import { ArgumentsError } from '../errors.ts'
import { isJsonObject, type JsonObject } from '../model/json.ts'
import { hasSchedule, type LoadShape } from '../model/run-plan.ts'
import { RequestCollector } from '../stats/request-columns.ts'
import { originalRequests } from '../store/original-rows.ts'
import type { ComparedRun } from './compared-benchmark.ts'

/** A run of Python's evalscope: its database, and beside it `benchmark_args.json`, or else what its directory is called. */
export const readOriginalRun = (databasePath: string, say: (line: string) => void): ComparedRun => {
  const directory = dirname(resolve(databasePath))
  const name = basename(directory)
  const given = readArguments(directory)
  const load = loadOf(given) ?? loadOf(argumentsIn(name))
  if (load === undefined) {
    throw new ArgumentsError(
      `${directory} does not tell its load; it takes a benchmark_args.json, or a name such as parallel_10_number_100`,
    )
  }
  return {
    name,
    model: textIn(given, 'model_id') ?? textIn(given, 'model') ?? basename(dirname(directory)),
    load,
    kind: { hasSchedule: hasSchedule(load), hasOutputTokens: !/embed|rerank/.test(textIn(given, 'api') ?? '') },
    verdict: undefined,
    arguments: given,
    requests: async () => {
      const collector = new RequestCollector()
      let left = 0
      for await (const request of originalRequests(databasePath, () => left++)) collector.add(request)
      if (left > 0) say(`${name}: ${left} rows without a time are left out`)
      return collector.columns()
    },
  }
}

const readArguments = (directory: string): JsonObject | undefined => {
  try {
    const value: unknown = JSON.parse(readFileSync(join(directory, 'benchmark_args.json'), 'utf8'))
    // Older versions masked little.
    return isJsonObject(value) ? maskObject(value, []) : undefined
  } catch {
    // Older versions wrote none; then its name tells.
    return undefined
  }
}

/** `parallel_10_number_100`, `rate_2.5_number_10`. */
const argumentsIn = (name: string): JsonObject | undefined => {
  const [, parallel] = /^parallel_(\d+)_number_/.exec(name) ?? []
  const [, rate] = /^rate_(-?[\d.]+)_number_/.exec(name) ?? []
  if (parallel !== undefined) return { parallel: Number(parallel) }
  return rate === undefined ? undefined : { rate: Number(rate), open_loop: true }
}

const loadOf = (given: JsonObject | undefined): LoadShape | undefined => {
  const [concurrency, ratePerSec] = [numberIn(given, 'parallel'), numberIn(given, 'rate')]
  const pacing = ratePerSec === undefined ? undefined : ({ ratePerSec, arrival: 'poisson' } as const)
  if (given?.dataset === 'workload_trace') return { kind: 'trace' }
  // −1 is all at once.
  if (given?.open_loop === true) return { kind: 'open', pacing: pacing ?? { ratePerSec: -1, arrival: 'poisson' } }
  if (concurrency === undefined) return undefined
  return { kind: 'closed', concurrency, ...(pacing === undefined ? {} : { pacing }) }
}

/** Above 0, alone or as the only one of a list; −1 stands for no limit. */
const numberIn = (given: JsonObject | undefined, key: string): number | undefined => {
  const value = given?.[key]
  const single = Array.isArray(value) && value.length === 1 ? value[0] : value
  return typeof single === 'number' && single > 0 ? single : undefined
}

const textIn = (given: JsonObject | undefined, key: string): string | undefined => {
  const value = given?.[key]
  return typeof value === 'string' && value !== '' ? value : undefined
}
