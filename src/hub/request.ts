import type { IncomingHttpHeaders } from 'node:http'
import type { Readable } from 'node:stream'
import { type Environment, proxyFor } from '../arguments/endpoint.ts'
import type { HeaderMap } from '../model/conversation.ts'
import { openDispatcher, unlessAborted } from '../net/dispatcher.ts'
import { joinSignals } from '../net/join-signals.ts'
import { routeTo } from '../net/route.ts'
import { DownloadFailure } from './failure.ts'

/** One request for a file. */
export interface FileRequest {
  readonly url: string
  readonly headers: HeaderMap
  /** Sent to the host of `url` alone, wherever that redirects to; see `mayHaveToken`. */
  readonly tokenHeaders: HeaderMap
  readonly env: Environment
  readonly signal: AbortSignal
  /** Longest wait for the head of the answer, redirects included. */
  readonly answerMs: number
  /** Longest silence within the body. */
  readonly idleMs: number
}

/** An answer whose body is still to be read. */
export interface FileAnswer {
  readonly statusCode: number
  readonly headers: IncomingHttpHeaders
  /** What the hub says of the file, be it in a redirect. */
  readonly sizeBytes: number | undefined
  readonly sha256: string | undefined
  readonly body: Readable
  /** Ends the connection. */
  close(): void
}

const mostRedirects = 5
const redirects: readonly number[] = [301, 302, 303, 307, 308]

/** Asks for a file and follows redirects. Throws `DownloadFailure`, or the reason of `signal`. */
export const requestFile = async (request: FileRequest): Promise<FileAnswer> => {
  const waiting = new AbortController()
  const timer = setTimeout(() => waiting.abort(tooLate(request.answerMs)), request.answerMs)
  const joined = joinSignals([request.signal, waiting.signal])
  try {
    const answer = await follow(request, joined.signal)
    const close = (): void => {
      joined.release()
      answer.close()
    }
    return { ...answer, close }
  } catch (error) {
    joined.release()
    request.signal.throwIfAborted()
    throw waiting.signal.aborted ? waiting.signal.reason : error
  } finally {
    clearTimeout(timer)
  }
}

const tooLate = (ms: number): DownloadFailure =>
  new DownloadFailure('network', `no answer within ${Math.round(ms / 100) / 10} s`)

const follow = async (request: FileRequest, signal: AbortSignal): Promise<FileAnswer> => {
  const first = new URL(request.url)
  let url = first
  let sizeBytes: number | undefined
  let sha256: string | undefined
  for (let count = 0; count <= mostRedirects; count++) {
    const headers = { ...request.headers, ...(mayHaveToken(url, first) ? request.tokenHeaders : {}) }
    const answer = await ask(url, headers, request, signal)
    sizeBytes ??= sizeIn(answer.headers)
    sha256 ??= sha256In(answer.headers)
    if (!redirects.includes(answer.statusCode)) return { ...answer, sizeBytes, sha256 }
    answer.close()
    url = nextUrl(url, answer.headers.location)
  }
  throw new DownloadFailure('refused', `more than ${mostRedirects} redirects`)
}

/** Whether the token for `first` may go to `next`: to the same host, or from its http to its https at their usual ports. */
export const mayHaveToken = (next: URL, first: URL): boolean => {
  if (next.origin === first.origin) return true
  const isUpgrade = first.protocol === 'http:' && next.protocol === 'https:'
  return isUpgrade && next.hostname === first.hostname && first.port === '' && next.port === ''
}

const nextUrl = (url: URL, location: string | undefined): URL => {
  if (location === undefined || !URL.canParse(location, url.href)) {
    throw new DownloadFailure('refused', 'a redirect without an address')
  }
  const next = new URL(location, url)
  const isSafe = next.protocol === 'https:' || (next.protocol === 'http:' && url.protocol === 'http:')
  if (isSafe) return next
  throw new DownloadFailure('refused', `a redirect from ${url.protocol} to ${next.protocol}`)
}

type BareAnswer = Omit<FileAnswer, 'sizeBytes' | 'sha256'>

const ask = async (url: URL, headers: HeaderMap, request: FileRequest, signal: AbortSignal): Promise<BareAnswer> => {
  signal.throwIfAborted()
  const route = routeTo(url, proxyFor(url.href, request.env))
  const dispatcher = await openDispatcher(route, { verifyTls: true, connectMs: request.answerMs })
  // Whatever comes of a connection that is given up.
  const close = (): void => void dispatcher.destroy().catch(() => undefined)
  try {
    const asked = dispatcher.request({
      origin: route.origin,
      path: route.path,
      method: 'GET',
      headers: { ...headers, 'accept-encoding': 'identity', ...route.headers },
      signal,
      headersTimeout: 0,
      bodyTimeout: request.idleMs,
    })
    const { statusCode, headers: answered, body } = await unlessAborted(asked, signal)
    // Its error reaches whoever reads it, if anybody does.
    body.on('error', () => undefined)
    return { statusCode, headers: answered, body, close }
  } catch (error) {
    close()
    throw error
  }
}

const sizeIn = (headers: IncomingHttpHeaders): number | undefined => {
  const given = headers['x-linked-size']
  return typeof given === 'string' && /^\d+$/.test(given) ? Number(given) : undefined
}

/** Of files in large-file storage the hubs give the checksum as a linked ETag. */
const sha256In = (headers: IncomingHttpHeaders): string | undefined =>
  /^"?([\da-f]{64})"?$/i.exec(String(headers['x-linked-etag'] ?? ''))?.[1]?.toLowerCase()
