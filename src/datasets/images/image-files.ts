import { readdir, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { ArgumentsError } from '../../errors.ts'
import { resolveFile } from '../support/file-path.ts'
import { readFolderRows } from './folder-rows.ts'
import type { ImageFields, ImageRow } from './image-row.ts'
import { readParquetRows } from './parquet-rows.ts'
import { readTarRows } from './tar-rows.ts'

type ReadRows = (file: string, fields: ImageFields) => AsyncGenerator<ImageRow>

/** How images come from hubs: the first form that a directory has files of is read. */
const forms: readonly { readonly pattern: RegExp; readonly read: ReadRows }[] = [
  { pattern: /\.parquet$/i, read: readParquetRows },
  { pattern: /\.tar$/i, read: readTarRows },
  { pattern: /^metadata\.jsonl$/, read: readFolderRows },
]

const formsText = '.parquet files, .tar files (WebDataset) or a metadata.jsonl with image files'

/** Files that hold images with texts, in their order, and how they are read. */
export interface ImageFiles {
  readonly files: readonly string[]
  readonly read: ReadRows
}

/**
 * The files to read for `path`: itself, or those of one form in a directory: of its split `test` alone where that is a
 * directory of its own or in the names of files.
 */
export const findImageFiles = async (path: string): Promise<ImageFiles> => {
  const isDirectory = await stat(path).then(
    found => found.isDirectory(),
    () => false,
  )
  const found = isDirectory ? await filesIn(path) : [await resolveFile(path)]
  for (const { pattern, read } of forms) {
    const files = found.filter(file => pattern.test(basename(file)))
    const tests = files.filter(file => /^test\b/.test(basename(file)))
    if (files.length > 0) return { files: tests.length > 0 ? tests : files, read }
  }
  const place = isDirectory ? `is a directory without ${formsText}` : 'is none of the forms that images come in'
  throw new ArgumentsError(`--dataset-path ${path} ${place}; give ${isDirectory ? 'one that has them' : formsText}`)
}

const filesIn = async (directory: string): Promise<readonly string[]> => {
  const entries = await readdir(directory, { withFileTypes: true })
  const test = entries.find(entry => entry.isDirectory() && entry.name === 'test')
  if (test !== undefined) return filesIn(join(directory, test.name))
  // Shard 10 stands behind shard 9.
  const byNumber = new Intl.Collator('en', { numeric: true }).compare
  return entries
    .filter(entry => !entry.isDirectory())
    .map(({ name }) => join(directory, name))
    .sort(byNumber)
}
