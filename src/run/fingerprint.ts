import { createHash, type Hash } from 'node:crypto'
import { createReadStream, type Dirent } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { join, relative } from 'node:path'
import type { JsonObject } from '../model/json.ts'

/** Up to here contents are read as a whole: a second's work at most. */
const wholeBytes = 100 * 2 ** 20
/** Of a larger file so much is read at either end. */
const fileEndBytes = 2 ** 20
/** And of each file in a larger directory. */
const memberEndBytes = 4096
/** A directory of more files, such as one of images, is told by the first of them. */
const mostFiles = 1000

/** How something is fingerprinted. */
export interface FingerprintOptions {
  readonly signal: AbortSignal
  /** Names that alone count in a directory, where it has any of them. */
  readonly only?: readonly string[]
}

/**
 * What tells whether a file is the same another time: its size and SHA-256 or, above 100 MiB, its size, time of change
 * and the SHA-256 of its first and last MiB. A directory has one SHA-256 over the names and contents of what is in it or,
 * above 100 MiB, over the names, sizes and ends. Undefined where it cannot be read: it is no more than a note.
 */
export const fingerprint = async (path: string, options: FingerprintOptions): Promise<JsonObject | undefined> => {
  try {
    const found = await stat(path)
    if (found.isDirectory()) return await directoryFingerprint(path, options)
    if (!found.isFile()) return undefined
    const isWhole = found.size <= wholeBytes
    const hash = createHash('sha256')
    await addFile(hash, { path, size: found.size, endBytes: isWhole ? found.size : fileEndBytes }, options.signal)
    const sha256 = hash.digest('hex')
    return isWhole
      ? { bytes: found.size, sha256 }
      : { bytes: found.size, modified_at: found.mtime.toISOString(), sha256_of_ends: sha256 }
  } catch (error) {
    if (options.signal.aborted) throw error
    return undefined
  }
}

const directoryFingerprint = async (
  directory: string,
  { signal, only = [] }: FingerprintOptions,
): Promise<JsonObject> => {
  const entries = await readdir(directory, { withFileTypes: true, recursive: true })
  const found = await Promise.all(entries.map(async entry => ((await isFile(entry)) ? nameIn(directory, entry) : [])))
  const all = found.flat()
  const named = all.filter(name => only.includes(name))
  const names = (named.length > 0 ? named : all).sort()
  const sizes = await Promise.all(names.slice(0, mostFiles).map(async name => (await stat(join(directory, name))).size))
  const bytes = sizes.reduce((sum, size) => sum + size, 0)
  const isWhole = bytes <= wholeBytes
  const hash = createHash('sha256')
  for (const [index, size] of sizes.entries()) {
    const name = names[index] as string
    hash.update(`${name}\0${size}\0`)
    const part = { path: join(directory, name), size, endBytes: isWhole ? size : memberEndBytes }
    await addFile(hash, part, signal)
  }
  const sha256 = hash.digest('hex')
  return { files: names.length, bytes, ...(isWhole ? { sha256 } : { sha256_of_ends: sha256 }) }
}

/** A download of Hugging Face's own tools is a directory of links; one that leads nowhere, or around, is none. */
const isFile = async (entry: Dirent): Promise<boolean> => {
  if (!entry.isSymbolicLink()) return entry.isFile()
  const target = await stat(join(entry.parentPath, entry.name)).catch(() => undefined)
  return target?.isFile() ?? false
}

/** With slashes on any system. */
const nameIn = (directory: string, { parentPath, name }: Dirent): string =>
  relative(directory, join(parentPath, name)).replaceAll('\\', '/')

interface FilePart {
  readonly path: string
  readonly size: number
  /** Read at either end; all where the two meet. */
  readonly endBytes: number
}

const addFile = async (hash: Hash, { path, size, endBytes }: FilePart, signal: AbortSignal): Promise<void> => {
  const parts = size <= 2 * endBytes ? [{}] : [{ end: endBytes - 1 }, { start: size - endBytes }]
  for (const part of parts) {
    for await (const chunk of createReadStream(path, { ...part, signal })) hash.update(chunk as Buffer)
  }
}
