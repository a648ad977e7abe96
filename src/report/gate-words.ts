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
  const advisory = isAdvisory ? ' (--advisory: without an effect on the exit code)' : ''
  return `${failedText(outcome)}${advisory}${invalid === undefined ? '' : `; ${invalid}`}`
}

/** `12 of 12 failed`, those that could not be measured among them; of what, if the reader does not know. */
export const failedText = ({ checks }: GateOutcome, ofWhat = ''): string => {
  const failed = checks.filter(({ verdict }) => verdict !== 'passed').length
  const unmeasurable = checks.filter(({ verdict }) => verdict === 'unmeasurable').length
  const text = [`${failed} of ${checks.length}`, ofWhat, 'failed'].filter(Boolean).join(' ')
  if (unmeasurable === 0) return text
  const which = unmeasurable < failed ? `${unmeasurable} of them` : failed === 1 ? 'it' : 'they'
  return `${text} (${which} could not be measured)`
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
