import { resolve, sep } from 'node:path'
import { ArgumentsError } from '../errors.ts'
import type {
  BenchmarkComparison,
  ComparedCurve,
  ComparedFacts,
  ComparedPoint,
  ComparedSide,
  Comparison,
  Difference,
  FirstToken,
  RunComparison,
} from '../model/comparison.ts'
import { isJsonObject, type JsonObject, type JsonValue } from '../model/json.ts'
import { inFlightLimit, type LoadShape } from '../model/run-plan.ts'
import { comparePairs } from '../stats/compare.ts'
import { estimateRun, type RunEstimates } from '../stats/estimates.ts'
import type { ComparedBenchmark, ComparedRun } from './compared-benchmark.ts'
import { flagDifferences, recordedDifferences } from './differences.ts'

/**
 * Holds benchmarks against the first one, run by run of the same load, and metric by metric. The same directories always
 * give the same. Throws an ArgumentsError where one has no load in common with the baseline.
 */
export const compareBenchmarks = async (benchmarks: readonly ComparedBenchmark[]): Promise<Comparison> => {
  // What the original calls TTFT is the first chunk, and nothing else it has could be held against ours.
  const firstToken = benchmarks.some(({ isOriginal }) => isOriginal) ? 'chunk' : 'output'
  const named = nameAll(benchmarks)
  const [baseline, ...others] = named
  if (baseline === undefined) throw new ArgumentsError('there is nothing to compare; give two benchmarks')
  const pairings = others.map(other => pairRuns(baseline, other))
  const measure = createMeasure(firstToken)
  const compared: BenchmarkComparison[] = []
  for (const pairing of pairings) compared.push(await compareTwo(pairing, measure))
  const curves: ComparedCurve[] = []
  for (const { facts, benchmark } of named) curves.push({ facts, points: await pointsOf(benchmark.runs, measure) })
  return { baseline: baseline.facts, others: compared, curves, firstToken }
}

const pointsOf = async (runs: readonly ComparedRun[], measure: Measure): Promise<readonly ComparedPoint[]> => {
  const points: ComparedPoint[] = []
  for (const run of [...runs].sort(byLoad)) {
    const { estimates, failed } = await measure(run)
    const values = new Map(Array.from(estimates.byMetric, ([metric, { value }]) => [metric, value] as const))
    points.push({ load: run.load, values, failed, verdict: run.verdict })
  }
  return points
}

interface Named {
  readonly benchmark: ComparedBenchmark
  readonly facts: ComparedFacts
}

interface Measured {
  readonly side: ComparedSide
  readonly failed: number
  readonly estimates: RunEstimates
}

type Measure = (run: ComparedRun) => Promise<Measured>

/** Reads a run once, however many are held against it; only its estimates stay in memory. */
const createMeasure = (firstToken: FirstToken): Measure => {
  const known = new Map<ComparedRun, Promise<Measured>>()
  const read = async (run: ComparedRun): Promise<Measured> => {
    const columns = await run.requests(firstToken)
    const side = { name: run.name, requests: columns.count, verdict: run.verdict }
    const failed = columns.isSuccess.filter(isSuccess => isSuccess === 0).length
    return { side, failed, estimates: estimateRun(columns, run.kind) }
  }
  return run => {
    const measured = known.get(run) ?? read(run)
    known.set(run, measured)
    return measured
  }
}

const compareTwo = async (
  { baseline, other, pairs, first, unpaired }: Pairing,
  measure: Measure,
): Promise<BenchmarkComparison> => {
  const measured: (readonly [Measured, Measured])[] = []
  for (const [a, b] of pairs) measured.push([await measure(a), await measure(b)])
  const rows = comparePairs(measured.map(([a, b]) => [a.estimates, b.estimates]))
  const runs = measured.map(
    ([a, b], index): RunComparison => ({
      load: (pairs[index] ?? first)[0].load,
      baseline: a.side,
      other: b.side,
      rows: rows[index] ?? [],
      requestsNeeded: most(a.estimates.requestsNeeded, b.estimates.requestsNeeded),
    }),
  )
  const isSameDirectory = resolve(baseline.facts.path) === resolve(other.facts.path)
  const unlikeLoads = unlikeLoadsOf(baseline.benchmark.runs, other.benchmark.runs)
  return { other: other.facts, differences: differencesOf(first), unlikeLoads, isSameDirectory, runs, unpaired }
}

type Pair = readonly [baseline: ComparedRun, other: ComparedRun]

interface Pairing {
  readonly baseline: Named
  readonly other: Named
  readonly pairs: readonly Pair[]
  readonly first: Pair
  readonly unpaired: readonly string[]
}

