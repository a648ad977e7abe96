import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { DownloadFailure } from './failure.ts'

/** What the hub says of a file, as far as it does. */
export interface Promised {
  readonly sizeBytes: number | undefined
  readonly sha256: string | undefined
}

/** Longest answer that may be a refusal in place of the file, in bytes. */
export const longestRefusal = 4096

/**
 * Why what has come, `bytes` long and at `path`, is not the file; undefined when it is. `refusalIn` finds the hub's words
 * in an answer that only looks like a file.
 */
export const whatIsWrong = async (
  path: string,
  bytes: number,
  { sizeBytes, sha256 }: Promised,
  refusalIn: ((body: string) => string | undefined) | undefined,
): Promise<DownloadFailure | undefined> => {
  const words = bytes <= longestRefusal ? refusalIn?.(await readFile(path, 'utf8')) : undefined
  if (words !== undefined) return new DownloadFailure('refused', `it has no such file (${words})`, { statusCode: 404 })
  if (sizeBytes !== undefined && sizeBytes !== bytes) {
    return new DownloadFailure('damaged', `${bytes} bytes came, and the hub says it has ${sizeBytes}`)
  }
  if (sha256 === undefined || (await sha256Of(path)) === sha256) return undefined
  return new DownloadFailure('damaged', 'its SHA-256 is not the one that the hub gives')
}

const sha256Of = async (path: string): Promise<string> => {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer)
  return hash.digest('hex')
}
