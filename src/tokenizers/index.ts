import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { ArgumentsError, reasonOf } from '../errors.ts'
import { isJsonObject, type JsonObject, type JsonValue } from '../model/json.ts'
import type { Tokenizer } from './tokenizer.ts'

/**
 * The tokenizer of a local directory with `tokenizer.json` and, where present, `tokenizer_config.json`,
 * `chat_template.jinja` and `chat_template.json`. Takes about half a second for a large vocabulary. `flag` is what messages say was given.
 */
export const loadTokenizer = async (path: string, flag = '--tokenizer-path'): Promise<Tokenizer> => {
  await requireDirectory(path, flag)
  const tokenizer = await readJson(join(path, 'tokenizer.json'))
  if (tokenizer === undefined) {
    throw new ArgumentsError(
      `${flag} ${path} holds no tokenizer.json; give a directory that does, such as a model's own download`,
    )
  }
  const config = (await readJson(join(path, 'tokenizer_config.json'))) ?? {}
  const chatTemplate =
    (await readIfPresent(join(path, 'chat_template.jinja'))) ??
    // Of the processors of models for images, and before the tokenizer's own for servers.
    templateOf((await readJson(join(path, 'chat_template.json')))?.chat_template) ??
    templateOf(config.chat_template)
  // Loaded here and not above: most runs need no tokenizer.
  const { createHuggingFaceTokenizer } = await import('./huggingface.ts')
  return createHuggingFaceTokenizer({ directory: path, tokenizer, config, chatTemplate })
}

const requireDirectory = async (path: string, flag: string): Promise<void> => {
  const found = await stat(path).catch(() => undefined)
  if (found?.isDirectory()) return
  if (found !== undefined) {
    throw new ArgumentsError(`${flag} ${path} is a file; give the directory that holds tokenizer.json`)
  }
  throw new ArgumentsError(
    `${flag} ${path} does not exist; give a directory that holds tokenizer.json, or an id like owner/name`,
  )
}

const readIfPresent = async (file: string): Promise<string | undefined> => {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw new ArgumentsError(`${file} cannot be read: ${reasonOf(error)}`, { cause: error })
  }
}

const readJson = async (file: string): Promise<JsonObject | undefined> => {
  const text = await readIfPresent(file)
  if (text === undefined) return undefined
  if (text.startsWith('version https://git-lfs')) {
    throw new ArgumentsError(`${file} is only a pointer to the file; fetch it with: git lfs pull`)
  }
  const value = parseJson(text, file)
  if (!isJsonObject(value)) throw new ArgumentsError(`${file} is not a JSON object; download the file again`)
  return value
}

const parseJson = (text: string, file: string): unknown => {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new ArgumentsError(`${file} is not valid JSON (${reasonOf(error)}); download the file again`, {
      cause: error,
    })
  }
}

/** A config gives one template, or a list of named ones of which `default` is the one for chat. */
const templateOf = (value: JsonValue | undefined): string | undefined => {
  if (typeof value === 'string') return value
  if (!Array.isArray(value)) return undefined
  const named = value.find(entry => isJsonObject(entry) && entry.name === 'default')
  return isJsonObject(named) && typeof named.template === 'string' ? named.template : undefined
}
