import { ArgumentsError } from '../errors.ts'
import type { HeaderMap } from '../model/conversation.ts'
import { isJsonObject, type JsonValue } from '../model/json.ts'
import type { DatasetSource } from '../model/provenance.ts'
import type { ArgumentValues, FlagField } from './arguments.ts'
import type { EarlierRun } from './earlier-run.ts'
import { apiKeyFor, type Environment, parseEndpoint } from './endpoint.ts'
import type { FlagRow } from './flag-row.ts'
import { camelCase, flagName, flags } from './flags.ts'
import { readValue } from './read-value.ts'
import { maskUrl, secretMask } from './secrets.ts'

/** Values by field, read and checked one by one. */
export type GivenValues = ReadonlyMap<FlagField, unknown>

/**
 * What becomes of results, not what is measured: how they are shown, what the exit code makes of them, and that nothing
 * keeps the directories of two benchmarks apart.
 */
export const notRepeated: readonly FlagField[] = [
  ...(['from', 'json', 'definitions', 'strict', 'debug', 'noTimestamp'] as const),
  ...(['failIf', 'baseline', 'tolerance', 'advisory'] as const),
  ...(['junit', 'markdown', 'github'] as const),
  ...(['visualizer', 'wandbApiKey', 'swanlabApiKey', 'swanlabHost', 'enableProgressTracker'] as const),
]

/** What belongs to a value, and goes with it where another one replaces it. */
const belongings: Partial<Readonly<Record<FlagField, readonly FlagField[]>>> = {
  dataset: [
    ...(['datasetPath', 'datasetArgs', 'multiTurnArgs', 'prompt', 'prefixLength'] as const),
    // Few datasets hold conversations, and those that do may refuse to hold none.
    ...(['multiTurn', 'minTurns', 'maxTurns'] as const),
  ],
  datasetPath: ['prompt'],
  // Either may end a run; given together they both do.
  number: ['duration'],
  duration: ['number'],
  // A search chooses how much it sends.
  slaAutoTune: ['number', 'duration'],
}

/**
 * The flags of an earlier run, as if they were given again, but for those that `own` replaces; headers are those of
 * both. Secrets are in no file: throws `ArgumentsError` that names the flags which have to be given again. An API key
 * may also come from the environment, which is looked at later.
 */
export const repeatFlags = ({ directory, given }: EarlierRun, own: GivenValues): GivenValues => {
  const replaced = new Set([...own.keys()].flatMap(field => [field, ...(belongings[field] ?? [])]))
  const stored = Object.entries(given).flatMap(([name, value]) => {
    const field = fieldNamed(name, directory)
    const isLeftOut = field !== 'headers' && replaced.has(field)
    return isLeftOut || field === 'apiKey' || notRepeated.includes(field) ? [] : [[field, value] as const]
  })
  const masked = stored.filter(([field, value]) => field !== 'headers' && isMasked(value)).map(([field]) => field)
  const values = new Map<FlagField, unknown>(
    stored.filter(([field]) => !masked.includes(field)).map(([field, value]) => [field, readAgain(field, value)]),
  )
  const { headers, missing } = mergeHeaders(values.get('headers'), own.get('headers'))
  // Another server may do without those of the first one.
  const names = own.has('url') ? masked.map(flagName) : [...masked.map(flagName), ...missing]
  if (names.length > 0) {
    throw new ArgumentsError(
      `--from ${directory} is without the secrets in ${names.join(', ')}, which no file keeps; give them again`,
    )
  }
  return headers === undefined ? values : values.set('headers', headers)
}

/** Where the questions of then are from; undefined where `own` asks for a dataset, or the run does not tell. */
export const repeatedSource = ({ provenance }: EarlierRun, own: GivenValues): DatasetSource | undefined => {
  const source = provenance.dataset_source
  return !own.has('dataset') && (source === 'ours' || source === 'hub') ? source : undefined
}

const fieldNamed = (name: string, directory: string): FlagField => {
  const field = camelCase(name)
  if (Object.hasOwn(flags, field)) return field as FlagField
  throw new ArgumentsError(`--from ${directory} was made with ${flagName(field)}, which this version does not know`)
}

/** A file that a flag named was read then: a text that begins with @ names none. */
const readAgain = (field: FlagField, value: JsonValue | undefined): unknown => {
  const row: FlagRow = flags[field]
  if (!('mayBeFile' in row)) return readValue(field, row, value)
  const { mayBeFile: _, ...literal } = row
  return readValue(field, literal, value)
}

const isMasked = (value: JsonValue | undefined): boolean => {
  if (typeof value === 'string') return value.includes(secretMask)
  if (Array.isArray(value)) return value.some(isMasked)
  return isJsonObject(value) && Object.values(value).some(isMasked)
}

/** Headers are replaced one by one. */
const mergeHeaders = (
  stored: unknown,
  own: unknown,
): { headers: HeaderMap | undefined; missing: readonly string[] } => {
  if (stored === undefined) return { headers: undefined, missing: [] }
  const again = (own ?? {}) as HeaderMap
  const names = new Set(Object.keys(again).map(name => name.toLowerCase()))
  const kept = Object.entries(stored as HeaderMap).filter(([name]) => !names.has(name.toLowerCase()))
  return {
    headers: { ...Object.fromEntries(kept.filter(([, value]) => !isMasked(value))), ...again },
    missing: kept.filter(([, value]) => isMasked(value)).map(([name]) => `--headers ${name}`),
  }
}

/**
 * Throws `ArgumentsError` where requests had an API key then and have none now, from a flag or the environment. Another
 * `url` may need none.
 */
export const checkRepeatedKey = (earlier: EarlierRun, { url, apiKey }: ArgumentValues, env: Environment): void => {
  if (url === undefined || earlier.provenance.api_key_from === undefined) return
  // As it was stored: without its secrets.
  if (maskUrl(url) !== earlier.given.url) return
  if (apiKeyFor(parseEndpoint(url).href, apiKey, env) !== undefined) return
  throw new ArgumentsError(
    `--from ${earlier.directory}: requests had an API key, which no file keeps; give --api-key, or set EVALSCOPE_API_KEY`,
  )
}
