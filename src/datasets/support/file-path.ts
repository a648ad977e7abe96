import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { ArgumentsError } from '../../errors.ts'
import type { DatasetContext } from '../dataset.ts'

/** The path a dataset cannot do without; `content` says what the file holds. */
export const requirePath = ({ settings }: DatasetContext, content: string): string => {
  if (settings.path !== undefined) return settings.path
  throw new ArgumentsError(`--dataset ${settings.spec} needs --dataset-path: ${content}`)
}

/** The file to read: `path` itself or, when it is a directory, the file that a dataset expects there by name. */
export const resolveFile = async (path: string, expectedName?: string): Promise<string> => {
  const found = await stat(path).catch(() => undefined)
  if (found === undefined) throw new ArgumentsError(`--dataset-path ${path} does not exist; give a file that does`)
  if (found.isFile()) return path
  // A pipe would wait for its writer, and be empty when it is read again.
  if (!found.isDirectory()) {
    throw new ArgumentsError(
      `--dataset-path ${path} is a pipe or device, which can be read only once; save it to a file`,
    )
  }
  if (expectedName === undefined)
    throw new ArgumentsError(`--dataset-path ${path} is a directory; give the file itself`)
  const file = join(path, expectedName)
  if (
    await stat(file).then(
      inner => inner.isFile(),
      () => false,
    )
  )
    return file
  throw new ArgumentsError(`--dataset-path ${path} is a directory without ${expectedName}; give the file itself`)
}
