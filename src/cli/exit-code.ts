import { exitCodes } from '../errors.ts'
import type { RunResult } from '../model/result.ts'
import { isDoubtful } from '../report/ci/checks.ts'
import { outcomeText } from '../report/gate-words.ts'
import type { BenchmarkOutcome } from '../run.ts'
import { answeredResults } from '../stats/sla/outcome.ts'

/** Whether a benchmark passed: its requests, an SLA, `--strict` and gates; what failed of the last two is said. */
export const exitCodeOf = (
  { results, gates, sla }: BenchmarkOutcome,
  { isStrict, say }: { readonly isStrict: boolean; readonly say: (line: string) => void },
): number => {
  // A search may well go beyond what a server can take.
  const hasPassed = sla?.hasPassed ?? results.every(({ summary }) => summary.succeededRequests > 0)
  const judged = sla === undefined ? results : answeredResults(sla)
  const doubtful = isStrict ? judged.filter(isDoubtful) : []
  if (doubtful.length > 0) say(strictLine(doubtful, judged))
  const isHeld = gates === undefined || gates.hasPassed
  if (!isHeld) say(`gates: ${outcomeText(gates)}`)
  const isFine = hasPassed && doubtful.length === 0 && (isHeld || gates.isAdvisory)
  return isFine ? exitCodes.done : exitCodes.notPassed
}

const strictLine = (doubtful: readonly RunResult[], all: readonly RunResult[]): string =>
  `--strict: ${doubtful.length} of ${all.length} runs ${doubtful.length === 1 ? 'is' : 'are'} not VALID: ${doubtful.map(({ plan }) => plan.name).join(' ')}`
