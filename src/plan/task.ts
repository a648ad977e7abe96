import type { Arguments, ArgumentValues } from '../arguments/arguments.ts'
import type { JsonObject } from '../model/json.ts'
import type { SaveResponses, Task } from '../model/run-plan.ts'
import { looksLikePath } from '../plugins.ts'

/** What a dataset says of itself that decides where its options are looked for. */
export interface OptionOwner {
  readonly task?: Task
  readonly options?: Readonly<Record<string, unknown>>
}

/** Extra arguments of bodies and options of the dataset, each where it belongs. */
export interface PlacedOptions {
  readonly extraArgs: JsonObject
  readonly datasetArgs: JsonObject
}

/**
 * The original takes options of datasets for embeddings and rerankers from `--extra-args`, and sends them to the server
 * as well. Here they are moved to `--dataset-args`, which win.
 */
export const placeOptions = (
  { extraArgs, datasetArgs }: Pick<ArgumentValues, 'extraArgs' | 'datasetArgs'>,
  dataset: OptionOwner,
): PlacedOptions => {
  const keys = misplacedKeys(extraArgs, dataset)
  const entries = Object.entries(extraArgs)
  return {
    extraArgs: Object.fromEntries(entries.filter(([key]) => !keys.includes(key))),
    datasetArgs: { ...Object.fromEntries(entries.filter(([key]) => keys.includes(key))), ...datasetArgs },
  }
}

const misplacedKeys = (extraArgs: JsonObject, { task = 'generate', options = {} }: OptionOwner): readonly string[] =>
  task === 'generate' ? [] : Object.keys(extraArgs).filter(key => Object.hasOwn(options, key))

/** One line on the options that `placeOptions` moves; undefined where there are none. */
export const explainPlacement = (values: ArgumentValues, dataset: OptionOwner): string | undefined => {
  const keys = misplacedKeys(values.extraArgs, dataset)
  if (keys.length === 0) return undefined
  const { datasetArgs } = placeOptions(values, dataset)
  const newer = JSON.stringify(Object.fromEntries(keys.map(key => [key, datasetArgs[key]])))
  const what = keys.length === 1 ? 'is an option of the dataset and is' : 'are options of the dataset and are'
  return `${keys.join(', ')} of --extra-args ${what} not sent; the newer spelling is --dataset-args '${newer}'`
}

/** What a reranker makes of prompts that are lone texts; undefined where there are none. */
export const explainLoneTexts = (
  { api, prompt, dataset: spec }: ArgumentValues,
  task: Task,
  dataset: OptionOwner & { readonly hasArrivals?: boolean },
): string | undefined => {
  // What a plugin sends is its own affair, and recorded bodies have documents.
  if (task !== 'rerank' || looksLikePath(api)) return undefined
  if (prompt === undefined && (dataset.task === 'rerank' || dataset.hasArrivals === true)) return undefined
  const source = prompt === undefined ? `--dataset ${spec}` : '--prompt'
  return `${source} has no documents: each text is a query, ranked against one document of ours`
}

/**
 * How much of each answer is kept. Vectors only where the user says so: those of 64 texts are a megabyte, and writing
 * them out again takes 10 ms of this thread.
 */
export const planSaving = (args: Arguments, task: Task | undefined): SaveResponses =>
  task === 'embed' && !args.isSet('saveResponses') ? 'failed' : args.values.saveResponses
