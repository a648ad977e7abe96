import type { EarlierRun } from '../arguments/earlier-run.ts'
import { camelCase, flagName, snakeCase } from '../arguments/flags.ts'
import { notRepeated } from '../arguments/repeat.ts'
import type { Difference } from '../model/comparison.ts'
import { isJsonObject, type JsonObject, type JsonValue } from '../model/json.ts'
import type { Provenance } from '../model/provenance.ts'

/** Of a SHA-256, so much tells two apart. */
const shownCharacters = 12

/**
 * The lines that say what a benchmark repeats and, one each, what is not as it was then. Nothing is said of how results
 * are shown.
 */
export const explainRepeat = (earlier: EarlierRun, now: Provenance): readonly string[] => {
  const differences = [
    ...flagDifferences(earlier.given, now.given),
    ...seedDifference(earlier, now),
    ...recordedDifferences(earlier.provenance, now),
  ]
  const head = `repeats ${earlier.directory} of ${textOf(earlier.provenance.started_at)}, seed ${now.seed}`
  return differences.length === 0
    ? [`${head}; flags, versions, files, server, proxy and host are as they were`]
    : [head, ...differences.map(({ what, before, after }) => `differs: ${what}: ${after} now, ${before} then`)]
}

/** What two benchmarks were not made with alike: versions, contents of files, the server, the proxy and the host. */
export const recordedDifferences = (then: JsonObject, now: JsonObject): readonly Difference[] => [
  ...groupDifferences('', objectOf(then.versions), objectOf(now.versions)),
  ...fileDifferences(then, now),
  ...groupDifferences('server ', objectOf(then.server), objectOf(now.server)),
  ...groupDifferences('', { proxy: then.proxy }, { proxy: now.proxy }),
  ...groupDifferences('host ', objectOf(then.host), objectOf(now.host)),
]

/** What is not measured; where results go; keys, which may come from the environment; and the seed, as below. */
const unsaid = new Set([...notRepeated.map(snakeCase), 'name', 'outputs_dir', 'api_key', 'seed'])

/** Flags that are not the same, but for those that decide nothing of what is measured. */
export const flagDifferences = (then: JsonObject, now: JsonObject): readonly Difference[] =>
  changedKeys(then, now)
    .filter(name => !unsaid.has(name))
    .map(name => difference(flagOf(name), then[name] ?? notGiven, now[name] ?? notGiven))

const notGiven = 'not given'

/** `--max-tokens` of `max_tokens`. */
const flagOf = (name: string): string => flagName(camelCase(name))

/** Of a seed that is given, bodies tell the server as well. */
const seedDifference = ({ seed, given }: EarlierRun, now: Provenance): readonly Difference[] => {
  if (seed === now.seed && given.seed === now.given.seed) return []
  return [difference('--seed', given.seed ?? `${seed} drawn`, now.seed)]
}

const groupDifferences = (group: string, then: JsonObject, now: JsonObject): readonly Difference[] =>
  changedKeys(then, now).map(name => difference(group + name.replaceAll('_', ' '), then[name], now[name]))

/** Files are the same when their contents are, wherever they stand. */
const fileDifferences = (then: JsonObject, now: JsonObject): readonly Difference[] => {
  const [filesThen, filesNow] = [objectOf(then.files), objectOf(now.files)]
  return [...new Set([...Object.keys(filesThen), ...Object.keys(filesNow)])].flatMap(name => {
    const [before, after] = [objectOf(filesThen[name]), objectOf(filesNow[name])]
    const { path: _, ...contentsBefore } = before
    const { path: __, ...contentsAfter } = after
    if (changedKeys(contentsBefore, contentsAfter).length === 0) return []
    const isGiven = [objectOf(then.given), objectOf(now.given)].some(given => given[name] !== undefined)
    const what = isGiven || name !== 'dataset_path' ? flagOf(name) : "the dataset's file"
    const [textThen, textNow] = [contentsText(before) ?? sourceText(then), contentsText(after) ?? sourceText(now)]
    return [difference(`contents of ${what}`, textThen, textNow)]
  })
}

/** Of a dataset without a file. */
const sourceText = ({ dataset_source }: JsonObject): string | undefined =>
  dataset_source === 'ours' ? 'our own' : undefined

/** `questions.jsonl (1234 bytes, 1f3a5b7c9d0e)`. */
const contentsText = ({ path, bytes, sha256, sha256_of_ends, modified_at }: JsonObject): string | undefined => {
  if (bytes === undefined) return undefined
  const hash = textOf(sha256 ?? sha256_of_ends).slice(0, shownCharacters)
  return `${textOf(path)} (${[`${textOf(bytes)} bytes`, hash, modified_at].filter(part => part !== undefined).join(', ')})`
}

const difference = (what: string, then: JsonValue | undefined, now: JsonValue | undefined): Difference => ({
  what,
  before: textOf(then),
  after: textOf(now),
})

/** Compared as JSON has them: a key without a value is none. Of files by others, `toString` is no key of ours either. */
const changedKeys = (then: JsonObject, now: JsonObject): readonly string[] =>
  [...new Set([...Object.keys(now), ...Object.keys(then)])].filter(
    key => !(key in Object.prototype) && JSON.stringify(now[key]) !== JSON.stringify(then[key]),
  )

const textOf = (value: JsonValue | undefined): string => {
  if (value === undefined) return 'none'
  if (Array.isArray(value) && value.every(item => typeof item !== 'object')) return value.join(' ')
  if (Array.isArray(value)) return value.map(textOf).join('; ')
  return isJsonObject(value) ? entriesText(value) : `${value}`
}

/** `id m, max_model_len 4096`. */
const entriesText = (value: JsonObject): string =>
  Object.entries(value)
    .map(([name, entry]) => `${name} ${textOf(entry)}`)
    .join(', ')

const objectOf = (value: JsonValue | undefined): JsonObject => (isJsonObject(value) ? value : {})
