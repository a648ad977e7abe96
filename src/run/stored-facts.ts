import { isJsonObject, type JsonObject, type JsonValue } from '../model/json.ts'
import type { RunPlan } from '../model/run-plan.ts'
import type { ResultContext } from '../stats/result.ts'
import type { RunProcess } from './run-process.ts'
import {
  anyOf,
  isAmount,
  isCount,
  isFlag,
  isNumber,
  isObject,
  isOneOf,
  isText,
  listOf,
  misfit,
  orNothing,
  type Shape,
} from './shape.ts'

/** What is known of a run beside its records, and written when it has come to its end. */
export type RunEnding = Omit<ResultContext, 'levels' | 'health' | 'incomplete'>

/** What table `run` tells. */
export interface StoredFacts {
  /** Undefined where it is missing or damaged: then there is nothing to be reported. */
  readonly plan: RunPlan | undefined
  /** As in `benchmark_args.json`. */
  readonly arguments: JsonObject | undefined
  /** Of the run and of the benchmark that it is part of, ISO 8601. */
  readonly startedAt: string | undefined
  readonly benchmarkStartedAt: string | undefined
  /** Undefined for a run that is not over, or was killed. */
  readonly ending: RunEnding | undefined
  /** Levels of the percentile table. */
  readonly levels: readonly number[] | undefined
  /** Where the benchmark stood when it was made, as it was given. */
  readonly outputPath: string | undefined
  /** Runs of the benchmark. */
  readonly plannedRuns: number | undefined
  readonly process: RunProcess | undefined
}

/**
 * What the facts of a database say, as far as they can be believed: others may have written it. `say` hears what is
 * damaged; that older versions did not write some is no damage.
 */
export const readFacts = (facts: ReadonlyMap<string, JsonValue>, say: (problem: string) => void): StoredFacts => {
  const take = <T>(key: string, shape: Shape): T | undefined => {
    const value = facts.get(key)
    if (value === undefined) return undefined
    const at = misfit(value, shape)
    if (at === undefined) return value as T
    say(`what table run holds as ${[key, at].filter(name => name !== '').join('.')} is damaged`)
    return undefined
  }
  const given = take<JsonObject>('arguments', isObject)
  const provenance = given?.provenance
  const started = isJsonObject(provenance) ? provenance.started_at : undefined
  return {
    plan: take('plan', planShape),
    arguments: given,
    startedAt: take('started_at', isText),
    benchmarkStartedAt: typeof started === 'string' ? started : undefined,
    ending: take('outcome', endingShape),
    levels: levelsIn(given?.percentiles),
    outputPath: take('output_path', isText),
    plannedRuns: take('planned_runs', isCount),
    process: take('process', { pid: isPid, start: anyOf(isText, value => value === null) }),
  }
}

const levelsIn = (value: JsonValue | undefined): readonly number[] | undefined =>
  Array.isArray(value) && value.length > 0 && value.length <= 1000 && value.every(isLevel) ? value : undefined

const isLevel = (value: JsonValue): value is number => typeof value === 'number' && value > 0 && value < 100

const isPid = (value: JsonValue | undefined): boolean => isCount(value) && Number(value) > 0

const pacing: Shape = {
  ratePerSec: value => isNumber(value) && Number(value) > 0,
  arrival: isOneOf('poisson', 'constant'),
}

const isPositive = (value: JsonValue | undefined): boolean => isCount(value) && Number(value) > 0

const sampling: Shape = { maxTokens: orNothing({ min: isCount, max: isCount }), minTokens: orNothing(isCount) }

const tolerance: Shape = { figure: isText, percent: isAmount, difference: isAmount }

const gates: Shape = {
  conditions: listOf({ figure: isText, operator: isOneOf('>', '>=', '<', '<='), bound: isNumber }),
  baseline: listOf({ ...tolerance, value: orNothing(isNumber), count: isCount }),
  unpaired: orNothing(isText),
  heldAgainst: orNothing({ path: isText, doubts: listOf(isText), pairs: listOf(isText) }),
  isAdvisory: isFlag,
}

const planShape: Shape = {
  name: isText,
  number: orNothing(isCount),
  warmupNumber: isCount,
  load: anyOf(
    { kind: isOneOf('closed'), concurrency: isPositive, pacing: orNothing(pacing) },
    { kind: isOneOf('open'), pacing },
    { kind: isOneOf('trace') },
  ),
  workers: isPositive,
  rampUpMs: isAmount,
  durationMs: orNothing(isAmount),
  graceMs: isAmount,
  seed: isNumber,
  model: isText,
  task: isOneOf('generate', 'embed', 'rerank'),
  api: isText,
  target: { url: isText, headers: isObject, timeouts: isObject, keepAlive: isFlag, verifyTls: isFlag },
  request: { chosen: sampling, defaults: sampling, extraArgs: isObject, queryTemplate: orNothing(isObject) },
  dataset: {
    spec: isText,
    path: orNothing(isText),
    prompt: orNothing(value => typeof value === 'string'),
    chat: isFlag,
    offset: isCount,
    minPromptLength: isAmount,
    maxPromptLength: isAmount,
    prefixLength: isAmount,
    tokenizerPath: orNothing(isText),
    args: isObject,
    images: isObject,
  },
  saveResponses: isText,
  objectives: orNothing(listOf({ figure: isOneOf('latency', 'ttft', 'ttfat', 'tpot'), limitMs: isAmount })),
  gates: orNothing(gates),
}

const comparison: Shape = {
  requests: isCount,
  meanUsage: isNumber,
  meanTokenizer: isNumber,
  differencePercent: orNothing(isNumber),
  constantDifference: orNothing(isNumber),
  worst: orNothing({ requestId: isText, usage: isNumber, tokenizer: isNumber }),
}

/** Seconds, and times in them. */
const arePauses = (value: JsonValue | undefined): boolean =>
  Array.isArray(value) && value.every(pair => Array.isArray(pair) && pair.length === 2 && pair.every(isCount))

const endingShape: Shape = {
  interrupted: isFlag,
  datasetFailed: orNothing(isFlag),
  hasThinkTime: orNothing(isFlag),
  gauge: orNothing({ mean: isNumber, max: isCount }),
  schedule: orNothing({ overdueRequests: isCount, drawnRatePerSec: orNothing(isNumber) }),
  promptWaiting: orNothing({ requests: isCount, totalMs: isAmount, maxMs: isAmount }),
  pauses: orNothing(arePauses),
  tokens: orNothing({
    input: orNothing(comparison),
    output: orNothing(comparison),
    template: orNothing({ requests: isCount, meanPromptTokens: isNumber, meanTextTokens: isNumber }),
    countedPrompts: isCount,
    estimatedPrompts: isCount,
    partialPrompts: isCount,
    uncounted: orNothing({ requests: isCount, reason: isText }),
    unchecked: orNothing({ requests: isCount, reason: isText }),
  }),
  usageUnasked: orNothing(isCount),
  oddUsage: orNothing(isText),
  floorNote: orNothing(isText),
  statement: orNothing(isText),
}
