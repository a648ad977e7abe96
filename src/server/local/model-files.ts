import { closeSync, openSync, readFileSync, readSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { ArgumentsError, reasonOf } from '../../errors.ts'
import { isRepositoryId } from '../../hub/cache.ts'
import { isJsonObject, type JsonObject } from '../../model/json.ts'

/** Which file of a model's directory holds the weights, as transformers.js is told. */
export interface WeightsFile {
  /** Below the model's directory: `onnx/model_q4.onnx`. */
  readonly path: string
  /** Folder of it; empty for the directory itself. */
  readonly subfolder: string
  /** Its name without what tells the precision. */
  readonly baseName: string
  readonly dtype: string
}

/** A model as it is to be loaded. */
export interface ModelSource {
  /** Where its files are. */
  readonly directory: string
  readonly weights: WeightsFile
}

/** What a file's name ends in by precision; the first that a model has is taken: full, then the smaller ones a CPU likes. */
export const dtypeEndings: Readonly<Record<string, string>> = {
  ...{ fp32: '', q4: '_q4', q8: '_quantized', int8: '_int8', uint8: '_uint8', bnb4: '_bnb4' },
  ...{ fp16: '_fp16', q4f16: '_q4f16', q2: '_q2', q2f16: '_q2f16', q1: '_q1', q1f16: '_q1f16' },
}

/** What `--model` means: a directory by its absolute path, or an id of a hub. Throws `ArgumentsError` for neither. */
export const locateModel = (model: string): { readonly directory: string } | { readonly hubId: string } => {
  const path = resolve(model)
  const found = statSync(path, { throwIfNoEntry: false })
  if (found?.isDirectory()) return { directory: path }
  if (found !== undefined) {
    throw new ArgumentsError(`--model ${model} is a file; give the directory that holds config.json`)
  }
  if (isRepositoryId(model)) return { hubId: model }
  throw new ArgumentsError(
    `--model ${model} does not exist; give a directory with config.json and onnx/model.onnx, or an id like owner/name`,
  )
}

/** The weights in a directory, or undefined. */
export const findWeights = (directory: string): WeightsFile | undefined => {
  // Older exports of decoders call it decoder_model_merged, and some have no folder for it.
  for (const baseName of ['model', 'decoder_model_merged']) {
    for (const subfolder of ['onnx', '']) {
      for (const [dtype, ending] of Object.entries(dtypeEndings)) {
        const path = join(subfolder, `${baseName}${ending}.onnx`)
        const found = statSync(join(directory, path), { throwIfNoEntry: false })
        if (found?.isFile()) return { path, subfolder, baseName, dtype }
      }
    }
  }
  return undefined
}

/** Checks a model's directory before anything heavy is loaded; throws `ArgumentsError` for what it lacks. */
export const checkDirectory = (model: string, directory: string): WeightsFile => {
  readConfig(model, directory)
  const weights = findWeights(directory)
  if (weights === undefined) throw new ArgumentsError(noOnnxMessage(model))
  if (isLfsPointer(join(directory, weights.path))) {
    throw new ArgumentsError(`${join(model, weights.path)} is only a pointer to the file; fetch it with: git lfs pull`)
  }
  return weights
}

/** What is said of a model that has weights in other formats only, or none. */
export const noOnnxMessage = (model: string): string =>
  `--model ${model} has no ONNX files, which --api local needs; try ${onnxSibling(model)}, ` +
  'or a directory with onnx/model.onnx'

/** Where the ONNX export of a model is likely to be; a well-known small one where its name tells nothing. */
export const onnxSibling = (model: string): string => {
  const name = /^[\w.-]+\/([\w.-]+)$/.exec(model)?.[1]
  return `onnx-community/${name ?? 'Qwen2.5-0.5B-Instruct'}`
}

/** The model's config.json. */
export const readConfig = (model: string, directory: string): JsonObject => {
  const file = join(directory, 'config.json')
  if (statSync(file, { throwIfNoEntry: false }) === undefined) {
    throw new ArgumentsError(
      `--model ${model} holds no config.json; give the directory of a model, with config.json and onnx/model.onnx`,
    )
  }
  try {
    const config: unknown = JSON.parse(readFileSync(file, 'utf8'))
    if (isJsonObject(config)) return config
    throw new Error('not an object')
  } catch (error) {
    throw new ArgumentsError(`${file} cannot be read (${reasonOf(error)}); download the file again`, { cause: error })
  }
}

const pointerStart = 'version https://git-lfs'

const isLfsPointer = (file: string): boolean => {
  const start = Buffer.alloc(pointerStart.length)
  const handle = openSync(file, 'r')
  try {
    readSync(handle, start)
    return start.toString() === pointerStart
  } finally {
    closeSync(handle)
  }
}
