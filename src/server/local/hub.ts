import { dirname } from 'node:path'
import { ArgumentsError } from '../../errors.ts'
import { getHubFile } from '../../hub/get-file.ts'
import { HubFileError } from '../../hub/hub-file-error.ts'
import type { HubFile } from '../../model/hub-file.ts'
import { isJsonObject, type JsonObject } from '../../model/json.ts'
import { monotonicMs } from '../clock.ts'
import type { LocalOptions, Telling } from './local-messages.ts'
import { dtypeEndings, findWeights, noOnnxMessage, onnxSibling, readConfig } from './model-files.ts'

/** Not every model has these. */
const optionalNames = ['generation_config.json', 'tokenizer_config.json', 'chat_template.jinja']

/** No model has more parts; who writes more means something else. */
const mostDataFiles = 100

/**
 * The directory in the cache with the files of a model, which are downloaded unless they are there. Throws
 * `ArgumentsError` when they cannot be had, or none of them is in ONNX.
 */
export const fetchModel = async (options: LocalOptions, tell: Telling): Promise<string> => {
  const { model: id } = options
  tell.show(`looking for the model ${id}`)
  const get = openDoor(options, tell)
  try {
    const directory = dirname(await get('config.json'))
    // They are got last, so that they mean: all are there.
    if (findWeights(directory) === undefined) {
      if (options.access.offline === undefined) for (const name of optionalNames) await ifThere(get(name))
      await get('tokenizer.json')
      await fetchWeights(id, readConfig(id, directory), get)
    }
    tell.say(`model ${id}: reads ${directory}`)
    return directory
  } catch (error) {
    throw error instanceof HubFileError ? modelError(id, error) : error
  }
}

type Get = (path: string) => Promise<string>

/** Gets files of the model's repository. Who stops the benchmark ends this process, so nothing else needs to end it. */
const openDoor = ({ model, access }: LocalOptions, tell: Telling): Get => {
  const { signal } = new AbortController()
  let toldMs = Number.NEGATIVE_INFINITY
  const onProgress: Telling['progress'] = progress => {
    const nowMs = monotonicMs()
    if (nowMs < toldMs + 200) return
    toldMs = nowMs
    tell.progress(progress)
  }
  return path => {
    const place = { repository: model, path }
    const file: HubFile = { kind: 'models', places: { modelscope: place, huggingface: place } }
    return getHubFile(file, access, { signal, onProgress })
  }
}

/** Whether the hub has the file, which is then here. */
const ifThere = async (getting: Promise<string>): Promise<boolean> => {
  try {
    await getting
    return true
  } catch (error) {
    if (error instanceof HubFileError && error.isMissing) return false
    throw error
  }
}

/** Gets the first form of the weights that the hub has, those of 2 GB and more with the files of their numbers. */
const fetchWeights = async (id: string, config: JsonObject, get: Get): Promise<void> => {
  for (const ending of Object.values(dtypeEndings)) {
    const name = `model${ending}.onnx`
    const all = async (): Promise<string> => {
      for (const dataName of dataNames(config, name)) await get(`onnx/${dataName}`)
      return get(`onnx/${name}`)
    }
    if (await ifThere(all())) return
  }
  throw new ArgumentsError(noOnnxMessage(id))
}

/** The files beside a `.onnx` file, as a model's config tells transformers.js how many there are. */
const dataNames = (config: JsonObject, name: string): readonly string[] => {
  const own = config['transformers.js_config']
  const told = isJsonObject(own) ? own.use_external_data_format : undefined
  const count = Number(isJsonObject(told) ? (told[name] ?? told.model ?? 0) : (told ?? 0))
  const length = Number.isInteger(count) ? Math.min(count, mostDataFiles) : 0
  return Array.from({ length }, (_, index) => `${name}_data${index === 0 ? '' : `_${index}`}`)
}

const modelError = (id: string, error: HubFileError): ArgumentsError => {
  const byHand = error.path === undefined ? [] : [`put its files into ${dirname(error.path).replace(/[\\/]onnx$/, '')}`]
  const directory = `give a directory with config.json, tokenizer.json and onnx/model.onnx, such as a download of ${onnxSibling(id)}`
  const advice = [...error.advice, ...byHand, directory].join(', or ')
  return new ArgumentsError(`--model ${id} is no directory here, and ${error.summary}; ${advice}`, { cause: error })
}
