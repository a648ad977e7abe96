import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A request as the stand-in saw it; JSON and JSON Lines are parsed. */
export interface SeenCall {
  readonly method: string
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly text: string
  // biome-ignore lint/suspicious/noExplicitAny: bodies of many forms, which the tests look into
  readonly body: any
  /** GraphQL's name of it. */
  readonly operation: string | undefined
}

/** What to answer: a status with JSON, or nothing at all. */
export type Reply = { readonly status?: number; readonly json?: unknown } | 'silence'

/** A stand-in for the API of a service. */
export interface Service {
  readonly url: string
  readonly calls: SeenCall[]
  close(): Promise<void>
}

/** Starts one on a free port of this machine. */
export const startService = async (reply: (call: SeenCall, url: string) => Reply): Promise<Service> => {
  const calls: SeenCall[] = []
  const hear = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    let text = ''
    for await (const piece of request.setEncoding('utf8')) text += piece
    const body = parsed(text, request.headers['content-type'] ?? '')
    const { method = '', url: path = '', headers } = request
    const call = { method, path, headers, text, body, operation: operationOf(body) }
    calls.push(call)
    answer(response, reply(call, url))
  }
  const server = createServer((request, response) => void hear(request, response))
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const close = async (): Promise<void> => {
    const closed = new Promise(resolve => server.close(resolve))
    server.closeAllConnections()
    await closed
  }
  return { url, calls, close }
}

const answer = (response: ServerResponse, reply: Reply): void => {
  if (reply === 'silence') return
  response.writeHead(reply.status ?? 200, { 'content-type': 'application/json' }).end(JSON.stringify(reply.json ?? {}))
}

const parsed = (text: string, type: string): unknown => {
  if (text === '') return undefined
  if (type.includes('json-lines')) return text.split('\n').map(line => JSON.parse(line))
  return type.includes('json') ? JSON.parse(text) : text
}

const operationOf = (body: unknown): string | undefined => {
  const query = (body as { query?: unknown } | undefined)?.query
  return typeof query === 'string' ? /(?:query|mutation)\s+(\w+)/.exec(query)?.[1] : undefined
}

/** What W&B answers to each call; its key is `good-key-of-forty-characters`. */
export const wandbReply = ({ operation, headers, path }: SeenCall, url: string): Reply => {
  if (path.startsWith('/upload/')) return {}
  if (headers.authorization !== `Basic ${Buffer.from(`api:${wandbKey}`).toString('base64')}`) {
    return { status: 401, json: { errors: [{ message: 'user is not logged in' }] } }
  }
  const bucket = { name: 'run00001', project: { name: 'perf_benchmark', entity: { name: 'somebody' } } }
  const edges = [{ node: { name: 'file', url: `${url}/upload/file` } }]
  const answers: Readonly<Record<string, unknown>> = {
    Viewer: { viewer: { id: 'v', entity: 'somebody' } },
    UpsertBucket: { upsertBucket: { bucket, inserted: true } },
    RunUploadUrls: { model: { bucket: { files: { uploadHeaders: ['X-Kind:table'], edges } } } },
  }
  return { json: operation === undefined ? {} : { data: answers[operation] } }
}

/** The key that the stand-in for W&B knows. */
export const wandbKey = 'good-key-of-forty-characters'

/** What ClearML answers to each call. */
export const clearmlReply = ({ path }: SeenCall): Reply => {
  const data: Readonly<Record<string, unknown>> = {
    '/auth.login': { token: 'token-of-clearml' },
    '/projects.get_all': { projects: [{ id: 'other', name: 'perf_benchmark_2' }] },
    '/projects.create': { id: 'project-1' },
    '/tasks.create': { id: 'task-1' },
  }
  return { json: { meta: { result_code: 200 }, data: data[path] ?? {} } }
}

/** What SwanLab answers to each call. */
export const swanlabReply = ({ path, method }: SeenCall): Reply => {
  if (path === '/api/login/api_key') return { json: { sid: 'session-1', userInfo: { username: 'somebody' } } }
  // It is there already.
  if (path === '/api/project') return { status: 409, json: { username: 'somebody' } }
  if (method === 'GET') return { json: { cuid: 'project-1', name: 'perf_benchmark' } }
  if (path.endsWith('/experiment')) return { status: 201, json: { cuid: 'experiment-1', flagId: 'flag-1' } }
  return {}
}
