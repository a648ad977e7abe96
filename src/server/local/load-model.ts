import { readdirSync, statSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { basename, join } from 'node:path'
import { ArgumentsError, reasonOf } from '../../errors.ts'
import { loadTokenizer } from '../../tokenizers/index.ts'
import { monotonicMs } from '../clock.ts'
import { fetchModel } from './hub.ts'
import type { LocalOptions, Telling } from './local-messages.ts'
import { createLocalModel, type LocalModel } from './local-model.ts'
import { checkDirectory, locateModel, type ModelSource } from './model-files.ts'
import { type CausalModel, loadTransformers, type Transformers } from './transformers.ts'

/**
 * Loads what `--model` names, from a directory or from the hub. Throws `ArgumentsError` for everything that the
 * user can mend.
 */
export const loadModel = async (options: LocalOptions, tell: Telling): Promise<LocalModel> => {
  const located = locateModel(options.model)
  // A wrong directory is told without the library, which takes its time to load and may be missing.
  const local = 'directory' in located ? sourceOf(options.model, located.directory) : undefined
  tell.show('loading @huggingface/transformers')
  const transformers = loadTransformers()
  const source = local ?? sourceOf(options.model, await fetchModel(options, tell))
  const startMs = monotonicMs()
  const tokenizer = await loadTokenizer(source.directory, '--model')
  const model = await load(source, transformers, tell)
  tell.say(
    `${describe(source)}: loaded in ${((monotonicMs() - startMs) / 1000).toFixed(1)} s by @huggingface/transformers ` +
      `${transformers.env.version}; it answers one request after the other, with ${threadsText()}`,
  )
  return createLocalModel(options.model, transformers, model, tokenizer)
}

const sourceOf = (model: string, directory: string): ModelSource => ({
  directory,
  weights: checkDirectory(model, directory),
})

const load = async (
  { directory, weights }: ModelSource,
  transformers: Transformers,
  tell: Telling,
): Promise<CausalModel> => {
  tell.show(`loading ${weights.path}`)
  try {
    return await transformers.AutoModelForCausalLM.from_pretrained(directory, {
      local_files_only: true,
      device: 'cpu',
      dtype: weights.dtype,
      subfolder: weights.subfolder,
      model_file_name: weights.baseName,
      session_options: { intraOpNumThreads: threadCount() },
    })
  } catch (error) {
    throw new ArgumentsError(
      `${join(directory, weights.path)} cannot be loaded (${reasonOf(error)}); ` +
        '--api local runs language models that are exported to ONNX for transformers.js',
      { cause: error },
    )
  }
}

/** A core is left to the load generator, whose figures this server would spoil otherwise. */
const threadCount = (): number => Math.max(1, availableParallelism() - 1)

const threadsText = (): string => (threadCount() === 1 ? 'one CPU thread' : `${threadCount()} CPU threads`)

/** Large weights are in files of their own, named after the one that says what they are for. */
const describe = ({ directory, weights }: ModelSource): string => {
  const folder = join(directory, weights.subfolder)
  const files = readdirSync(folder).filter(name => name.startsWith(basename(weights.path)))
  const bytes = files.reduce((sum, name) => sum + statSync(join(folder, name)).size, 0)
  return `${weights.path} (${weights.dtype}, ${bytes < 1e6 ? `${Math.ceil(bytes / 1e3)} kB` : `${Math.round(bytes / 1e6)} MB`})`
}
