import { createRequire } from 'node:module'
import { join } from 'node:path'
import { ArgumentsError, reasonOf } from '../../errors.ts'

/** What is used of `@huggingface/transformers`; its own declarations are not there where it is not installed. */
export interface Transformers {
  readonly env: {
    readonly version: string
    allowRemoteModels: boolean
    logLevel: number
  }
  readonly Tensor: new (type: 'int64', data: BigInt64Array, dims: readonly number[]) => unknown
  readonly AutoModelForCausalLM: {
    from_pretrained(directory: string, options: LoadOptions): Promise<CausalModel>
  }
  readonly LogitsProcessorList: new () => { push(processor: LogitsProcessor): void }
  readonly InterruptableStoppingCriteria: new () => { interrupt(): void }
}

/** Options of loading, in the library's own words. */
export interface LoadOptions {
  readonly local_files_only: boolean
  readonly dtype: string
  readonly device: string
  readonly subfolder: string
  readonly model_file_name: string
  readonly session_options: { readonly intraOpNumThreads: number }
}

/** Changes the scores of the next token; the ids are those of prompt and output. */
export type LogitsProcessor = (
  ids: readonly (readonly bigint[])[],
  logits: { readonly data: Float32Array },
) => { readonly data: Float32Array }

/** A loaded language model. */
export interface CausalModel {
  readonly config: Readonly<Record<string, unknown>>
  readonly generation_config: Readonly<Record<string, unknown>> | null
  generate(options: Readonly<Record<string, unknown>>): Promise<unknown>
}

const packageName = '@huggingface/transformers'
const oldestMajor = 4

/** Levels are 10 for everything to 50 for nothing: what goes wrong comes as an error too. */
const silent = 50

/**
 * Loads the library, which is not among our dependencies for its 470 MB: from where we are installed or, as a global
 * command cannot see a project's packages, from the working directory. Throws `ArgumentsError` that says how to add it.
 */
export const loadTransformers = (): Transformers => {
  const places = [import.meta.url, join(process.cwd(), 'from-here.js')].map(createRequire)
  const found = places.find(place => canResolve(place))
  if (found === undefined) {
    throw new ArgumentsError(
      `--api local needs ${packageName}, which is neither in ${process.cwd()} nor beside evalscope; add it with: ` +
        `npm install ${packageName} (after ONNXRUNTIME_NODE_INSTALL=skip where only the npm registry can be reached)`,
    )
  }
  const library = load(found)
  if (Number.parseInt(library.env.version, 10) < oldestMajor) {
    throw new ArgumentsError(
      `--api local needs ${packageName} ${oldestMajor} or newer, and finds ${library.env.version} in ` +
        `${found.resolve(packageName)}; update it with: npm install ${packageName}@latest`,
    )
  }
  library.env.logLevel = silent
  // It is given directories alone.
  library.env.allowRemoteModels = false
  return library
}

const canResolve = (place: NodeJS.Require): boolean => {
  try {
    place.resolve(packageName)
    return true
  } catch {
    return false
  }
}

const load = (place: NodeJS.Require): Transformers => {
  try {
    return place(packageName) as Transformers
  } catch (error) {
    const path = place.resolve(packageName)
    throw new ArgumentsError(`${path} cannot be loaded (${reasonOf(error)}); install ${packageName} again`, {
      cause: error,
    })
  }
}
