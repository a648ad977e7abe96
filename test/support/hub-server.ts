import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A file that the stand-in has, by `kind/owner/name/revision/path`, and how it goes wrong with it. */
export interface ServedFile {
  readonly bytes: Buffer
  /** Sent to this origin's `/cdn/…` instead of being served here. */
  readonly redirectTo?: string
  /** The first so many answers end after half of what is left, once that has reached its reader. */
  readonly cuts?: number
  /** Resolves when the reader has so many bytes of the file. */
  readonly hasRead?: (bytes: number) => Promise<void>
  /** Answers this status, so many times or for ever, before it serves. */
  readonly refuses?: { readonly status: number; readonly times?: number; readonly code?: string }
  /** Only this token may read it. */
  readonly token?: string
  readonly ignoresRange?: boolean
  /** Said in place of the true ones. */
  readonly linkedSize?: number
  readonly linkedEtag?: string
  /** Of the answers that bring it, beside the usual ones. */
  readonly headers?: Readonly<Record<string, string>>
  /** Its ETag; by default one made of its bytes. */
  readonly etag?: string
  /** Resolves when half of what is left may be followed by the rest. */
  readonly halfway?: Promise<void>
}

/** A request as the stand-in saw it. */
export interface HubRequest {
  readonly url: string
  readonly headers: IncomingMessage['headers']
  readonly statusCode: number
}

/** A server of the forms of URL of both hubs. */
export interface HubServer {
  readonly url: string
  readonly files: Map<string, ServedFile>
  readonly seen: HubRequest[]
  close(): Promise<void>
}

/** The checksum as hubs write it. */
export const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex')

/** Starts one on a free port of this machine; it has the files that are put into `files`. */
export const startHubServer = async (): Promise<HubServer> => {
  const files = new Map<string, ServedFile>()
  const seen: HubRequest[] = []
  const answers = new Map<string, number>()
  const server = createServer((request, response) => {
    response.on('close', () => {
      seen.push({ url: request.url ?? '', headers: request.headers, statusCode: response.statusCode })
    })
    const { key, isCdn, isModelScope } = keyOf(request.url ?? '')
    const file = files.get(key)
    const count = answers.get(key) ?? 0
    answers.set(key, count + 1)
    if (file === undefined) return refuse(response, 404, isModelScope)
    answer(request, response, { file, count, isCdn, isModelScope, key })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    files,
    seen,
    close: async () => {
      const closed = new Promise(resolve => server.close(resolve))
      server.closeAllConnections()
      await closed
    },
  }
}

interface Asked {
  readonly key: string
  readonly isCdn: boolean
  readonly isModelScope: boolean
}

/** What is asked for, in whichever form. */
const keyOf = (path: string): Asked => {
  const { pathname, searchParams } = new URL(path, 'http://hub')
  const api = /^\/api\/v1\/(models|datasets)\/([^/]+\/[^/]+)\/repo$/.exec(pathname)
  if (api !== null) {
    const key = [api[1], api[2], searchParams.get('Revision'), searchParams.get('FilePath')].join('/')
    return { key, isCdn: false, isModelScope: true }
  }
  if (pathname.startsWith('/cdn/'))
    return { key: decodeURIComponent(pathname.slice(5)), isCdn: true, isModelScope: false }
  const [, datasets, id, rest = ''] = /^\/(datasets\/)?([^/]+\/[^/]+)\/resolve\/(.*)$/.exec(pathname) ?? []
  const key = [datasets === undefined ? 'models' : 'datasets', id, decodeURIComponent(rest)].join('/')
  return { key, isCdn: false, isModelScope: false }
}

const refuse = (response: ServerResponse, status: number, isModelScope: boolean, code = ''): void => {
  if (isModelScope) {
    const body = { Code: 10010205001, Message: 'record not found', RequestId: 'r-1', Success: false }
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  } else response.writeHead(status, { 'x-error-code': code, 'x-error-message': `stand-in says ${status}` }).end('no')
}

const answer = (
  request: IncomingMessage,
  response: ServerResponse,
  { file, count, isCdn, isModelScope, key }: Asked & { readonly file: ServedFile; readonly count: number },
): void => {
  const { refuses, token, redirectTo } = file
  if (refuses !== undefined && count < (refuses.times ?? Number.POSITIVE_INFINITY)) {
    return refuse(response, refuses.status, isModelScope, refuses.code)
  }
  if (!isCdn && token !== undefined && request.headers.authorization !== `Bearer ${token}`) {
    return refuse(response, isModelScope ? 404 : 401, isModelScope)
  }
  const linked = {
    ...(file.linkedSize === undefined ? {} : { 'x-linked-size': String(file.linkedSize) }),
    ...(file.linkedEtag === undefined ? {} : { 'x-linked-etag': `"${file.linkedEtag}"` }),
  }
  if (!isCdn && redirectTo !== undefined) {
    response.writeHead(302, { ...linked, location: `${redirectTo}/cdn/${encodeURIComponent(key)}?signature=1` }).end()
    return
  }
  void send(request, response, { file, isCut: count < (file.cuts ?? 0), linked: isCdn ? {} : linked })
}

const send = async (
  { headers }: IncomingMessage,
  response: ServerResponse,
  { file, isCut, linked }: { readonly file: ServedFile; readonly isCut: boolean; readonly linked: object },
): Promise<void> => {
  const { bytes } = file
  const etag = file.etag ?? `"${sha256(bytes).slice(0, 16)}"`
  const start = Number(/^bytes=(\d+)-$/.exec(headers.range ?? '')?.[1] ?? 0)
  const isRange = start > 0 && file.ignoresRange !== true && headers['if-range'] === etag
  if (isRange && start >= bytes.length) {
    return void response.writeHead(416, { 'content-range': `bytes */${bytes.length}` }).end()
  }
  const body = isRange ? bytes.subarray(start) : bytes
  response.writeHead(isRange ? 206 : 200, {
    ...linked,
    etag,
    'content-length': body.length,
    ...file.headers,
    ...(isRange ? { 'content-range': `bytes ${start}-${bytes.length - 1}/${bytes.length}` } : {}),
  })
  if (!isCut && file.halfway === undefined) return void response.end(body)
  const half = Math.floor(body.length / 2)
  await new Promise(resolve => response.write(body.subarray(0, half), resolve))
  if (isCut) {
    await file.hasRead?.((isRange ? start : 0) + half)
    return void response.destroy()
  }
  await file.halfway
  response.end(body.subarray(half))
}
