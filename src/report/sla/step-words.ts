import type { FigureUnit } from '../../model/named-figure.ts'
import type { SlaVariable } from '../../model/sla.ts'
import type { Verdict } from '../../model/verdict.ts'
import { decimalText } from '../../stats/decimal.ts'
import { goalOf, type SlaGroup } from '../../stats/sla/criteria.ts'
import type { JudgedFigure, Judgement } from '../../stats/sla/judge.ts'
import type { DecidedStep, GroupAnswer } from '../../stats/sla/outcome.ts'
import type { SearchRange, SearchStep } from '../../stats/sla/search.ts'
import { absent, type FigureKind, formatSuccess, formatWithUnit } from '../format.ts'

/** `--parallel 8`, `--rate 2.5`. */
export const valueText = (variable: SlaVariable, value: number): string =>
  `--${variable} ${variable === 'parallel' ? value : decimalText(value, 6)}`

/** What a search knows when it asks for a value: `between 4, which is within, and 8, which is not`. */
export const standText = (group: SlaGroup, { good, tooLittle, bad }: SearchStep): string => {
  if (tooLittle !== undefined) {
    return bad === undefined
      ? `above ${tooLittle}, which is too little load`
      : `between ${tooLittle}, which is too little load, and ${bad}, which is too much`
  }
  const [goodWords, badWords] =
    goalOf(group) === undefined ? ['is within', 'is not'] : ['is best so far', 'is not better']
  if (good !== undefined && bad !== undefined)
    return `between ${good}, which ${goodWords}, and ${bad}, which ${badWords}`
  if (good !== undefined) return `above ${good}, which ${goodWords}`
  return bad === undefined ? 'the start' : `below ${bad}, which is not within`
}

/** The same in a few characters, for the line that is redrawn: `4 good, 8 not`. */
export const shortStandText = ({ good, tooLittle, bad }: SearchStep): string =>
  [
    ...(good === undefined ? [] : [`${good} good`]),
    ...(tooLittle === undefined ? [] : [`${tooLittle} too little`]),
    ...(bad === undefined ? [] : [`${bad} not`]),
  ].join(', ') || 'start'

/** What was found at a value: `is not within: p99_ttft 812.4 ms*, also when repeated`. */
export const findingText = (group: SlaGroup, { judgement, wasRepeated, verdict }: Finding): string => {
  const words = goalOf(group) === undefined ? ['is within', 'is not within'] : ['is the best so far', 'is no better']
  const figures = [...figureTexts(judgement), ...successText(judgement)].join(', ')
  const repeated = wasRepeated ? `, ${judgement.isGood ? 'once repeated' : 'also when repeated'}` : ''
  const found = judgement.isTooLittle ? 'is too little load' : words[judgement.isGood ? 0 : 1]
  return `${found}: ${figures}${repeated}${doubtText(verdict)}`
}

/** The parts of a step that say what was found. */
type Finding = Pick<DecidedStep, 'judgement' | 'wasRepeated' | 'verdict'>

const doubtText = ({ level, reasons }: Verdict): string => {
  if (level !== 'SUSPECT' && level !== 'INVALID') return ''
  return `, by ${level} runs (${[...new Set(reasons.map(({ name }) => name))].join(', ')})`
}

/** Said of an answer whose runs prove nothing, with the one that stands without them. */
export const proofText = ({ group, value, steps }: GroupAnswer): string => {
  const found = steps.find(step => step.value === value)
  if (found === undefined || isProof(found)) return ''
  const others = steps.filter(step => step.judgement.isGood && isProof(step)).map(step => step.value)
  const which = goalOf(group) === undefined ? 'highest' : 'best'
  return ` by INVALID runs; ${others.length === 0 ? 'no other' : `${Math.max(...others)} is the ${which} by others`}`
}

/** Whether the runs of a value prove something. */
const isProof = ({ verdict }: DecidedStep): boolean => verdict.level !== 'INVALID'

/** Why the next value is the next one. */
export const nextText = ({ value, good, tooLittle, bad }: SearchStep, { lower, upper }: SearchRange): string => {
  const left = good ?? tooLittle
  if (left !== undefined && bad !== undefined) return `next ${value}, between ${left} and ${bad}`
  if (left !== undefined) return `next ${value}, ${value === upper ? 'the upper bound' : 'twice as much'}`
  return `next ${value}, ${value === lower ? 'the lower bound' : 'half as much'}`
}

/** Each figure; of several it is said which of them is missed. */
const figureTexts = ({ figures }: Judgement): readonly string[] =>
  figures.map(figure => `${figureText(figure)}${figure.holds || figures.length === 1 ? '' : ' (missed)'}`)

/** `p99_ttft 812.4 ms*`. */
export const figureText = ({ criterion: { figure }, value, isCarried }: JudgedFigure): string => {
  const text = formatWithUnit(kinds[figure.unit], value, figure.unit)
  return `${figure.name} ${text === absent ? 'not measured' : text}${isCarried || value === undefined ? '' : '*'}`
}

/** Two decimals of a percent: 99.95 of 100 is not all. */
const kinds: Readonly<Record<FigureUnit, FigureKind>> = {
  s: 'latencySeconds',
  ms: 'ms',
  '%': 'rate',
  'req/s': 'rate',
  'tok/s': 'rate',
}

/** Success, where it decides. */
export const successText = ({ successPercent, leastSuccessPercent }: Judgement): readonly string[] => {
  if (leastSuccessPercent === undefined) return []
  if (successPercent === undefined) return ['no request ended']
  if (successPercent >= leastSuccessPercent) return []
  return [`success ${formatSuccess(successPercent)}, below ${leastSuccessPercent}%`]
}
