import type { RunResult } from '../../model/result.ts'
import type { SlaVariable } from '../../model/sla.ts'
import { goalOf, groupText, judgedCriteria, type SlaGroup } from '../../stats/sla/criteria.ts'
import { leastGain } from '../../stats/sla/judge.ts'
import {
  type DecidedStep,
  type GroupAnswer,
  type MeasuredPoint,
  missedBounds,
  type SlaOutcome,
} from '../../stats/sla/outcome.ts'
import { queueStart } from '../../stats/sla/queue-start.ts'
import { formatFigure, formatWithUnit } from '../format.ts'
import { figureText, proofText, successText, valueText } from './step-words.ts'

/** One sentence: where throughput is best, the last value within the SLA, and where requests begin to queue. */
export const conclusionText = (outcome: SlaOutcome): string => {
  const parts = [
    throughputText(outcome),
    ...outcome.answers.map(answer => answerText(answer, outcome)),
    queueText(outcome),
  ]
  const text = parts.filter(part => part !== undefined).join('; ')
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`
}

/**
 * The lowest value with the highest throughput, which no other exceeds by more than noise: tokens where answers have some,
 * else requests.
 */
export const bestThroughput = (points: readonly MeasuredPoint[]): MeasuredPoint | undefined => {
  const highest = Math.max(0, ...points.map(({ result }) => speedOf(result)))
  if (highest === 0) return undefined
  return points.find(({ result }) => speedOf(result) * (1 + leastGain) >= highest)
}

const speedOf = ({ summary }: RunResult): number => summary.outputTokensPerSec ?? summary.requestsPerSec ?? 0

const throughputText = ({ points, variable }: SlaOutcome): string | undefined => {
  const best = bestThroughput(points)
  if (best === undefined) return undefined
  const { outputTokensPerSec, requestsPerSec } = best.result.summary
  const speed =
    outputTokensPerSec === undefined
      ? formatWithUnit('rate', requestsPerSec, 'req/s')
      : formatWithUnit('rate', outputTokensPerSec, 'tok/s')
  return `throughput is best at ${valueText(variable, best.value)}, ${speed}`
}

/** What a group asks for, without what has no effect. */
const sentenceText = (group: SlaGroup): string => groupText(judgedCriteria(group))

const answerText = (answer: GroupAnswer, { variable, range }: SlaOutcome): string => {
  const { group, value, isWhole } = answer
  const [criteria, goal] = [sentenceText(group), goalOf(group)]
  if (value === undefined) {
    if (!isWhole) return `whether any value keeps ${criteria} is not known, as the search was cut short`
    return noneText(answer, variable)
  }
  const found = valueText(variable, value)
  const bound = isWhole ? (value === range.upper ? ', the upper bound' : '') : ' so far, as the search was cut short'
  const end = `${bound}${proofText(answer)}`
  return goal === undefined
    ? `the last value that keeps ${criteria} is ${found}${end}`
    : `${goal.figure.name} is ${goal.goal === 'max' ? 'highest' : 'lowest'} at ${found}${end}`
}

/** Why no value is good, by the values next to where one could have been. */
const noneText = ({ group, steps }: GroupAnswer, variable: SlaVariable): string => {
  const { tooLittle, tooMuch } = missedBounds(steps)
  const criteria = sentenceText(group)
  const missedAt = (value: number | undefined): string => missedText(steps.find(step => step.value === value))
  if (tooLittle === undefined) {
    return `no value down to ${valueText(variable, tooMuch ?? 0)} keeps ${criteria}${missedAt(tooMuch)}`
  }
  if (tooMuch === undefined) {
    return `no value up to ${valueText(variable, tooLittle)}, the upper bound, reaches ${criteria}${missedAt(tooLittle)}`
  }
  return `no value keeps ${criteria}: ${valueText(variable, tooLittle)} is too little load and ${tooMuch} too much`
}

/** `, as there p99_ttft is 812.4 ms`. */
const missedText = (step: DecidedStep | undefined): string => {
  if (step === undefined) return ''
  const { judgement } = step
  const missed = [...judgement.figures.filter(({ holds }) => !holds).map(figureText), ...successText(judgement)]
  return missed.length === 0 ? '' : ` (there ${missed.join(', ')})`
}

const queueText = ({ points, variable }: SlaOutcome): string => {
  const start = queueStart(points)
  if (start === undefined) return 'where requests begin to queue is not known without TTFT'
  if (start === 'none') return `no queue shows up to ${valueText(variable, points.at(-1)?.value ?? 0)}`
  const { after, at, beforeMs, atMs } = start
  const growth = `${formatFigure('ms', beforeMs)} to ${formatFigure('ms', atMs)} ms`
  return `the queue starts between ${after} and ${at}, where the mean TTFT goes from ${growth}`
}
