import type { RunResult } from '../../model/result.ts'
import type { SlaVariable } from '../../model/sla.ts'
import { goalOf, groupText, judgedCriteria, type SlaGroup } from '../../stats/sla/criteria.ts'
import { failsBySuccess, leastGain } from '../../stats/sla/judge.ts'
import {
  type DecidedStep,
  decidedPoints,
  type GroupAnswer,
  isAtUpperBound,
  type MeasuredPoint,
  missedBounds,
  type SlaOutcome,
} from '../../stats/sla/outcome.ts'
import { queueStart } from '../../stats/sla/queue-start.ts'
import { formatFigure, formatWithUnit } from '../format.ts'
import { figureText, proofText, successText, valueText } from './step-words.ts'

/** One sentence: where throughput is best, the last value within the SLA, and where requests begin to queue. */
export const conclusionText = (outcome: SlaOutcome): string => {
  const points = decidedPoints(outcome)
  const parts = [
    throughputText(outcome, points),
    ...outcome.answers.map(answer => answerText(answer, outcome)),
    queueText(outcome.variable, points),
    goneText(outcome),
  ]
  const text = parts.filter(part => part !== undefined).join('; ')
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`
}

/**
 * The lowest value with the highest throughput, which no other exceeds by more than noise: tokens where answers have some,
 * else requests. Those of INVALID runs only count where there are no others.
 */
export const bestThroughput = (all: readonly MeasuredPoint[]): MeasuredPoint | undefined => {
  const usable = all.filter(point => !isInvalid(point) && speedOf(point.result) > 0)
  const points = usable.length === 0 ? all : usable
  const highest = Math.max(0, ...points.map(({ result }) => speedOf(result)))
  if (highest === 0) return undefined
  return points.find(({ result }) => speedOf(result) * (1 + leastGain) >= highest)
}

const isInvalid = ({ result }: MeasuredPoint): boolean => result.verdict.level === 'INVALID'

const speedOf = ({ summary }: RunResult): number => summary.outputTokensPerSec ?? summary.requestsPerSec ?? 0

const throughputText = ({ variable, answers }: SlaOutcome, points: readonly MeasuredPoint[]): string | undefined => {
  const best = bestThroughput(points)
  if (best === undefined) return undefined
  const { outputTokensPerSec, requestsPerSec } = best.result.summary
  const speed =
    outputTokensPerSec === undefined
      ? formatWithUnit('rate', requestsPerSec, 'req/s')
      : formatWithUnit('rate', outputTokensPerSec, 'tok/s')
  const soFar = answers.every(({ isWhole }) => isWhole) ? '' : ' so far'
  const doubt = isInvalid(best) ? ' by INVALID runs, as all are' : ''
  return `throughput is best at ${valueText(variable, best.value)}${soFar}, ${speed}${doubt}`
}

/** What a group asks for, without what has no effect. */
const sentenceText = (group: SlaGroup): string => groupText(judgedCriteria(group))

const answerText = (answer: GroupAnswer, { variable, gone }: SlaOutcome): string => {
  const cut = gone === undefined ? 'the search was cut short' : 'the server was gone'
  const { group, value, isWhole } = answer
  const [criteria, goal] = [sentenceText(group), goalOf(group)]
  if (value === undefined) {
    if (!isWhole) return `whether any value keeps ${criteria} is not known, as ${cut}`
    return noneText(answer, variable)
  }
  const found = valueText(variable, value)
  const bound = isWhole ? (isAtUpperBound(answer) ? ', the upper bound: more was not tried' : '') : ` so far, as ${cut}`
  const proof = proofText(answer)
  const end = `${bound}${proof === '' ? '' : ` (${proof.trim()})`}`
  return goal === undefined
    ? `${lastText(answer, criteria)} is ${found}${end}`
    : `${goal.figure.name} is ${goal.goal === 'max' ? 'highest' : 'lowest'} at ${found}${end}`
}

/** Where it is success that ends above it, and not the bounds, that is said. */
const lastText = ({ steps, value = 0 }: GroupAnswer, criteria: string): string => {
  const above = steps.filter(step => step.value > value && !step.judgement.isGood).sort((a, b) => a.value - b.value)
  const next = above[0]
  return next !== undefined && failsBySuccess(next.judgement)
    ? `the last value before requests fail (at ${next.value} ${successText(next.judgement).join('')})`
    : `the last value that keeps ${criteria}`
}

/** Why no value is good, by the values next to where one could have been. */
const noneText = ({ group, steps }: GroupAnswer, variable: SlaVariable): string => {
  const { tooLittle, tooMuch } = missedBounds(steps)
  const criteria = sentenceText(group)
  const missedAt = (value: number | undefined): string => missedText(steps.find(step => step.value === value))
  const lowest = steps.find(step => step.value === tooMuch)
  if (tooLittle === undefined && lowest !== undefined && failsBySuccess(lowest.judgement)) {
    const least = `${lowest.judgement.leastSuccessPercent}%`
    return `at no value down to ${valueText(variable, lowest.value)} do ${least} of requests succeed${missedAt(tooMuch)}`
  }
  if (tooLittle === undefined) {
    return `no value down to ${valueText(variable, tooMuch ?? 0)} keeps ${criteria}${missedAt(tooMuch)}`
  }
  if (tooMuch === undefined) {
    return `no value up to ${valueText(variable, tooLittle)}, the upper bound, reaches ${criteria}${missedAt(tooLittle)}`
  }
  return `no value keeps ${criteria}: ${valueText(variable, tooLittle)} is too little load and ${tooMuch} too much`
}

/** ` (there p99_ttft 812.4 ms)`. */
const missedText = (step: DecidedStep | undefined): string => {
  if (step === undefined) return ''
  const { judgement } = step
  const missed = [...judgement.figures.filter(({ holds }) => !holds).map(figureText), ...successText(judgement)]
  return missed.length === 0 ? '' : ` (there ${missed.join(', ')})`
}

const goneText = ({ gone, variable }: SlaOutcome): string | undefined => {
  if (gone === undefined) return undefined
  const before = gone.last === undefined ? '' : `: ${gone.last} is the last value measured before that`
  return `at ${valueText(variable, gone.at)} the server was gone${before}`
}

const queueText = (variable: SlaVariable, points: readonly MeasuredPoint[]): string | undefined => {
  if (points.length === 0) return undefined
  const start = queueStart(points)
  if (start === undefined) return 'where requests begin to queue is not known without TTFT'
  if (start === 'none') return `no queue shows up to ${valueText(variable, points.at(-1)?.value ?? 0)}`
  const { after, at, beforeMs, atMs } = start
  const growth = `${formatFigure('ms', beforeMs)} to ${formatFigure('ms', atMs)} ms`
  return `the queue starts between ${after} and ${at}, where the mean TTFT goes from ${growth}`
}
