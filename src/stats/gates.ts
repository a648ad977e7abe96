import type { BaselineFacts, BaselineFigure, GateCheck, GateCondition, GateOutcome, RunGates } from '../model/gate.ts'
import type { FigureUnit, NamedReading } from '../model/named-figure.ts'
import type { RunResult } from '../model/result.ts'
import { decimalText, roundHalfUp } from './decimal.ts'

/** Names of the figures that gates rest on. */
export const gatedFigures = ({ conditions, baseline }: RunGates): readonly string[] =>
  [...conditions, ...baseline].map(({ figure }) => figure)

/** Whether one run keeps its gates, by the readings of `gatedFigures`: a check for each, in the order given. */
export const judgeGates = (run: string, gates: RunGates, readings: readonly NamedReading[]): readonly GateCheck[] => {
  const readingOf = (name: string): NamedReading | undefined => readings.find(({ figure }) => figure.name === name)
  return [
    ...gates.conditions.map(condition => checkCondition(run, condition, readingOf(condition.figure))),
    ...gates.baseline.map(figure => checkBaseline(run, figure, readingOf(figure.figure))),
    ...(gates.unpaired === undefined ? [] : [unpairedCheck(run, gates.unpaired)]),
  ]
}

/** What became of all gates of these runs; undefined where none was asked for. */
export const gateOutcome = (results: readonly RunResult[]): GateOutcome | undefined => {
  const judged = results.filter(({ gates }) => gates !== undefined)
  if (judged.length === 0) return undefined
  const checks = judged.flatMap(({ gates = [] }) => gates)
  return {
    checks,
    isAdvisory: judged.some(({ plan }) => plan.gates?.isAdvisory === true),
    hasPassed: checks.every(({ verdict }) => verdict === 'passed'),
    invalidRuns: judged
      .filter(
        ({ verdict, gates = [] }) => verdict.level === 'INVALID' && gates.some(check => check.verdict === 'passed'),
      )
      .map(({ plan }) => plan.name),
    baseline: allFacts(judged.flatMap(({ plan }) => plan.gates?.heldAgainst ?? [])),
  }
}

/** What is said of the baseline in any run, once. */
const allFacts = (facts: readonly BaselineFacts[]): BaselineFacts | undefined => {
  const [first] = facts
  if (first === undefined) return undefined
  const all = (field: 'doubts' | 'pairs') => [...new Set(facts.flatMap(of => of[field]))]
  return { path: first.path, doubts: all('doubts'), pairs: all('pairs') }
}

const operators: Readonly<Record<GateCondition['operator'], (value: number, bound: number) => boolean>> = {
  '>': (value, bound) => value > bound,
  '>=': (value, bound) => value >= bound,
  '<': (value, bound) => value < bound,
  '<=': (value, bound) => value <= bound,
}

const checkCondition = (
  run: string,
  { figure, operator, bound }: GateCondition,
  reading: NamedReading | undefined,
): GateCheck => {
  const shared = {
    ...sharedOf(run, figure, reading),
    kind: 'fail-if',
    condition: `${figure} ${operator} ${bound}`,
  } as const
  const { value, unit } = shared
  const lack = lackOf(figure, reading)
  if (lack !== undefined || value === undefined) return unmeasurable(shared, lack)
  const side = value > bound ? 'above' : value < bound ? 'below' : 'exactly'
  const reason =
    value === bound
      ? `${figure} is ${side} ${bound} ${unit}`
      : `${figure} is ${amountText(value, unit, bound)}, ${side} ${bound} ${unit}`
  return { ...shared, verdict: operators[operator](value, bound) ? 'failed' : 'passed', reason }
}

const checkBaseline = (run: string, tolerated: BaselineFigure, reading: NamedReading | undefined): GateCheck => {
  const { figure, value: base, percent, difference } = tolerated
  const unit = reading?.figure.unit ?? ''
  const condition = `${figure} worse by more than ${toleranceText(percent, difference, unit)}`
  const shared = { ...sharedOf(run, figure, reading), kind: 'baseline', condition, baseline: base } as const
  const { value } = shared
  const lack = lackOf(figure, reading) ?? baselineLackOf(tolerated, reading)
  if (lack !== undefined || value === undefined || base === undefined) return unmeasurable(shared, lack)
  const worseBy = reading?.figure.better === 'higher' ? base - value : value - base
  const isBeyond = { percent: worseBy > (base * percent) / 100, difference: worseBy > difference }
  const isWorse = isBeyond.percent && isBeyond.difference
  const reason = comparisonText({ figure, value, base, unit }, isBeyond, tolerated)
  return { ...shared, verdict: isWorse ? 'failed' : 'passed', reason }
}