/** Runs of the same load, in the order of load; where one has several of them, each with the next of the other. */
const pairRuns = (baseline: Named, other: Named): Pairing => {
  const left = [...other.benchmark.runs]
  const alone: string[] = []
  const pairs: Pair[] = []
  for (const run of [...baseline.benchmark.runs].sort(byLoad)) {
    const at = left.findIndex(({ load }) => loadKey(load) === loadKey(run.load))
    const [partner] = at === -1 ? [] : left.splice(at, 1)
    if (partner === undefined) alone.push(`${baseline.facts.letter} ${run.name}`)
    else pairs.push([run, partner])
  }
  const unpaired = [...alone, ...left.sort(byLoad).map(({ name }) => `${other.facts.letter} ${name}`)]
  const [first] = pairs
  if (first !== undefined) return { baseline, other, pairs, first, unpaired }
  const namesOf = ({ benchmark }: Named): string => benchmark.runs.map(({ name }) => name).join(' ')
  throw new ArgumentsError(
    `${other.facts.path} has no load in common with ${baseline.facts.path} (${namesOf(other)} | ${namesOf(baseline)}); run both at the same --parallel or --rate`,
  )
}

const loadKey = (load: LoadShape): string => `${load.kind} ${inFlightLimit(load)} ${load.pacing?.ratePerSec}`

const byLoad = (a: ComparedRun, b: ComparedRun): number => {
  const [limitA, limitB] = [inFlightLimit(a.load), inFlightLimit(b.load)]
  // Two without limit are equal, which their difference would not tell.
  return (
    (limitA === limitB ? 0 : limitA - limitB) || (a.load.pacing?.ratePerSec ?? 0) - (b.load.pacing?.ratePerSec ?? 0)
  )
}

const most = (a: number | undefined, b: number | undefined): number | undefined =>
  a === undefined || b === undefined ? (a ?? b) : Math.max(a, b)

/** How much is sent, at which load and by how many threads: said with each pair, or no matter. */
const ofEachRun = new Set([
  ...['parallel', 'number', 'rate', 'workers', 'num_workers', 'model_id', 'dataset_offset', 'sleep_interval'],
  ...['log_every_n_query', 'db_commit_interval', 'save_responses', 'no_save_requests', 'percentiles', 'provenance'],
  ...['visualizer', 'wandb_api_key', 'swanlab_api_key', 'enable_progress_tracker'],
])

/** What the arguments of both tell, and are not the same: programs of other versions have other flags. */
const differencesOf = ([a, b]: Pair): readonly Difference[] | undefined => {
  const [argumentsA, argumentsB] = [a.arguments, b.arguments]
  if (argumentsA === undefined || argumentsB === undefined) return undefined
  const names = Object.keys(argumentsA).filter(name => Object.hasOwn(argumentsB, name) && !ofEachRun.has(name))
  const recordedA = isJsonObject(argumentsA.provenance) ? argumentsA.provenance : undefined
  const recordedB = isJsonObject(argumentsB.provenance) ? argumentsB.provenance : undefined
  return onceOfModel([
    ...flagDifferences(only(argumentsA, names), only(argumentsB, names)),
    ...seedDifference(argumentsA.seed, argumentsB.seed),
    ...(recordedA === undefined || recordedB === undefined ? [] : recordedDifferences(recordedA, recordedB)),
  ])
}

/** A server tells of its model under several names: the first that differs says it. */
const onceOfModel = (differences: readonly Difference[]): readonly Difference[] => {
  const names = ['--model', 'server models', 'server model']
  const said = names.find(name => differences.some(({ what }) => what === name))
  return differences.filter(({ what }) => !names.includes(what) || what === said)
}

/** Of all runs together: a sweep over other loads is another command, whichever of them have a partner. */
const unlikeLoadsOf = (runsA: readonly ComparedRun[], runsB: readonly ComparedRun[]): readonly string[] =>
  ['parallel', 'rate', 'number', 'duration'].flatMap(name => {
    const valuesOf = (runs: readonly ComparedRun[]): string =>
      JSON.stringify([...new Set(runs.map(run => JSON.stringify(run.arguments?.[name] ?? null)))].sort())
    return valuesOf(runsA) === valuesOf(runsB) ? [] : [`--${name}`]
  })

/** Other prompts are drawn, or other conversations. */
const seedDifference = (before: JsonValue | undefined, after: JsonValue | undefined): readonly Difference[] =>
  before === after ? [] : [{ what: '--seed', before: `${before ?? 'none'}`, after: `${after ?? 'none'}` }]

/** Null is what was not given. */
const only = (given: JsonObject, names: readonly string[]): JsonObject =>
  Object.fromEntries(names.flatMap(name => (given[name] === null ? [] : [[name, given[name]]])))

const nameAll = (benchmarks: readonly ComparedBenchmark[]): readonly Named[] => {
  const names = shortNames(benchmarks.map(({ path }) => path))
  return benchmarks.map((benchmark, index) => {
    const { path, isOriginal, runs } = benchmark
    const letter = String.fromCharCode('A'.charCodeAt(0) + index)
    return { benchmark, facts: { letter, path, name: names[index] ?? path, model: runs[0]?.model ?? '', isOriginal } }
  })
}

/** The ends of paths, as long as it takes to tell them apart. */
const shortNames = (paths: readonly string[]): readonly string[] => {
  const parts = paths.map(path =>
    resolve(path)
      .split(sep)
      .filter(part => part !== ''),
  )
  const longest = Math.max(...parts.map(({ length }) => length))
  for (let length = 1; length <= longest; length++) {
    const names = parts.map(part => part.slice(-length).join('/'))
    if (new Set(names).size === names.length) return names
  }
  return paths
}
