import { existsSync, readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ArgumentsError, reasonOf } from '../../errors.ts'
import { monotonicMs } from '../clock.ts'
import type { LocalOptions, Telling } from './local-messages.ts'
import {
  dtypeEndings,
  findWeights,
  type ModelSource,
  noOnnxMessage,
  onnxSibling,
  type WeightsFile,
} from './model-files.ts'
import type { LoadProgress, Transformers } from './transformers.ts'

/**
 * A model of the hub, ready to be loaded: everything but its weights is in the cache, and which of them are to be had
 * is known. Throws `ArgumentsError` when the hub cannot be reached, or has no such model or none in ONNX.
 */
export const findInHub = async (
  transformers: Transformers,
  options: LocalOptions,
  tell: Telling,
): Promise<ModelSource> => {
  const { model: id, cacheDirectory, hubUrl } = options
  const directory = join(cacheDirectory, id)
  transformers.env.remoteHost = `${hubUrl}/`
  transformers.env.fetch = authorized(options)
  transformers.env.allowRemoteModels = !options.isOffline
  tell.show(`asking ${hubUrl} for ${id}`)
  try {
    await transformers.AutoConfig.from_pretrained(id)
    const weights = findWeights(directory) ?? (await offeredWeights(transformers, id))
    if (weights === undefined) throw new ArgumentsError(noOnnxMessage(id))
    await transformers.AutoTokenizer.from_pretrained(id)
    await fetchTemplate(transformers, options, directory)
    if (!existsSync(join(directory, weights.path))) {
      tell.say(`downloading ${id} (${weights.path}) from ${hubUrl} to ${directory}`)
    }
    return { idOrPath: id, directory, weights }
  } catch (error) {
    throw error instanceof ArgumentsError ? error : hubError(error, options)
  }
}

/** Says how far a download is, a few times a second. */
export const downloadProgress = (tell: Telling): ((progress: LoadProgress) => void) => {
  let toldMs = 0
  return ({ status, file, loaded = 0, total = 0 }) => {
    const nowMs = monotonicMs()
    if (status !== 'progress' || nowMs < toldMs + 200) return
    toldMs = nowMs
    tell.show(`downloading ${file}: ${Math.round(loaded / 1e6)} of ${Math.round(total / 1e6)} MB`)
  }
}

const offeredWeights = async (transformers: Transformers, id: string): Promise<WeightsFile | undefined> => {
  const offered = await transformers.ModelRegistry.get_available_dtypes(id)
  const [dtype, ending] = Object.entries(dtypeEndings).find(([each]) => offered.includes(each)) ?? []
  if (dtype === undefined) return undefined
  return { path: `onnx/model${ending}.onnx`, subfolder: 'onnx', baseName: 'model', dtype }
}

/** The library leaves out a chat template in a file of its own, as newer models have it. */
const fetchTemplate = async (
  transformers: Transformers,
  { model, hubUrl, isOffline }: LocalOptions,
  directory: string,
): Promise<void> => {
  const file = join(directory, 'chat_template.jinja')
  if (isOffline || existsSync(file) || hasTemplate(join(directory, 'tokenizer_config.json'))) return
  const response = await transformers.env.fetch(`${hubUrl}/${model}/resolve/main/chat_template.jinja`)
  if (response.ok) await writeFile(file, await response.text())
}

const hasTemplate = (file: string): boolean =>
  existsSync(file) && readFileSync(file, 'utf8').includes('"chat_template"')

/** The library sends the token to huggingface.co alone; a mirror gets it as well, and nobody else. */
const authorized =
  ({ hubUrl, hubToken }: LocalOptions): typeof fetch =>
  (input, init) => {
    const headers = new Headers(init?.headers)
    if (hubToken !== undefined && String(input).startsWith(`${hubUrl}/`)) {
      headers.set('authorization', `Bearer ${hubToken}`)
    }
    return fetch(input, { ...init, headers })
  }

const hubError = (error: unknown, options: LocalOptions): ArgumentsError =>
  new ArgumentsError(
    `--model ${options.model} is no directory here, and ${whyNot(error, options)}; give a directory with config.json, ` +
      `tokenizer.json and onnx/model.onnx, such as a download of ${onnxSibling(options.model)}`,
    { cause: error },
  )

const whyNot = (error: unknown, { hubUrl, hubToken, isOffline }: LocalOptions): string => {
  if (isOffline) return 'not downloaded yet, which HF_HUB_OFFLINE forbids'
  const status = error instanceof Error && 'status' in error ? error.status : undefined
  if (typeof status !== 'number') return `it cannot be fetched from ${hubUrl} (${reasonOf(rootOf(error))})`
  // The hub answers 401 for models that do not exist, lest it tell which private ones do.
  const whom = hubToken === undefined ? 'those without HF_TOKEN' : 'this HF_TOKEN'
  return `${hubUrl} has no such model, or none for ${whom} (HTTP ${status})`
}

/** What `fetch` says is only that it failed; why is in its cause. */
export const rootOf = (error: unknown): unknown => (error instanceof Error && error.cause ? rootOf(error.cause) : error)
