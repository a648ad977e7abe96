import { type FileHandle, mkdir, open, rename, rm } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import type { Environment } from '../arguments/endpoint.ts'
import { UserError } from '../errors.ts'
import type { HeaderMap } from '../model/conversation.ts'
import type { DownloadProgress } from '../model/hub-file.ts'
import { longestRefusal, whatIsNoFile, whatIsWrong } from './check-file.ts'
import { DownloadFailure, toDownloadFailure } from './failure.ts'
import {
  claimPartial,
  type LeftPartial,
  newPartial,
  type PartialFile,
  releasePartial,
  removeLeftovers,
} from './partial.ts'
import { type FileAnswer, requestFile } from './request.ts'

/** A file to be downloaded, and where to. */
export interface Download {
  readonly url: string
  readonly tokenHeaders: HeaderMap
  /** Where the file is to be, once it is whole. */
  readonly file: string
  /** The hub's words when a short answer, whatever its status, is a refusal. */
  readonly refusalIn: ((body: string) => string | undefined) | undefined
  readonly env: Environment
  readonly signal: AbortSignal
  /** Longest wait for the head of an answer, redirects included. */
  readonly answerMs: number
  /** Longest silence within a body. */
  readonly idleMs: number
  readonly onProgress: (progress: DownloadProgress) => void
}

/** An answer, and the partial file that its body goes to from `startBytes` on. */
interface Transfer {
  readonly answer: FileAnswer
  readonly partial: PartialFile
  readonly startBytes: number
}

/**
 * Downloads a file, going on where an earlier try has left it. It appears under its name only when it is whole, with
 * the size and checksum that the hub gives. Throws `DownloadFailure`, or the reason of the signal.
 */
export const download = async (task: Download): Promise<void> => {
  try {
    const transfer = await begin(task)
    try {
      await receive(task, transfer)
    } catch (error) {
      await releasePartial(task.file, transfer.partial)
      throw error
    } finally {
      transfer.answer.close()
    }
    await removeLeftovers(task.file)
  } catch (error) {
    task.signal.throwIfAborted()
    throw error instanceof UserError ? error : toDownloadFailure(error)
  }
}

const begin = async (task: Download): Promise<Transfer> => {
  const left = await claimPartial(task.file)
  try {
    const headers: HeaderMap = left === undefined ? {} : { range: `bytes=${restOf(left)}-`, 'if-range': left.etag }
    const answer = await requestFile({ ...task, headers })
    const { statusCode } = answer
    const noFile = statusCode === 200 || statusCode === 206 ? whatIsNoFile(answer.headers) : undefined
    if (noFile !== undefined) {
      answer.close()
      throw noFile
    }
    if (statusCode === 206 && left !== undefined && continues(answer, left)) {
      return { answer, partial: left, startBytes: restOf(left) }
    }
    const isOutdated = left !== undefined && (statusCode === 206 || statusCode === 416)
    if (statusCode !== 200 && !isOutdated) throw await refusal(task, answer)
    // The hub has another version by now, or sends the whole file to whoever asks for the rest of it.
    if (left !== undefined) await rm(left.path, { force: true })
    if (statusCode === 200) return { answer, partial: newPartial(task.file, answer.headers.etag), startBytes: 0 }
    answer.close()
  } catch (error) {
    if (left !== undefined) await releasePartial(task.file, left)
    throw error
  }
  return begin(task)
}

/** Its last byte comes again: of a file that was all there but for its name, a hub would have nothing to send. */
const restOf = (left: LeftPartial): number => left.bytes - 1

/** Whether what comes is the rest of this version; not every server minds If-Range. */
const continues = ({ headers }: FileAnswer, left: LeftPartial): boolean =>
  headers.etag === left.etag && new RegExp(`^bytes ${restOf(left)}-`).test(headers['content-range'] ?? '')

const refusal = async (task: Download, answer: FileAnswer): Promise<DownloadFailure> => {
  const body = await beginningOf(answer).catch(() => '')
  answer.close()
  const words = answer.headers['x-error-message'] ?? task.refusalIn?.(body) ?? ''
  const { statusCode } = answer
  // Hugging Face's, which has others for repositories and revisions.
  const lacksFile = answer.headers['x-error-code'] === 'EntryNotFound'
  return new DownloadFailure('refused', `HTTP ${statusCode}${words === '' ? '' : `, ${words}`}`, {
    statusCode,
    lacksFile,
  })
}

const beginningOf = async ({ body }: FileAnswer): Promise<string> => {
  let text = ''
  for await (const chunk of body) {
    text += String(chunk)
    if (text.length >= longestRefusal) break
  }
  return text
}

const receive = async (task: Download, { answer, partial, startBytes }: Transfer): Promise<void> => {
  const name = basename(task.file)
  const totalBytes = totalOf(answer, startBytes)
  let doneBytes = startBytes
  await mkdir(dirname(task.file), { recursive: true })
  const handle = await open(partial.path, startBytes > 0 ? 'r+' : 'w')
  try {
    for await (const chunk of answer.body as AsyncIterable<Buffer>) {
      await writeAt(handle, chunk, doneBytes)
      doneBytes += chunk.length
      task.onProgress({ name, doneBytes, totalBytes })
    }
    // A crash of the machine must not leave a whole name on half a file.
    await handle.sync()
  } finally {
    await handle.close()
  }
  const promised = { sizeBytes: answer.sizeBytes ?? totalBytes, sha256: answer.sha256 }
  const failure = await whatIsWrong(partial.path, promised, task.refusalIn)
  if (failure !== undefined) {
    await rm(partial.path, { force: true })
    throw failure
  }
  await rename(partial.path, task.file)
}

/** At its own place: another who takes the file for left behind, and goes on with it, writes the same bytes there. */
const writeAt = async (handle: FileHandle, bytes: Buffer, at: number): Promise<void> => {
  for (let done = 0; done < bytes.length; ) {
    done += (await handle.write(bytes, done, bytes.length - done, at + done)).bytesWritten
  }
}

const totalOf = ({ statusCode, headers }: FileAnswer, startBytes: number): number | undefined => {
  const inRange = /\/(\d+)$/.exec(headers['content-range'] ?? '')?.[1]
  if (statusCode === 206 && inRange !== undefined) return Number(inRange)
  const length = headers['content-length']
  return length === undefined ? undefined : startBytes + Number(length)
}
