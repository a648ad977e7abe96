import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { readJsonLines } from '../support/json-lines.ts'
import { type ImageFields, type ImageRow, textOf } from './image-row.ts'

/** Images that are files of their own: each line of `metadata.jsonl` beside them has the `file_name` of one and its text. */
export async function* readFolderRows(file: string, fields: ImageFields): AsyncGenerator<ImageRow> {
  for await (const { number, value } of readJsonLines(file)) {
    const name = value.file_name
    const image =
      typeof name === 'string' ? await readFile(resolve(dirname(file), name)).catch(() => undefined) : undefined
    yield { number, place: `${file}:${number}`, image, text: textOf(value[fields.text]) }
  }
}
