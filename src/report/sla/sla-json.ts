import type { JsonObject, JsonValue } from '../../model/json.ts'
import { roundHalfUp } from '../../stats/decimal.ts'
import { groupText } from '../../stats/sla/criteria.ts'
import {
  type DecidedStep,
  decidedPoints,
  type GroupAnswer,
  type MeasuredPoint,
  type SlaOutcome,
} from '../../stats/sla/outcome.ts'
import { queueStart } from '../../stats/sla/queue-start.ts'
import { percentileJson, summaryJson } from '../json.ts'
import { bestThroughput, conclusionText } from './conclusion.ts'
import { noteText } from './sla-table.ts'

/** `sla_summary.json`: the figures of each value under its name, as the original has them, then the search. */
export const slaSummaryJson = (outcome: SlaOutcome): JsonObject => ({
  ...Object.fromEntries(outcome.points.map(({ result }) => [result.plan.name, pointJson(result)])),
  search: slaSearchJson(outcome),
})

const pointJson = (result: MeasuredPoint['result']): JsonObject => ({
  metrics: summaryJson(result),
  percentiles: byColumn(percentileJson(result)),
})

const byColumn = (levels: readonly JsonObject[]): JsonObject =>
  Object.fromEntries(Object.keys(levels[0] ?? {}).map(key => [key, levels.map(level => level[key] ?? null)]))

/** What the search looked for, which way it took and what it found. */
export const slaSearchJson = (outcome: SlaOutcome): JsonObject => {
  const { variable, range, answers, hasPassed } = outcome
  const points = decidedPoints(outcome)
  const [best, queue] = [bestThroughput(points), queueStart(points)]
  return {
    variable,
    start: range.start,
    lower_bound: range.lower,
    upper_bound: range.upper,
    passed: hasPassed,
    groups: answers.map(answerJson),
    best_throughput: best === undefined ? null : best.value,
    queue_starts: typeof queue === 'object' ? { after: queue.after, at: queue.at } : null,
    conclusion: conclusionText(outcome),
  }
}

const answerJson = (answer: GroupAnswer): JsonObject => ({
  criteria: groupText(answer.group),
  max_satisfied: answer.value ?? null,
  note: noteText(answer),
  path: answer.steps.map(stepJson),
})

const stepJson = ({ value, judgement, wasRepeated, verdict }: DecidedStep): JsonObject => ({
  value,
  good: judgement.isGood,
  repeated: wasRepeated,
  verdict: verdict.level ?? null,
  success_rate: orNull(judgement.successPercent),
  figures: Object.fromEntries(
    judgement.figures.map(({ criterion: { figure }, value: found, isCarried, count, neededSamples }) => [
      figure.name,
      { value: orNull(found), unit: figure.unit, carried: isCarried, samples: count, needed: orNull(neededSamples) },
    ]),
  ),
})

/** With at most six decimals, as in all files. */
const orNull = (value: number | undefined): JsonValue => (value === undefined ? null : roundHalfUp(value, 6))
