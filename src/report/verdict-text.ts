import type { RunResult } from '../model/result.ts'
import type { Verdict } from '../model/verdict.ts'
import { plainText } from './text.ts'

/**
 * The verdict of one run: a line, and one for each reason. Where a reason makes it INVALID that is the news, and why it
 * cannot be judged as a whole stands below.
 */
export const verdictText = ({ level, reasons, statement }: Verdict): string => {
  const told = statement === undefined ? [] : [plainText(statement)]
  const bullets = reasons.map(({ name, message }) => `${name}: ${plainText(message)}`)
  const [head, below] = level === 'INVALID' ? [[], [...bullets, ...told]] : [told, bullets]
  return [`Verdict: ${[level ?? 'none', ...head].join(': ')}`, ...below.map(line => `  • ${line}`)].join('\n')
}

/** The verdicts of all runs of a sweep, a line each; one line where they are the same and nothing is to be said. */
export const sweepVerdictText = (runs: readonly RunResult[]): string => {
  const isAllValid = runs.every(({ verdict }) => verdict.level === 'VALID')
  if (isAllValid) return runs.length === 1 ? 'Verdict: VALID' : `Verdict: VALID for each of the ${runs.length} runs`
  return `Verdicts:\n${runs.map(({ plan, verdict }) => `  • ${plainText(plan.name)}: ${shortText(verdict)}`).join('\n')}`
}

/** More would not fit a line. */
const mostNamed = 4

const shortText = ({ level, reasons, statement }: Verdict): string => {
  const all = [...new Set<string>(reasons.map(({ name }) => name))]
  const names = all.length > mostNamed ? [...all.slice(0, mostNamed), `${all.length - mostNamed} more`] : all
  const why = [names.join(', '), plainText(statement ?? '')].filter(text => text !== '').join('; ')
  return [level ?? 'none', why].filter(text => text !== '').join(': ')
}
