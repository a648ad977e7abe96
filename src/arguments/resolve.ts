import { ArgumentsError } from '../errors.ts'
import type { ArgumentValues, FlagField } from './arguments.ts'
import type { ArgumentsInput } from './arguments-input.ts'
import { deepFreeze } from './deep-freeze.ts'
import { parseEndpoint, simulatedApi } from './endpoint.ts'
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
  checkTarget(values, userSet)
  checkLists(values)
  checkTogether(values)
  const percentiles = [...new Set(values.percentiles)].sort((a, b) => a - b)
  return {
    values: deepFreeze({ ...values, percentiles }),
    userSet: Object.freeze(userSet),
    warnings: Object.freeze([...warnings, ...withoutEffect(values)]),
  }
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

const checkTarget = ({ url, api }: ArgumentValues, userSet: readonly FlagField[]): void => {
  if (url === undefined && !userSet.includes('api')) {
    throw new ArgumentsError('--url is missing; give the endpoint to test, or try --api simulated, which needs none')
  }
  if (url === undefined && api !== simulatedApi) {
    throw new ArgumentsError(`--api ${api} needs --url, the endpoint to test; only --api ${simulatedApi} needs none`)
  }
  if (url !== undefined && api === simulatedApi) {
    throw new ArgumentsError(`--api ${simulatedApi} starts its own server; leave out --url, or give --api openai`)
  }
  if (url !== undefined) parseEndpoint(url)
}

const checkLists = ({ number, parallel }: ArgumentValues): void => {
  if (!number || number.length === 1 || parallel.length === 1 || number.length === parallel.length) return
  throw new ArgumentsError(
    `--number has ${number.length} values and --parallel has ${parallel.length}; ` +
      `give one --number per --parallel (got ${shown(number.join(' '))} | ${shown(parallel.join(' '))})`,
  )
}

const checkTogether = (values: ArgumentValues): void => {
  const { minPromptLength, maxPromptLength, minTokens, maxTokens, tokenizerPath } = values
  if (minPromptLength > maxPromptLength) {
    throw new ArgumentsError(
      `--min-prompt-length ${minPromptLength} is above --max-prompt-length ${maxPromptLength}; swap or change one`,
    )
  }
  // A template or extra arguments may set other limits.
  const limitsAreOurs = !values.queryTemplate && !('max_tokens' in values.extraArgs || 'min_tokens' in values.extraArgs)
  if (limitsAreOurs && minTokens !== undefined && minTokens > maxTokens.min) {
    throw new ArgumentsError(`--min-tokens ${minTokens} is above --max-tokens ${maxTokens.min}; raise --max-tokens`)
  }
  if (values.tokenizePrompt && !tokenizerPath) {
    throw new ArgumentsError('--tokenize-prompt needs --tokenizer-path; give the directory of the model')
  }
  if (values.dataset === 'random' && values.prompt === undefined && !tokenizerPath) {
    throw new ArgumentsError('--dataset random needs --tokenizer-path; give the directory of the model')
  }
}

const withoutEffect = (values: ArgumentValues): readonly string[] => {
  const { prefixLength, dataset } = values
  // The path of a plugin holds a slash or a dot, and a plugin may well read it.
  const isRead = values.prompt === undefined && (dataset === 'random' || /[./\\]/.test(dataset))
  if (prefixLength === 0 || isRead) return []
  return [`--prefix-length ${prefixLength} has no effect: only --dataset random has a shared prefix`]
}
