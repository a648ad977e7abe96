import { stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { ArgumentsError } from '../errors.ts'
import type { HubAccess } from '../hub/access.ts'
import { isRepositoryId } from '../hub/cache.ts'
import { findInCache, type GetOptions, getHubFile } from '../hub/get-file.ts'
import { HubFileError } from '../hub/hub-file-error.ts'
import type { HubFile } from '../model/hub-file.ts'

/** Not every model has these. They are got first, so that a `tokenizer.json` in the cache means: all are there. */
const optionalNames = ['tokenizer_config.json', 'chat_template.jinja', 'chat_template.json'] as const

/**
 * The directory that `--tokenizer-path` names: the path itself or, where nothing is there and it has the form of an id,
 * the one in the cache with the files of that model, which are downloaded unless they are there. Throws
 * `ArgumentsError` when they cannot be had.
 */
export const findTokenizer = async (path: string, access: HubAccess, options: GetOptions): Promise<string> => {
  if (!isRepositoryId(path) || (await stat(path).catch(() => undefined)) !== undefined) return path
  try {
    return dirname(
      (await findInCache(fileOf(path, 'tokenizer.json'), access)) ?? (await fetchAll(path, access, options)),
    )
  } catch (error) {
    if (!(error instanceof HubFileError)) throw error
    const files = 'tokenizer.json and tokenizer_config.json'
    const byHand = error.path === undefined ? [] : [`put its ${files} into ${dirname(error.path)}`]
    const advice = [...error.advice, ...byHand, 'give a directory that holds them'].join(', or ')
    throw new ArgumentsError(`--tokenizer-path ${path} is no directory here, and ${error.summary}; ${advice}`, {
      cause: error,
    })
  }
}

const fetchAll = async (id: string, access: HubAccess, options: GetOptions): Promise<string> => {
  let hasOthers = false
  for (const name of access.offline === undefined ? optionalNames : []) {
    hasOthers = (await unlessMissing(getHubFile(fileOf(id, name), access, options))) !== undefined || hasOthers
  }
  const getting = getHubFile(fileOf(id, 'tokenizer.json'), access, options)
  const path = hasOthers ? await unlessMissing(getting) : await getting
  if (path !== undefined) return path
  throw new ArgumentsError(
    `--tokenizer-path ${id}: the repository has no tokenizer.json; give the id of a model that has one, or a directory`,
  )
}

/** Undefined for a file that the hub does not have. */
const unlessMissing = async (getting: Promise<string>): Promise<string | undefined> => {
  try {
    return await getting
  } catch (error) {
    if (error instanceof HubFileError && error.isMissing) return undefined
    throw error
  }
}

const fileOf = (repository: string, path: string): HubFile => {
  const place = { repository, path }
  return { kind: 'models', places: { modelscope: place, huggingface: place } }
}
