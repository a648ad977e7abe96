import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { ArgumentsError } from '../errors.ts'
import type { HubFile, HubPlace } from '../model/hub-file.ts'
import type { Hub } from './hubs.ts'

/** Where a file of a hub is kept. Throws `ArgumentsError` for names that would lead out of the cache. */
export const cachePath = (
  cacheDirectory: string,
  hub: Hub,
  kind: HubFile['kind'],
  place: Required<HubPlace>,
): string => {
  const { repository, path, revision } = place
  const segments = path.split('/')
  if (!isRepositoryId(repository)) {
    throw new ArgumentsError(`"${repository}" is no id of a repository; give one like owner/name`)
  }
  if (!segments.every(isFileName)) throw new ArgumentsError(`"${path}" is no path within ${repository}`)
  // A branch may be called refs/pr/1.
  const branch = revision.replaceAll('/', '--')
  if (!isFileName(branch)) throw new ArgumentsError(`"${revision}" is no revision of ${repository}`)
  return join(cacheDirectory, hub.name, kind, ...repository.split('/'), branch, ...segments)
}

/** Whether a text has the form of a repository's id, `owner/name`. */
export const isRepositoryId = (text: string): boolean => /^\w[\w.-]*\/\w[\w.-]*$/.test(text)

/** Whether a name is one that every file system takes for a name, and none for a way out. */
const isFileName = (name: string): boolean => /^[^\\/:*?"<>|\p{Cc}]+$/u.test(name) && !/^\.+$/.test(name)

/** Whether there is a file. */
export const isFile = async (path: string): Promise<boolean> =>
  stat(path).then(
    found => found.isFile(),
    () => false,
  )
