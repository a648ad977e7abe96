import type { ArgumentValues } from '../../arguments/arguments.ts'
import { shown } from '../../arguments/read-value.ts'
import { ArgumentsError } from '../../errors.ts'
import type { JsonObject, JsonValue } from '../../model/json.ts'
import { groupText, idleGoals, type SlaCriterion, type SlaGroup, type SlaOperator } from '../../stats/sla/criteria.ts'
import { readFigureName } from '../figure-name.ts'
import { readObjectives } from '../objectives.ts'

/** The groups of `--sla-params`; throws `ArgumentsError` in one line for the first mistake. */
export const readSlaGroups = (values: ArgumentValues): readonly SlaGroup[] => {
  const groups = (values.slaParams ?? []).map(parseGroup)
  for (const { figure } of groups.flat()) checkMeasurable(figure.name, values)
  return groups
}

/** A line for each goal that stands beside bounds. */
export const explainIdleGoals = (groups: readonly SlaGroup[]): readonly string[] =>
  groups
    .flatMap(idleGoals)
    .map(
      ({ figure, goal }) =>
        `--sla-params: ${goal} of ${figure.name} has no effect beside bounds; in a group of its own it is searched for`,
    )

/** What no run of these flags can have is not found out after it. */
const checkMeasurable = (figure: string, values: ArgumentValues): void => {
  if (figure.startsWith('goodput') && readObjectives(values).length === 0) {
    throw new ArgumentsError(`--sla-params: ${figure} needs --goodput, the objectives that requests are to keep`)
  }
  if (!values.stream && /_(ttft|itl|tpot|ttfat|first_chunk)$/.test(figure)) {
    throw new ArgumentsError(`--sla-params: ${figure} needs streamed answers; leave out --no-stream`)
  }
}

const parseGroup = (given: JsonObject): SlaGroup => {
  const group = Object.entries(given).map(([name, wanted]) => parseCriterion(name, wanted))
  if (group.length === 0) {
    throw new ArgumentsError('--sla-params has an empty group; give figures with bounds, such as {"p99_ttft": "<=500"}')
  }
  if (group.length > 1 && group.every(criterion => 'goal' in criterion)) {
    throw new ArgumentsError(
      `--sla-params has ${group.length} goals in one group (${groupText(group)}); give each a group of its own, or bounds`,
    )
  }
  return group
}

const parseCriterion = (name: string, wanted: JsonValue | undefined): SlaCriterion => {
  const figure = readFigureName('--sla-params', name)
  const text = typeof wanted === 'string' ? wanted.trim() : ''
  if (text === 'max' || text === 'min') return { figure, goal: text }
  const [, sign = '', number] = bound.exec(text) ?? []
  const operator = operators[sign]
  const limit = Number(number)
  if (operator === undefined || !Number.isFinite(limit)) {
    throw new ArgumentsError(
      `--sla-params: ${figure.name} takes "<=x", "<x", ">=x", ">x", "max" or "min", got ${shown(JSON.stringify(wanted))}`,
    )
  }
  return { figure, operator, limit }
}

const bound = /^(\D{1,2}?)\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)$/i

const operators: Readonly<Record<string, SlaOperator>> = {
  '<=': '<=',
  '≤': '<=',
  '≦': '<=',
  '<': '<',
  '>=': '>=',
  '≥': '>=',
  '≧': '>=',
  '>': '>',
}
