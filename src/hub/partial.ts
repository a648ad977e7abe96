import { randomBytes } from 'node:crypto'
import { readdir, rename, rm, stat } from 'node:fs/promises'
import { hostname } from 'node:os'
import { basename, dirname, join } from 'node:path'

/**
 * A file as far as it has come, beside where it is to be. Its name tells which version it is part of, and who is
 * writing it: what a process has left behind, another takes over by renaming it; two at once write two.
 *   tokenizer.json.<ETag in base64url>.<host>-<pid>-<random>.partial
 */
export interface PartialFile {
  readonly path: string
  /** Strong ETag of the version; undefined for one that cannot be continued. */
  readonly etag: string | undefined
}

/** One that can be continued. */
export interface LeftPartial {
  readonly path: string
  readonly etag: string
  readonly bytes: number
}

const noEtag = 'unknown'
const nobody = 'free'

const host = (): string => hostname().replace(/\W+/g, '_')

const newOwner = (): string => `${host()}-${process.pid}-${randomBytes(4).toString('hex')}`

const partialPath = (file: string, tag: string, owner: string): string => `${file}.${tag}.${owner}.partial`

/** A new one of `file`, not yet written; with an ETag it can be continued later. */
export const newPartial = (file: string, etag: string | undefined): PartialFile => {
  const tag = etag === undefined ? '' : Buffer.from(etag).toString('base64url')
  // Only a strong one says that bytes are the same; a long one fits into no name.
  const isUseful = etag?.startsWith('"') === true && tag.length <= 120
  return { path: partialPath(file, isUseful ? tag : noEtag, newOwner()), etag: isUseful ? etag : undefined }
}

/** Takes over what was left of `file`, the longest there is, with its size; undefined when there is nothing. */
export const claimPartial = async (file: string): Promise<LeftPartial | undefined> => {
  const left = await leftovers(file)
  for (const { path, tag, bytes } of left.toSorted((one, other) => other.bytes - one.bytes)) {
    if (tag === noEtag || bytes === 0) continue
    const claimed = partialPath(file, tag, newOwner())
    // Fails when another process was quicker; who had it may have written since it was found.
    const claimedBytes = await rename(path, claimed)
      .then(() => stat(claimed))
      .then(
        ({ size }) => size,
        () => 0,
      )
    if (claimedBytes > 0) return { path: claimed, etag: Buffer.from(tag, 'base64url').toString(), bytes: claimedBytes }
  }
  return undefined
}

/** Leaves a partial file for whoever comes next; one that cannot be continued is removed. */
export const releasePartial = async (file: string, { path, etag }: PartialFile): Promise<void> => {
  if (etag === undefined) return rm(path, { force: true })
  const tag = Buffer.from(etag).toString('base64url')
  // Not there when nothing was written.
  await rename(path, partialPath(file, tag, nobody)).catch(() => undefined)
}

/** Removes what is left of `file` that nobody writes. */
export const removeLeftovers = async (file: string): Promise<void> => {
  for (const { path } of await leftovers(file)) await rm(path, { force: true })
}

/** Whether something is left of `file` with which a download can go on. */
export const hasPartial = async (file: string): Promise<boolean> =>
  (await leftovers(file)).some(({ tag, bytes }) => tag !== noEtag && bytes > 0)

interface Leftover {
  readonly path: string
  readonly tag: string
  readonly bytes: number
}

/** Of what is written, some comes at least each minute: after this nobody is at it, wherever that was. */
const abandonedMs = 6 * 3600 * 1000

const leftovers = async (file: string): Promise<readonly Leftover[]> => {
  const beginning = `${basename(file)}.`
  const names = await readdir(dirname(file)).catch(() => [])
  const found = names
    .filter(name => name.startsWith(beginning))
    .map(async name => {
      const [, tag, owner] = /^([\w-]+)\.([\w-]+)\.partial$/.exec(name.slice(beginning.length)) ?? []
      if (tag === undefined || owner === undefined) return []
      const path = join(dirname(file), name)
      const facts = await stat(path).catch(() => undefined)
      const isLeft = facts !== undefined && (!isAtWork(owner) || facts.mtimeMs < Date.now() - abandonedMs)
      return isLeft ? [{ path, tag, bytes: facts.size }] : []
    })
  return (await Promise.all(found)).flat()
}

/** Of a process on another machine that shares the directory nobody here can tell: it is left alone. */
const isAtWork = (owner: string): boolean => {
  if (owner === nobody) return false
  const [, ownHost, pid] = /^(.+)-(\d+)-[\da-f]+$/.exec(owner) ?? []
  if (ownHost !== host()) return true
  try {
    process.kill(Number(pid), 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH'
  }
}
