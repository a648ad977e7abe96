import type { BaselineFacts, GateOutcome } from '../model/gate.ts'

/** More runs than these are counted only: a heading is one line. */
const mostNames = 3

/** `2 of 7 failed (1 of them could not be measured)`, in one line, and which of the runs that passed mean nothing. */
export const outcomeText = (outcome: GateOutcome): string => {
  const { checks, hasPassed, isAdvisory, invalidRuns } = outcome
  const invalid = invalidText(invalidRuns)
  if (hasPassed) {
    const passed = checks.length === 1 ? 'passed' : `all ${checks.length} passed`
    return invalid === undefined ? passed : `${passed}, but ${invalid}`
  }
  const remarks = [
    ...unmeasurableText(outcome),
    ...(isAdvisory ? ['--advisory: without an effect on the exit code'] : []),
  ]
  const failed = `${failedCount(outcome)} of ${checks.length} failed`
  const text = remarks.length === 0 ? failed : `${failed} (${remarks.join('; ')})`
  return invalid === undefined ? text : `${text}; ${invalid}`
}

/** How many did not pass, those that could not be measured among them. */
export const failedCount = ({ checks }: GateOutcome): number =>
  checks.filter(({ verdict }) => verdict !== 'passed').length

const unmeasurableText = (outcome: GateOutcome): readonly string[] => {
  const failed = failedCount(outcome)
  const unmeasurable = outcome.checks.filter(({ verdict }) => verdict === 'unmeasurable').length
  if (unmeasurable === 0) return []
  const which = unmeasurable < failed ? `${unmeasurable} of them` : failed === 1 ? 'it' : 'they'
  return [`${which} could not be measured`]
}

/** Lines on the baseline that runs were held against. */
export const baselineLines = ({ path, doubts, pairs }: BaselineFacts): readonly string[] => [
  `the baseline is ${path}`,
  ...doubts,
  ...pairs,
]

const invalidText = (runs: readonly string[]): string | undefined => {
  if (runs.length === 0) return undefined
  const left = runs.length - mostNames
  const names = [...runs.slice(0, mostNames), ...(left > 0 ? [`${left} more`] : [])]
  const text = names.length === 1 ? names[0] : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`
  return `${text} ${runs.length === 1 ? 'is' : 'are'} INVALID`
}
