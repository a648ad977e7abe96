import { ArgumentsError } from '../errors.ts'
import type { DatasetSource } from '../model/provenance.ts'
import type { ArgumentValues, FlagField } from './arguments.ts'
import type { ArgumentsInput } from './arguments-input.ts'
import { checkValues, warningsFor } from './checks.ts'
import { deepFreeze } from './deep-freeze.ts'
import { type EarlierRun, readEarlierRun } from './earlier-run.ts'
import { camelCase, flagName, flagRows, flags, meaninglessFlags, snakeCase } from './flags.ts'
import { keyFlags } from './follow-flags.ts'
import { nearest } from './nearest.ts'
import { readValue, shown } from './read-value.ts'
import { type GivenValues, repeatedSource, repeatFlags } from './repeat.ts'

/** Arguments after reading, defaults and checks. */
export interface ResolvedArguments {
  readonly values: ArgumentValues
  readonly userSet: readonly FlagField[]
  readonly warnings: readonly string[]
  /** What `--from` names. */
  readonly earlier: EarlierRun | undefined
  /** Where the questions of then are from, which are to be asked again. */
  readonly repeatedSource: DatasetSource | undefined
}

/**
 * Reads, completes and checks what the user gave, and with `--from` what had been given then; throws `ArgumentsError`
 * for the first mistake.
 */
export const resolveArguments = (input: ArgumentsInput): ResolvedArguments => {
  const named = byField(input)
  const warnings = meaninglessFlags
    .filter(field => named.has(field))
    .map(field => `${flagName(field)} has no meaning here: nothing is queued between sending and measuring`)
  const own = readAll(named)
  const from = own.get('from') as string | undefined
  const earlier = from === undefined ? undefined : readEarlierRun(from)
  const given = earlier === undefined ? own : new Map([...own, ...repeatFlags(earlier, own)])
  const userSet = flagRows().flatMap(([field]) => (given.has(field) ? [field] : []))
  const model = earlier && assumedModel(earlier, own)
  const entries = flagRows().flatMap(([field, row]) => {
    const value = given.get(field) ?? (field === 'model' ? model : row.default)
    return value === undefined ? [] : [[field, value] as const]
  })
  // The table's type ties every row to its field, so the values read by it have the fields' types.
  const values = Object.fromEntries(entries) as unknown as ArgumentValues
  checkValues(values, userSet)
  const percentiles = [...new Set(values.percentiles)].sort((a, b) => a - b)
  return {
    values: deepFreeze({ ...values, ...mergedDatasetArgs(values, userSet), percentiles }),
    userSet: Object.freeze(userSet),
    warnings: Object.freeze([...warnings, ...warningsFor(values, userSet)]),
    earlier,
    repeatedSource: earlier && repeatedSource(earlier, own),
  }
}

const readAll = (named: ReadonlyMap<string, unknown>): GivenValues =>
  new Map(
    flagRows().flatMap(([field, row]) => (named.has(field) ? [[field, readValue(field, row, named.get(field))]] : [])),
  )

/** A model that was asked from the endpoint is in the bodies all the same; another endpoint may have another one. */
const assumedModel = ({ model }: EarlierRun, own: GivenValues): string | undefined =>
  own.has('url') || own.has('api') ? undefined : model

/** The options of both spellings in one; `num_workers` among them is the flag, unless that was given. */
const mergedDatasetArgs = (
  { datasetArgs, multiTurnArgs, numWorkers }: ArgumentValues,
  userSet: readonly FlagField[],
): Pick<ArgumentValues, 'datasetArgs' | 'numWorkers'> => {
  const { num_workers: option, ...options } = { ...multiTurnArgs, ...datasetArgs }
  const isAsked = option !== undefined && option !== null && !userSet.includes('numWorkers')
  const asked = isAsked ? (readValue('numWorkers', flags.numWorkers, option) as number) : numWorkers
  return { datasetArgs: options, numWorkers: asked }
}

/** What was given, by field; keys in camelCase and snake_case are the same, `undefined` and `null` mean "not given". */
const byField = (input: ArgumentsInput): ReadonlyMap<string, unknown> => {
  const given = new Map<string, unknown>()
  for (const [key, value] of Object.entries(input)) {
    if (value === undefined || value === null) continue
    const field = camelCase(key)
    refuseUnknown(key, field)
    if (given.has(field))
      throw new ArgumentsError(`${snakeCase(field)} is given twice, also as ${field}; keep one of them`)
    // `--api-key "$KEY"` with an unset KEY means no key.
    if (!keyFlags.includes(field) || value !== '') given.set(field, value)
  }
  return given
}

const refuseUnknown = (key: string, field: string): void => {
  if (Object.hasOwn(flags, field) || meaninglessFlags.includes(field)) return
  const suggestion = nearest(field, Object.keys(flags))
  const hint = suggestion ? `did you mean ${key.includes('_') ? snakeCase(suggestion) : suggestion}?` : 'see --help'
  throw new ArgumentsError(`unknown argument ${shown(key)}; ${hint}`)
}
