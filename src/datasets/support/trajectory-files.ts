import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { ArgumentsError } from '../../errors.ts'
import { resolveFile } from './file-path.ts'

/** What evalscope's script names its file when nothing is said. */
const preparedName = 'agentic_dataset.json'

/** Directories of a download in which tables may be, as hubs lay them out. */
const innerNames: readonly string[] = ['data', 'default', 'tool']

/** What `path` holds that conversations are built from: the rows of these files. */
export type RowFiles =
  | { readonly form: 'lines'; readonly path: string; readonly file: string }
  | { readonly form: 'tables'; readonly path: string; readonly files: readonly string[] }

/** What `--dataset-path` holds: rows, or conversations that are ready. */
export type TrajectoryFiles = RowFiles | { readonly form: 'prepared'; readonly path: string; readonly file: string }

/** Finds out what a path holds; throws `ArgumentsError` where that is nothing to be read. */
export const findTrajectoryFiles = async (path: string): Promise<TrajectoryFiles> => {
  if (!(await isDirectory(path))) {
    const file = await resolveFile(path)
    if (/\.parquet$/i.test(file)) return { form: 'tables', path, files: [file] }
    return { form: /\.jsonl$/i.test(file) ? 'lines' : 'prepared', path, file }
  }
  const names = await readdir(path)
  if (names.includes(preparedName)) return { form: 'prepared', path, file: join(path, preparedName) }
  const files = await tablesIn(path)
  if (files.length > 0) return { form: 'tables', path, files }
  throw new ArgumentsError(
    `--dataset-path ${path} is a directory without .parquet files or ${preparedName}; give the file itself`,
  )
}

/** The Parquet files of a directory: those of the split `tool` alone where names tell. */
const tablesIn = async (directory: string): Promise<readonly string[]> => {
  const entries = await readdir(directory, { withFileTypes: true })
  const all = entries.filter(entry => !entry.isDirectory() && /\.parquet$/i.test(entry.name)).map(({ name }) => name)
  const ofTool = all.filter(name => /^tool\b/.test(name))
  // Shard 10 stands behind shard 9.
  const byNumber = new Intl.Collator('en', { numeric: true }).compare
  if (all.length > 0) return (ofTool.length > 0 ? ofTool : all).sort(byNumber).map(name => join(directory, name))
  const inner = entries.filter(entry => entry.isDirectory() && innerNames.includes(entry.name))
  const found = await Promise.all(inner.map(({ name }) => tablesIn(join(directory, name))))
  return found.find(files => files.length > 0) ?? []
}

const isDirectory = async (path: string): Promise<boolean> =>
  stat(path).then(
    found => found.isDirectory(),
    () => false,
  )
