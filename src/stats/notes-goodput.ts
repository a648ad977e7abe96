import type { RunSummary } from '../model/result.ts'
import { objectiveText } from './goodput.ts'

/** One note for each objective that requests cannot be held against; what is not measured is not met. */
export const goodputNotes = ({ goodput, succeededRequests }: RunSummary): readonly string[] =>
  (goodput?.objectives ?? [])
    .filter(({ unmeasured }) => unmeasured > 0)
    .map(objective => {
      const name = objective.figure === 'latency' ? 'latency' : objective.figure.toUpperCase()
      const many = `${objective.unmeasured} of ${succeededRequests} successes`
      return `${name} was not measured in ${many}: these do not keep ${objectiveText(objective)}, and are not good.`
    })
