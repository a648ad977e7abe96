import type { ArgumentValues } from '../arguments/arguments.ts'
import { shown } from '../arguments/read-value.ts'
import { ArgumentsError } from '../errors.ts'
import type { GateCondition, Tolerance } from '../model/gate.ts'
import type { NamedFigure } from '../model/named-figure.ts'
import { readFigureName } from './figure-name.ts'
import { readObjectives } from './objectives.ts'

/** What the gate flags ask for. */
export interface GateRequest {
  readonly conditions: readonly GateCondition[]
  /** Directory of the baseline. */
  readonly baselinePath: string | undefined
  /** Of the figures that are compared with the baseline. */
  readonly tolerances: readonly ComparedFigure[]
  readonly isAdvisory: boolean
  /** Lines on what may be meant otherwise. */
  readonly notices: readonly string[]
}

/** A figure that is compared: always where it was named, or else where the baseline has it, or has it and no TTFT. */
export interface ComparedFigure extends Tolerance {
  readonly comparedIf: 'asked' | 'measured' | 'unstreamed'
}

/** The flags that gates are made of. */
export type GateValues = Pick<ArgumentValues, 'goodput' | 'stream' | 'failIf' | 'baseline' | 'tolerance' | 'advisory'>

/**
 * Reads and checks them; undefined where no gate is asked for. Stored runs may have objectives of then. Throws
 * `ArgumentsError` for the first mistake.
 */
export const readGates = (values: GateValues, isStored = false): GateRequest | undefined => {
  const { failIf = [], baseline, tolerance = [], advisory, stream } = values
  const isWithout = { goodput: readObjectives(values).length === 0 && !isStored, stream: !stream }
  if (tolerance.length > 0 && baseline === undefined) {
    throw new ArgumentsError('--tolerance needs --baseline, the directory of the benchmark to compare with')
  }
  if (failIf.length === 0 && baseline === undefined) {
    if (!advisory) return undefined
    throw new ArgumentsError('--advisory is for gates; give --fail-if or --baseline')
  }
  const conditions = readAll('--fail-if', failIf, readCondition)
  const asked = readAll('--tolerance', tolerance, readTolerance)
  for (const { figure, where } of [...conditions, ...asked]) checkMeasurable(where, figure, isWithout)
  checkTwice(asked)
  return {
    conditions: conditions.map(({ where: _, ...condition }) => condition),
    baselinePath: baseline,
    tolerances: baseline === undefined ? [] : withDefaults(asked),
    isAdvisory: advisory,
    notices: conditions.flatMap(shareNotice),
  }
}

/** Something that was given, and as it was. */
type Given<Value> = Value & { readonly where: string }

/** What stands at the beginning of a text, and what is left behind it. */
type Reader<Value> = (text: string) => { readonly value: Given<Value>; readonly rest: string }

/** Several may stand in one text, with commas or blanks between; a shell may also have split one. */
const readAll = <Value>(flag: string, texts: readonly string[], read: Reader<Value>): readonly Given<Value>[] => {
  const found: Given<Value>[] = []
  let rest = texts.join(' ').trim()
  // Of a variable that is not set, as a gate in CI may come from: nothing would ever fail.
  if (texts.length > 0 && rest === '') throw new ArgumentsError(`${flag} is empty; give something or leave it out`)
  while (rest !== '') {
    const next = read(rest)
    found.push(next.value)
    rest = next.rest.replace(/^[\s,]+/, '')
  }
  return found
}

const number = String.raw`([+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)`
const unit = '(%|ms|s|req/s|tok/s)?'
const conditionText = new RegExp(String.raw`^([\w.]+)\s*(>=|<=|>|<)\s*${number}\s*${unit}(?=[\s,]|$)`, 'i')

const readCondition: Reader<GateCondition> = text => {
  const [all = '', name = '', operator, bound = '', given] = conditionText.exec(text) ?? []
  if (all === '') {
    throw new ArgumentsError(
      `--fail-if ${shown(text)} is no condition; give one such as 'p99_ttft>500', in quotes: to a shell > means a file`,
    )
  }
  const where = `--fail-if ${shown(all)}`
  const figure = readFigureName(where, name)
  checkUnit(where, figure, given)
  const condition = { figure: figure.name, operator: operator as GateCondition['operator'], bound: Number(bound) }
  checkShare(where, figure, condition.bound)
  if (Number.isFinite(condition.bound)) return { value: { ...condition, where }, rest: text.slice(all.length) }
  throw new ArgumentsError(`${where}: the bound is too large; give a smaller one`)
}

const toleranceText = new RegExp(
  String.raw`^([\w.]+)\s*:\s*(?:(\d+\.?\d*|\.\d+)\s*%(?:\s*,\s*(?=\+))?)?\s*(?:\+\s*(\d+\.?\d*|\.\d+)\s*${unit})?(?=[\s,]|$)`,
  'i',
)

