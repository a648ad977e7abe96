import { isJsonObject, type JsonObject, type JsonValue } from '../../model/json.ts'

/** How a benchmark is run again. */
export interface RunAgain {
  /** By its results. */
  readonly command: string
  /** With the flags that it was given, secrets masked; undefined where they are not known. */
  readonly original: string | undefined
}

/** The commands that run a benchmark again. */
export const runAgain = (args: JsonObject | undefined, outputPath: string): RunAgain => {
  const { given, seed } = isJsonObject(args?.provenance) ? args.provenance : {}
  return {
    command: `evalscope perf --from ${quoted(outputPath)}`,
    original: isJsonObject(given)
      ? ['evalscope perf', ...Object.entries(repeatable(given, seed)).flatMap(flagText)].join(' ')
      : undefined,
  }
}

/** With the seed, which may have been drawn; without what makes the results that are there stand in the way. */
const repeatable = ({ no_timestamp: _, ...given }: JsonObject, seed: JsonValue | undefined): JsonObject =>
  seed === undefined ? given : { ...given, seed: given.seed ?? seed }

const flagText = ([name, value]: readonly [string, JsonValue | undefined]): readonly string[] => {
  const flag = name.replaceAll('_', '-')
  if (value === undefined || value === null) return []
  if (value === false) return [`--no-${flag}`]
  if (value === true) return [`--${flag}`]
  const words = name === 'headers' && isJsonObject(value) ? pairsOf(value) : wordsOf(value)
  return words.length === 0 ? [] : [`--${flag} ${words.map(quoted).join(' ')}`]
}

/** Headers are stored as an object, and given as `name=value`. */
const pairsOf = (headers: JsonObject): readonly string[] =>
  Object.entries(headers).map(([name, value]) => `${name}=${value}`)

/** A list of objects is one word: it is JSON. */
const wordsOf = (value: JsonValue): readonly string[] => {
  if (Array.isArray(value) && !value.some(isJsonObject)) return value.flatMap(wordsOf)
  return [typeof value === 'string' ? value : JSON.stringify(value)]
}

/** As a POSIX shell takes it for one word. */
const quoted = (word: string): string => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`)
