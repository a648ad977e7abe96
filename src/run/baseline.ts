import { basename } from 'node:path'
import { ArgumentsError, UserError } from '../errors.ts'
import type { BaselineFacts, BaselineFigure, RunGates } from '../model/gate.ts'
import type { Objective } from '../model/goodput.ts'
import type { RunResult } from '../model/result.ts'
import type { LoadShape, RunPlan } from '../model/run-plan.ts'
import type { ComparedFigure } from '../plan/gates.ts'
import { readResults } from './stored-benchmark.ts'
import type { StoredRun } from './stored-run.ts'

/** An earlier benchmark that others are held against. */
export class Baseline {
  readonly #path: string
  readonly #runs: readonly StoredRun[]
  /** How many runs at each load were held against one. */
  readonly #met = new Map<string, number>()

  constructor(path: string, runs: readonly StoredRun[]) {
    this.#path = path
    this.#runs = runs
  }

  /** Throws `ArgumentsError` where it has no run at one of these loads: then it is better not to measure. */
  checkLoads(loads: readonly LoadShape[]): void {
    const missing = loads.find(load => this.#runsAt(load).length === 0)
    if (missing === undefined) return
    const there = [...new Set(this.#runs.map(({ result }) => loadText(result.plan.load)))].join(', ')
    throw new ArgumentsError(
      `--baseline ${this.#path} has no run at ${loadText(missing)}: it has ${there}; give the same loads, or another baseline`,
    )
  }

  /** What the run at the load of this plan has; of repeated loads the first goes with the first, and so on. */
  figuresFor(
    plan: RunPlan,
    tolerances: readonly ComparedFigure[],
  ): Pick<RunGates, 'baseline' | 'unpaired' | 'heldAgainst'> {
    const { load } = plan
    const met = this.#met.get(loadText(load)) ?? 0
    this.#met.set(loadText(load), met + 1)
    const runs = this.#runsAt(load)
    const run = runs[met] ?? runs.at(-1)
    if (run === undefined) return { baseline: [], unpaired: `the baseline has no run at ${loadText(load)}` }
    const heldAgainst = this.#factsOf(run, plan, runs.length)
    const baseline = tolerances.flatMap(tolerance => figureOf(run, tolerance))
    // Nothing to hold it against is no reason to pass.
    const none = `${run.result.plan.name} of the baseline has none of the figures that are compared`
    return baseline.length > 0 ? { baseline, heldAgainst } : { baseline, unpaired: none, heldAgainst }
  }

  #factsOf({ directory, result }: StoredRun, plan: RunPlan, runsAtLoad: number): BaselineFacts {
    const differences = differencesOf(result.plan, plan)
    const one = `it has ${runsAtLoad} runs at ${loadText(plan.load)}: ${plan.name} is held against ${basename(directory)}`
    return {
      path: this.#path,
      doubts: [
        ...(differences.length > 0 ? [`it measured something else: ${differences.join('; ')}`] : []),
        ...doubtfulText(result).map(text => `its ${text}`),
      ],
      pairs: runsAtLoad > 1 ? [one] : [],
    }
  }

  /** Lines on what makes a comparison with runs of this plan a doubtful one. */
  doubts(plan: RunPlan): readonly string[] {
    const first = this.#runs[0]?.result.plan
    const differences = first === undefined ? [] : differencesOf(first, plan)
    const head = `--baseline ${this.#path}`
    const doubtful = this.#runs.flatMap(({ result }) => doubtfulText(result))
    return [
      ...(differences.length > 0 ? [`${head} measured something else: ${differences.join('; ')}`] : []),
      ...(doubtful.length > 0 ? [`${head} has runs that are not VALID: ${doubtful.join('; ')}`] : []),
    ]
  }

  #runsAt(load: LoadShape): readonly StoredRun[] {
    return this.#runs.filter(({ result }) => loadText(result.plan.load) === loadText(load))
  }
}

/** What a baseline is read for. */
interface BaselineOptions {
  readonly tolerances: readonly ComparedFigure[]
  /** What its requests are held to; undefined where those of then are to stay. */
  readonly objectives: readonly Objective[] | undefined
  readonly say: (line: string) => void
}

/**
 * Reads the baseline with the figures that are compared. Its goodput is by the objectives of now: that of others would be
 * no measure. Throws `ArgumentsError` where there is none.
 */
export const readBaseline = async (
  path: string,
  { tolerances, objectives, say }: BaselineOptions,
): Promise<Baseline> => {
  try {
    const figures = tolerances.map(({ figure }) => figure)
    const replan = (plan: RunPlan): RunPlan => (objectives === undefined ? plan : { ...plan, objectives })
    const { runs } = await readResults(path, { figures, replan, say: line => say(`--baseline: ${line}`) })
    return new Baseline(path, runs)
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    throw new ArgumentsError(`--baseline: ${error.message}`, { cause: error })
  }
}

/**
 * What nobody asked for, and the baseline does not have, is not compared: not every run streams. Where nothing succeeded
 * there is nothing that could be worse.
 */
const figureOf = ({ result }: StoredRun, { comparedIf, ...tolerance }: ComparedFigure): readonly BaselineFigure[] => {
  if (result.summary.succeededRequests === 0 && comparedIf !== 'asked') return []
  const reading = result.figures?.find(({ figure }) => figure.name === tolerance.figure)
  if (reading?.value === undefined && comparedIf !== 'asked') return []
  if (comparedIf === 'unstreamed' && result.summary.meanTtftMs !== undefined) return []
  return [{ ...tolerance, value: reading?.value, count: reading?.count ?? 0 }]
}

/** `--parallel 10`, as one would ask for the load. */
const loadText = (load: LoadShape): string => {
  if (load.kind === 'trace') return '--open-loop'
  const rate = load.pacing && `--rate ${load.pacing.ratePerSec}`
  if (load.kind === 'open') return `--open-loop ${rate}`
  return [`--parallel ${load.concurrency}`, rate].filter(text => text !== undefined).join(' ')
}

/** What speaks against a run; what its own gates rested on is nothing to others. */
const doubtfulText = ({ plan, verdict }: RunResult): readonly string[] => {
  const names = new Set(verdict.reasons.map(({ name }) => name).filter(name => name !== 'too few samples'))
  if (names.size > 0) return [`${plan.name} is ${verdict.level} (${[...names].join(', ')})`]
  return verdict.statement === undefined ? [] : [`${plan.name} has no verdict (${verdict.statement})`]
}

/** What has to be the same for two runs to do the same work. */
const aspects: readonly (readonly [name: string, of: (plan: RunPlan) => string | number | boolean | undefined])[] = [
  ['model', ({ model }) => model],
  ['--api', ({ api }) => api],
  ['--dataset', ({ dataset }) => (dataset.prompt === undefined ? dataset.spec : '--prompt')],
  ['--min-prompt-length', ({ dataset }) => dataset.minPromptLength],
  ['--max-prompt-length', ({ dataset }) => dataset.maxPromptLength],
  ['--max-tokens', plan => maxTokensText(plan)],
  ['--min-tokens', ({ request }) => request.chosen.minTokens],
  ['--stream', ({ request }) => request.chosen.stream ?? request.defaults.stream],
]

const maxTokensText = ({ request: { chosen, defaults } }: RunPlan): string | undefined => {
  const tokens = chosen.maxTokens ?? defaults.maxTokens
  if (tokens === undefined) return undefined
  return tokens.min === tokens.max ? String(tokens.max) : `${tokens.min} ${tokens.max}`
}

const differencesOf = (then: RunPlan, now: RunPlan): readonly string[] =>
  aspects.flatMap(([name, of]) => {
    const [before, after] = [of(then), of(now)]
    return before === after ? [] : [`${name} ${before ?? 'not given'} there, ${after ?? 'not given'} here`]
  })