const readTolerance: Reader<Tolerance> = text => {
  const [all = '', name = '', percent, difference, given] = toleranceText.exec(text) ?? []
  const isCutShort = boundsText.exec(text)?.[2] !== undefined
  if (all === '' || isCutShort || (percent === undefined && difference === undefined)) {
    throw new ArgumentsError(toleranceMistake(text))
  }
  const where = `--tolerance ${shown(all)}`
  const figure = readFigureName(where, name)
  checkUnit(where, figure, given)
  const usual = usualTolerance(figure)
  const value = {
    figure: figure.name,
    percent: percent === undefined ? usual.percent : Number(percent),
    difference: difference === undefined ? usual.difference : Number(difference),
    where,
  }
  if (Number.isFinite(value.percent + value.difference)) return { value, rest: text.slice(all.length) }
  throw new ArgumentsError(`${where}: a bound is too large; give a smaller one`)
}

const boundsText = new RegExp(String.raw`^([\w.]+)\s*:\s*(?:([\d.]+)\s*%\s*,?\s*)?(-?[\d.]+)\s*${unit}(?=[\s,]|$)`, 'i')

/** What a tolerance that cannot be read lacks: of two bounds the `+`, of one bound alone what it is of. */
const toleranceMistake = (text: string): string => {
  const [all = '', name = '', percent, amount = '', given = ''] = boundsText.exec(text) ?? []
  const where = `--tolerance ${shown(all || text)}`
  if (all === '') return `${where} has no bounds; give some such as p50_ttft:10%,+5ms, or one of the two`
  if (amount.startsWith('-')) return `${where}: a bound is negative; give by how much a figure may be worse, above 0`
  if (percent !== undefined) {
    return `${where}: the + before ${amount}${given} is missing; give ${name}:${percent}%,+${amount}${given}`
  }
  const figure = readFigureName(where, name)
  return `${where}: say what the bound is of; give ${name}:${amount}% or ${name}:+${amount}${figure.unit}`
}

const checkUnit = (where: string, figure: NamedFigure, given: string | undefined): void => {
  if (given === undefined || given.toLowerCase() === figure.unit) return
  throw new ArgumentsError(`${where}: ${figure.name} is in ${figure.unit}, not in ${given}`)
}

/** A share beyond these bounds is one that always, or never, fails. */
const checkShare = (where: string, { name, unit }: NamedFigure, bound: number): void => {
  if (unit !== '%' || (bound >= 0 && bound <= 100)) return
  throw new ArgumentsError(`${where}: ${name} is in percent; give a bound between 0 and 100`)
}

/** Of a share of 0.99 somebody may have meant 99 %. */
const shareNotice = ({ where, figure, bound }: Given<GateCondition>): readonly string[] =>
  readFigureName(where, figure).unit === '%' && bound > 0 && bound <= 1
    ? [`${where}: ${figure} is in percent, so that ${bound} is ${bound} %`]
    : []

/** What no run of these flags can have is not found out after it. */
const checkMeasurable = (
  where: string,
  figure: string,
  isWithout: { readonly goodput: boolean; readonly stream: boolean },
): void => {
  if (isWithout.goodput && /^goodput/.test(figure)) {
    throw new ArgumentsError(`${where} needs --goodput, the objectives that requests are to keep`)
  }
  if (isWithout.stream && /_(ttft|itl|tpot|ttfat|first_chunk)$/.test(figure)) {
    throw new ArgumentsError(`${where} needs streamed answers; leave out --no-stream`)
  }
}

const checkTwice = (tolerances: readonly Given<Tolerance>[]): void => {
  for (const [index, { figure, where }] of tolerances.entries()) {
    if (tolerances.findIndex(other => other.figure === figure) === index) continue
    throw new ArgumentsError(`${where}: there are two tolerances of ${figure}; keep one of them`)
  }
}

/**
 * What is compared unless more is named: what a user waits for, and what a server carries. Medians and means, since
 * higher percentiles of a short run are not those of the next one. Latency and requests per second follow from the
 * others and from the lengths of answers, which may be chance; they stand in where nothing streams. None of these sees
 * requests that fail, which leave the others the faster.
 */
const usualFigures = [
  ...(['p50_ttft', 'p50_itl', 'avg_tpot', 'tps', 'success_rate'] as const).map(
    name => ({ name, comparedIf: 'measured' }) as const,
  ),
  ...(['p50_latency', 'rps'] as const).map(name => ({ name, comparedIf: 'unstreamed' }) as const),
]

const withDefaults = (asked: readonly Given<Tolerance>[]): GateRequest['tolerances'] => [
  ...usualFigures
    .filter(({ name }) => !asked.some(({ figure }) => figure === name))
    .map(({ name, comparedIf }) => ({ ...usualTolerance(readFigureName('', name)), comparedIf })),
  ...asked.map(({ where: _, ...tolerance }) => ({ ...tolerance, comparedIf: 'asked' as const })),
]

/**
 * Two runs of the same server are often closer than this, and seldom further apart. Rates have the end of a run in them,
 * where slots stand empty for as long as chance has it.
 */
const usualTolerance = ({ name, unit }: NamedFigure): Tolerance => {
  if (unit === 'req/s' || unit === 'tok/s') return { figure: name, percent: 15, difference: 0 }
  // One failure in twenty may be chance.
  if (unit === '%') return { figure: name, percent: 5, difference: 0 }
  const isPerToken = /_(itl|tpot)$/.test(name)
  const difference = unit === 'ms' ? (isPerToken ? 0.5 : 5) : unit === 's' ? 0.05 : 0
  return { figure: name, percent: 10, difference }
}
