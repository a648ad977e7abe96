import { deepFreeze } from '../arguments/deep-freeze.ts'
import { ArgumentsError } from '../errors.ts'
import { hasOutputTokens, type LoadShape, type RunPlan } from '../model/run-plan.ts'
import { type GateValues, readGates } from '../plan/gates.ts'
import { readObjectives } from '../plan/objectives.ts'
import { readBaseline } from './baseline.ts'

/** What runs are held against, before any is made. */
export interface Gates {
  /** Throws `ArgumentsError` where the baseline has no run at one of these loads. */
  checkLoads(loads: readonly LoadShape[]): void
  /** Throws `ArgumentsError` for a figure that no run of this kind has. */
  checkTask(plan: RunPlan): void
  /** The plan of the next run with its gates; frozen. */
  attach(plan: RunPlan): RunPlan
  /** Lines on what makes a comparison with runs of this plan a doubtful one. */
  doubts(plan: RunPlan): readonly string[]
}

/**
 * Reads the gate flags and the baseline that they name; undefined without any. Runs that are stored may have more than
 * these flags tell. Throws `ArgumentsError`.
 */
export const openGates = async (
  values: GateValues,
  say: (line: string) => void,
  isStored = false,
): Promise<Gates | undefined> => {
  const request = readGates(values, isStored)
  if (request === undefined) return undefined
  const { conditions, tolerances, baselinePath, isAdvisory } = request
  for (const line of request.notices) say(line)
  const objectives = values.goodput && readObjectives(values)
  const options = { tolerances, objectives, say }
  const baseline = baselinePath === undefined ? undefined : await readBaseline(baselinePath, options)
  const named = [...conditions, ...tolerances.filter(({ comparedIf }) => comparedIf === 'asked')].map(
    ({ figure }) => figure,
  )
  return {
    checkLoads: loads => baseline?.checkLoads(loads),
    checkTask: ({ task, api }) => {
      const foreign = hasOutputTokens(task) ? undefined : named.find(ofTokens)
      if (foreign === undefined) return
      throw new ArgumentsError(`${foreign} is a figure of output tokens, which --api ${api} has none of; leave it out`)
    },
    attach: plan => {
      const compared = baseline?.figuresFor(plan, tolerances) ?? { baseline: [] }
      return deepFreeze({ ...plan, gates: { conditions, ...compared, isAdvisory } })
    },
    doubts: plan => baseline?.doubts(plan) ?? [],
  }
}

const ofTokens = (figure: string): boolean => /_(ttft|itl|tpot|ttfat|first_chunk)$|tps$/.test(figure)

/** Runs with their gates, where there are any; `say` hears what makes a comparison with the baseline a doubtful one. */
export const withGates = (
  plans: readonly RunPlan[],
  gates: Gates | undefined,
  say: (line: string) => void,
): readonly RunPlan[] => {
  const [first] = plans
  if (gates === undefined || first === undefined) return plans
  gates.checkTask(first)
  for (const line of gates.doubts(first)) say(line)
  return plans.map(gates.attach)
}
