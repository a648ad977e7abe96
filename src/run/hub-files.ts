import { dirname } from 'node:path'
import type { Arguments, ArgumentValues } from '../arguments/arguments.ts'
import { simulatedApi } from '../arguments/endpoint.ts'
import type { Dataset } from '../datasets/dataset.ts'
import { ArgumentsError } from '../errors.ts'
import { type HubAccess, hubAccess } from '../hub/access.ts'
import { type GetOptions, getHubFiles, type Patience } from '../hub/get-file.ts'
import { HubFileError } from '../hub/hub-file-error.ts'
import type { HubFile } from '../model/hub-file.ts'
import { findTokenizer } from '../tokenizers/hub-tokenizer.ts'
import { showDownloads } from './download-progress.ts'
import { type Host, unlessStopped } from './host.ts'

/** For a file that there is a sample of: whoever is off the network must hardly notice. */
const littlePatience: Patience = { answerMs: 2000, idleMs: 5000, pausesMs: [] }

/**
 * The file of a dataset, or the directory of its files, where the user gave none: from the cache or the hub, and told in
 * a line. Undefined for a dataset that needs none, and where its sample is read instead. Throws `UserError` when it
 * cannot be had and there is no sample, or an earlier run that is repeated did not read that.
 */
export const findDatasetFile = async (
  { values, repeatedSource }: Arguments,
  { hubFile, hubFiles = hubFile && [hubFile], sample }: Dataset,
  host: Host,
  say: (line: string) => void,
): Promise<string | undefined> => {
  if (hubFiles === undefined || values.datasetPath !== undefined) return undefined
  // The simulated server is there to be tried: at once, anywhere, and with the same prompts.
  const source = repeatedSource ?? (values.api === simulatedApi ? 'ours' : undefined)
  if (sample !== undefined && source === 'ours') {
    say(`${values.dataset}: ${sample}`)
    return undefined
  }
  host.status.show(`looking for the file of --dataset ${values.dataset}`)
  try {
    const options = {
      signal: host.stop.draining,
      onProgress: showDownloads(host),
      ...(sample === undefined || source === 'hub' ? {} : { patience: littlePatience }),
    }
    const path = await getAll(hubFiles, hubAccess(values.dataSource, host.env), options)
    say(`${values.dataset}: reads ${path}`)
    return path
  } catch (error) {
    if (sample === undefined || !(error instanceof ArgumentsError)) throw error
    if (source === 'hub') throw notAsThen(values, error)
    say(`${values.dataset}: ${error instanceof HubFileError ? error.summary : error.message}; ${sample}`)
    return undefined
  } finally {
    host.status.clear()
  }
}

/** Other questions would be no repetition. */
const notAsThen = ({ from, dataset }: ArgumentValues, error: ArgumentsError): ArgumentsError => {
  const remedy = `or give --dataset ${dataset} to ask other questions than then`
  return new ArgumentsError(`--from ${from} asked questions of a file from a hub: ${error.message}, ${remedy}`, {
    cause: error,
  })
}

/**
 * Reads what came from a hub to `path`, undefined where the user gave a file: a mistake in it is none of the user's, who
 * is told how to have it anew.
 */
export const readDownloaded = async <Value>(path: string | undefined, read: () => Promise<Value>): Promise<Value> => {
  try {
    return await read()
  } catch (error) {
    if (path === undefined || !(error instanceof ArgumentsError) || !error.message.startsWith(path)) throw error
    throw new ArgumentsError(`${error.message}; it was downloaded: to have it anew, delete ${path}`, { cause: error })
  }
}

/** The path of one file, or the directory of several. */
const getAll = async (
  files: readonly HubFile['places'][],
  access: HubAccess,
  options: GetOptions,
): Promise<string | undefined> => {
  const wanted = files.map(places => ({ kind: 'datasets', places }) as const)
  const paths = await getHubFiles(wanted, access, options)
  const [first] = paths
  return first !== undefined && paths.length > 1 ? dirname(first) : first
}

/** The directory of the tokenizer that `--tokenizer-path` names: the path itself, or that of what its id stands for. */
export const findTokenizerDirectory = async (
  { values }: Arguments,
  host: Host,
  say: (line: string) => void,
): Promise<string | undefined> => {
  const { tokenizerPath } = values
  if (tokenizerPath === undefined) return undefined
  host.status.show(`looking for the tokenizer ${tokenizerPath}`)
  try {
    const options = { signal: host.stop.draining, onProgress: showDownloads(host) }
    const finding = findTokenizer(tokenizerPath, hubAccess(values.dataSource, host.env), options)
    const directory = await unlessStopped(finding, host.stop)
    if (directory !== tokenizerPath) say(`tokenizer ${tokenizerPath}: reads ${directory}`)
    return directory
  } finally {
    host.status.clear()
  }
}