/** A run whose load the baseline has no run of. */
const unpairedCheck = (run: string, reason: string): GateCheck => ({
  run,
  kind: 'baseline',
  condition: 'worse than the baseline',
  figure: '',
  unit: '',
  value: undefined,
  baseline: undefined,
  verdict: 'unmeasurable',
  reason,
})

const sharedOf = (run: string, figure: string, reading: NamedReading | undefined) => ({
  run,
  figure,
  unit: reading?.figure.unit ?? ('' as FigureUnit | ''),
  value: reading?.value,
  baseline: undefined as number | undefined,
})

const unmeasurable = (
  shared: Omit<GateCheck, 'verdict' | 'reason'>,
  reason = 'there is no such figure',
): GateCheck => ({
  ...shared,
  verdict: 'unmeasurable',
  reason,
})

/** Why a run's figure can be held against nothing; undefined where it can. */
const lackOf = (name: string, reading: NamedReading | undefined): string | undefined => {
  if (reading === undefined) return `this version knows no figure ${name}`
  const { value, count, isCarried, neededSamples } = reading
  if (value === undefined) return `the run has no ${name}: nothing was measured that it is made of`
  if (isCarried) return undefined
  return `${name} rests on ${samplesText(count)} and takes ${neededSamples}: make a longer run, ${longerText(name, neededSamples)}`
}

/** What makes a run long enough: a request may have many gaps. */
const longerText = (name: string, neededSamples: number | undefined): string =>
  name.endsWith('_itl') ? 'with more --number or --duration' : `with --number ${neededSamples} or more`

const baselineLackOf = ({ figure, value, count }: BaselineFigure, reading: NamedReading | undefined) => {
  if (value === undefined) return `the baseline has no ${figure}`
  const needed = reading?.neededSamples
  if (needed === undefined || count >= needed) return undefined
  return `${figure} of the baseline rests on ${samplesText(count)} and takes ${needed}: make a longer one, ${longerText(figure, needed)}`
}

const samplesText = (count: number): string => `${count} sample${count === 1 ? '' : 's'}`

/** `10 % and 5 ms`; a bound of 0 is none beside another one. */
const toleranceText = (percent: number, difference: number, unit: string): string => {
  const texts = [
    ...(percent > 0 ? [`${percent} %`] : []),
    ...(difference > 0 || percent === 0 ? [`${difference} ${unit}`.trim()] : []),
  ]
  return texts.join(' and ')
}

interface Compared {
  readonly figure: string
  readonly value: number
  readonly base: number
  readonly unit: string
}

/** What was found; of a figure that is worse beyond one bound alone also why it passes, of one that fails both amounts. */
const comparisonText = (
  { figure, value, base, unit }: Compared,
  isBeyond: Readonly<Record<'percent' | 'difference', boolean>>,
  { difference }: BaselineFigure,
): string => {
  const own = amountText(value, unit, base)
  if (value === base) return `${figure} is ${own}, as in the baseline`
  const side = value > base ? 'above' : 'below'
  const found = (by: string): string =>
    `${figure} is ${own}, ${by}${side} the ${amountText(base, unit, value)} of the baseline`
  if (base === 0) return found('')
  const apart = Math.abs(value - base)
  const share = `${decimalText((100 * apart) / base, 1)} %`
  if (difference === 0) return found(`${share} `)
  const amount = amountText(apart, unit, difference)
  if (isBeyond.percent)
    return isBeyond.difference ? found(`${share} and ${amount} `) : `${found(`${share} `)}, but only ${amount}`
  return isBeyond.difference ? `${found(`${amount} `)}, but only ${share}` : found(`${share} `)
}

/** A figure with its unit; 499.999 ms beside 500 must not read 500. */
const amountText = (value: number, unit: string, beside: number): string => {
  const decimals = unit === 's' ? 3 : 2
  const isSame = value !== beside && roundHalfUp(value, decimals) === roundHalfUp(beside, decimals)
  return `${decimalText(value, isSame ? 6 : decimals)} ${unit}`
}
