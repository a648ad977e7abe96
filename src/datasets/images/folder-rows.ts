import { readFile, stat } from 'node:fs/promises'
import { dirname, isAbsolute, join, normalize } from 'node:path'
import { readJsonLines } from '../support/json-lines.ts'
import { type ImageFields, type ImageRow, mostImageBytes, textOf } from './image-row.ts'

/** Images that are files of their own: each line of `metadata.jsonl` beside them has the `file_name` of one and its text. */
export async function* readFolderRows(file: string, fields: ImageFields): AsyncGenerator<ImageRow> {
  for await (const { number, value } of readJsonLines(file)) {
    const name = value.file_name
    const image = typeof name === 'string' ? await readImage(dirname(file), name) : undefined
    yield { number, place: `${file}:${number}`, image, text: textOf(value[fields.text]) }
  }
}

/**
 * The file of this name in the directory or below it; undefined where there is none. A dataset that was downloaded is not
 * to have other files of this machine sent; hubs' caches hold links, which may lead anywhere.
 */
const readImage = async (directory: string, name: string): Promise<Buffer | undefined> => {
  if (isAbsolute(name) || /^\.\.([/\\]|$)/.test(normalize(name))) return undefined
  const path = join(directory, name)
  // A pipe would be waited for, and some devices never end.
  const isImage = await stat(path).then(
    found => found.isFile() && found.size <= mostImageBytes,
    () => false,
  )
  return isImage ? readFile(path).catch(() => undefined) : undefined
}
