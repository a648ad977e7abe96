import type { RunResult } from '../model/result.ts'
import type { Verdict, VerdictReason } from '../model/verdict.ts'
import { decimalText } from './decimal.ts'
import type { VerdictFacts } from './verdict-facts.ts'
import { type VerdictRule, verdictRules } from './verdict-rules.ts'

/** Below this a hiccup of the machine is a large part of the run. */
const shortestMs = 1000

/** Whether all that keeps a run from being judged as a whole is that it was over too soon. */
export const isOnlyTooShort = ({
  summary: { durationMs = 0 },
  verdict: { statement },
}: Pick<RunResult, 'summary' | 'verdict'>): boolean =>
  durationMs < shortestMs && statement === tooShortText('the run', durationMs)

/** Why so short a time tells nothing. */
export const tooShortText = (what: string, durationMs: number): string =>
  `${what} took ${decimalText(durationMs / 1000, 3)} s, and below ${shortestMs / 1000} s there is too little to judge`

/** Whether a run's figures can be trusted. Notes play no part in it. */
export const judge = (facts: VerdictFacts): Verdict => {
  const { durationMs = 0 } = facts.summary
  const statement = statementOf(facts)
  const fired: readonly Fired[] = verdictRules
    .filter(({ needsTime }) => !needsTime || durationMs >= shortestMs)
    .flatMap(rule => reasonBy(rule, facts).map(reason => ({ rule, reason })))
  const reasons = fired.filter(one => isNews(one, fired)).map(({ reason }) => reason)
  return { level: worst(reasons) ?? (statement === undefined ? 'VALID' : undefined), reasons, statement }
}

/** What a rule came to. */
interface Fired {
  readonly rule: VerdictRule
  readonly reason: VerdictReason
}

/** Of those that say the same the worst, or else the first: what makes the p50 too high makes the p99 so, too. */
const isNews = ({ rule, reason }: Fired, fired: readonly Fired[]): boolean => {
  const same = fired.filter(other => other.rule.name === rule.name && other.rule.advice === rule.advice)
  const kept = same.find(other => other.reason.level === 'INVALID') ?? same[0]
  return kept?.reason === reason
}

/** Why a run cannot be judged as a whole. */
const statementOf = ({ summary, interrupted, datasetFailed, statement }: VerdictFacts): string | undefined => {
  const { totalRequests, durationMs = 0 } = summary
  if (statement !== undefined) return statement
  if (interrupted) return 'the run was interrupted, and nobody knows what the rest would have shown'
  if (datasetFailed) return 'the dataset broke before the run was over'
  if (totalRequests === 0) return 'no request came to its end'
  if (durationMs >= shortestMs) return undefined
  return tooShortText('the run', durationMs)
}

const worst = (reasons: readonly VerdictReason[]): VerdictReason['level'] | undefined =>
  reasons.some(({ level }) => level === 'INVALID') ? 'INVALID' : reasons[0]?.level

const reasonBy = (rule: VerdictRule, facts: VerdictFacts): readonly VerdictReason[] => {
  const measurement = rule.measure(facts)
  if (measurement === undefined) return []
  const { measured, found } = measurement
  const isBeyond = (bound: number): boolean => (rule.trouble === 'above' ? measured > bound : measured < bound)
  const suspect = typeof rule.suspect === 'number' ? rule.suspect : rule.suspect.of(facts)
  if (!isBeyond(suspect)) return []
  const { name, unit, invalid, why, advice } = rule
  const [level, bound] =
    invalid !== undefined && isBeyond(invalid) ? (['INVALID', invalid] as const) : (['SUSPECT', suspect] as const)
  return [
    {
      name,
      level,
      measured,
      bound,
      unit,
      message: `${found}; the bound is ${boundText(bound, unit)}. ${why}: ${advice}.`,
    },
  ]
}

const boundText = (bound: number, unit: VerdictReason['unit']): string =>
  `${decimalText(bound, 2)}${unit === '%' ? '%' : ` ${unit}`}`
