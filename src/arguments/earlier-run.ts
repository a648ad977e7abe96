import { type Dirent, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { ArgumentsError, reasonOf } from '../errors.ts'
import { isJsonObject, type JsonObject } from '../model/json.ts'

const fileName = 'benchmark_args.json'

/** A benchmark that was made before, or one run of it, as its directory tells of it. */
export interface EarlierRun {
  /** As the user gave it. */
  readonly directory: string
  /** The flags that it takes to make it again, under their names with underscores; secrets masked. */
  readonly given: JsonObject
  readonly seed: number
  /** Name of the model that requests had, given or asked from the endpoint. */
  readonly model: string | undefined
  /** Its `provenance`, which a file by hand may lack parts of. */
  readonly provenance: JsonObject
}

/**
 * Reads the directory of a run, or the one above with all runs of a benchmark. Throws `ArgumentsError` where there is
 * none, or not one alone.
 */
export const readEarlierRun = (directory: string): EarlierRun => {
  const { isOneRun, files } = findFiles(directory)
  const [first, ...others] = files.map(file => readArguments(file, directory))
  if (first === undefined) {
    throw new ArgumentsError(
      `--from ${directory} holds no ${fileName}; give the directory of a run, or the one above with all of a benchmark`,
    )
  }
  const { provenance, model, point } = first
  if (others.some(other => other.provenance.started_at !== provenance.started_at)) {
    throw new ArgumentsError(`--from ${directory} holds runs of several benchmarks; give the directory of one run`)
  }
  const given = objectOf(provenance.given)
  return {
    directory,
    given: isOneRun ? { ...given, ...point } : given,
    seed: provenance.seed as number,
    model,
    provenance,
  }
}

/** The files of the directory itself, or of directories below it: those of runs stand in one beside each other. */
const findFiles = (directory: string): { readonly isOneRun: boolean; readonly files: readonly string[] } => {
  const files = filesBelow(directory)
  const own = files.find(file => dirname(resolve(file)) === resolve(directory))
  return own === undefined ? { isOneRun: false, files } : { isOneRun: true, files: [own] }
}

/** Down to `outputs/<time>`, of which it is two levels to a run. */
const filesBelow = (directory: string, levels = 2): readonly string[] =>
  list(directory).flatMap(entry => {
    const path = join(directory, entry.name)
    if (entry.isFile()) return entry.name === fileName ? [path] : []
    return entry.isDirectory() && levels > 0 ? filesBelow(path, levels - 1) : []
  })

const list = (directory: string): readonly Dirent[] => {
  try {
    return readdirSync(directory, { withFileTypes: true })
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT'
    const what = isMissing ? 'does not exist' : `cannot be read (${reasonOf(error)})`
    throw new ArgumentsError(`--from ${directory} ${what}; give the directory of a run`, { cause: error })
  }
}

interface StoredArguments {
  readonly provenance: JsonObject
  readonly point: JsonObject
  readonly model: string | undefined
}

const readArguments = (file: string, directory: string): StoredArguments => {
  const { provenance, model } = readObject(file)
  if (!isJsonObject(provenance) || typeof provenance.seed !== 'number') {
    throw new ArgumentsError(
      `--from ${directory}: ${file} does not tell how it was made, as those of older versions; give its flags by hand`,
    )
  }
  return { provenance, point: objectOf(provenance.point), model: typeof model === 'string' ? model : undefined }
}

const readObject = (file: string): JsonObject => {
  try {
    return objectOf(JSON.parse(readFileSync(file, 'utf8')))
  } catch (error) {
    throw new ArgumentsError(`--from: ${file} cannot be read (${reasonOf(error)})`, { cause: error })
  }
}

const objectOf = (value: unknown): JsonObject => (isJsonObject(value) ? value : {})
