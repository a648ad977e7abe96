import type { RunResult, RunSummary } from '../model/result.ts'

/**
 * What is said of a sweep that was interrupted, or met a mistake in its dataset, and is not to be taken for a whole one;
 * undefined where it is whole.
 */
export const unfinishedText = (runs: readonly RunResult[], plannedRuns = runs.length): string | undefined => {
  const whole = runs.filter(
    // Where a duration ends a run, it may well be whole before all requests were sent.
    ({ plan, interrupted, datasetFailed, summary, incomplete }) =>
      !(interrupted || datasetFailed) &&
      (plan.durationMs !== undefined || incomplete !== undefined || isComplete(summary)),
  )
  if (whole.length >= plannedRuns) return undefined
  if (runs.some(({ incomplete }) => incomplete === 'under way')) {
    const underWay =
      plannedRuns === 1 ? 'The run is still under way' : `${whole.length} of ${plannedRuns} runs are over`
    return `${underWay}; figures cover what has ended so far.`
  }
  const ended = `Only ${whole.length} of ${plannedRuns} runs came to their end`
  return `${plannedRuns === 1 ? 'The run did not come to its end' : ended}; figures cover what had ended by then.`
}

const isComplete = ({ conversations, totalRequests, expectedRequests = 0 }: RunSummary): boolean =>
  conversations === undefined
    ? totalRequests >= expectedRequests
    : conversations.begun - conversations.cutOff >= (conversations.expected ?? 0)
