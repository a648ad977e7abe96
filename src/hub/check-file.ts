import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import type { IncomingHttpHeaders } from 'node:http'
import { DownloadFailure } from './failure.ts'

/** What the hub says of a file, as far as it does. */
export interface Promised {
  readonly sizeBytes: number | undefined
  readonly sha256: string | undefined
}

/**
 * Why an answer with a status of success brings no file, as its head tells; undefined when it may. Between us and the hub
 * may stand what answers in its place, such as the login page of a hotel.
 */
export const whatIsNoFile = (headers: IncomingHttpHeaders): DownloadFailure | undefined => {
  const { 'content-type': type = '', 'content-encoding': encoding = 'identity' } = headers
  if (/^text\/html\b/i.test(type)) return new DownloadFailure('damaged', 'a web page came in its place')
  if (/^(identity)?$/i.test(encoding.trim())) return undefined
  return new DownloadFailure('damaged', `it came encoded as ${encoding}, which was not asked for`)
}

/** Longest answer that may be a refusal in place of the file, in bytes. */
export const longestRefusal = 4096

/**
 * Why what has come, and stands at `path`, is not the file; undefined when it is. `refusalIn` finds the hub's words in an
 * answer that only looks like a file.
 */
export const whatIsWrong = async (
  path: string,
  { sizeBytes, sha256 }: Promised,
  refusalIn: ((body: string) => string | undefined) | undefined,
): Promise<DownloadFailure | undefined> => {
  const { size: bytes } = await stat(path)
  const words = bytes <= longestRefusal ? refusalIn?.(await readFile(path, 'utf8')) : undefined
  if (words !== undefined) return new DownloadFailure('refused', `it has no such file (${words})`, { statusCode: 404 })
  if (bytes === 0) return new DownloadFailure('damaged', 'an empty file came')
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
