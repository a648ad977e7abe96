import { ArgumentsError } from '../errors.ts'
import type { ArgumentValues, FlagField } from './arguments.ts'
import type { ArgumentsInput } from './arguments-input.ts'
import { checkValues, warningsFor } from './checks.ts'
import { deepFreeze } from './deep-freeze.ts'
import { flagName, flagRows, flags, laterFlags, meaninglessFlags, snakeCase } from './flags.ts'
import { nearest } from './nearest.ts'
import { readValue, shown } from './read-value.ts'

/** Arguments after reading, defaults and checks. */
export interface ResolvedArguments {
  readonly values: ArgumentValues
  readonly userSet: readonly FlagField[]
  readonly warnings: readonly string[]
}

/** Reads, completes and checks what the user gave; throws `ArgumentsError` for the first mistake. */
export const resolveArguments = (input: ArgumentsInput): ResolvedArguments => {
  const given = byField(input)
  const warnings = meaninglessFlags
    .filter(field => given.has(field))
    .map(field => `${flagName(field)} has no meaning here: nothing is queued between sending and measuring`)
  const userSet = flagRows().flatMap(([field]) => (given.has(field) ? [field] : []))
  const entries = flagRows().flatMap(([field, row]) => {
    const value = given.has(field) ? readValue(field, row, given.get(field)) : row.default
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
  }
}

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

const camelCase = (key: string): string => key.replace(/[_-]+([a-z])/g, (_, letter: string) => letter.toUpperCase())

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
    if (field !== 'apiKey' || value !== '') given.set(field, value)
  }
  return given
}

const refuseUnknown = (key: string, field: string): void => {
  if (Object.hasOwn(flags, field) || meaninglessFlags.includes(field)) return
  if (laterFlags.includes(field)) {
    throw new ArgumentsError(
      `${flagName(field)} is not supported yet in this version; leave it out (it is refused rather than ignored)`,
    )
  }
  const suggestion = nearest(field, Object.keys(flags))
  const hint = suggestion ? `did you mean ${key.includes('_') ? snakeCase(suggestion) : suggestion}?` : 'see --help'
  throw new ArgumentsError(`unknown argument ${shown(key)}; ${hint}`)
}
