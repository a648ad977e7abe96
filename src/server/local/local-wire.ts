import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { parseBody } from '../generation-request.ts'
import { errorJson, WireError } from '../wire-error.ts'
import { done } from './local-answer.ts'
import type { LocalModel } from './local-model.ts'
import { writeOutput } from './local-output.ts'
import { readLocalRequest } from './local-request.ts'

const bodyLimitBytes = 64 * 1024 * 1024

/** Longer than any client keeps an idle connection, so that the server is never the one to close it. */
const keepAliveMs = 75_000

/** A server that has its port, whether or not its model is loaded. */
export interface LocalServer {
  /** Base address without a path, `http://127.0.0.1:8877`. */
  readonly url: string
  /** Answers requests from now on; until then they get status 503. */
  serve(model: LocalModel): void
  close(): Promise<void>
}

/** Takes a port of 127.0.0.1 for a local model; rejects with the system's error when it is taken. */
export const openLocalServer = async (port: number): Promise<LocalServer> => {
  const served = new Served()
  const server = createServer(
    { noDelay: true, keepAliveTimeout: keepAliveMs, headersTimeout: keepAliveMs + 5000, requestTimeout: 0 },
    (request, response) => void served.handle(request, response),
  )
  await listen(server, port)
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    serve: model => served.begin(model),
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

const listen = (server: Server, port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host: '127.0.0.1', port, backlog: 4096 }, resolve)
  })

const generationPaths: Readonly<Record<string, 'chat' | 'text'>> = {
  '/v1/chat/completions': 'chat',
  '/v1/completions': 'text',
}

/** The requests to one model. They are answered one after the other, in the order in which they were read. */
class Served {
  #model: LocalModel | undefined
  #last: Promise<void> = Promise.resolve()

  begin(model: LocalModel): void {
    this.#model = model
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      await this.#route(request, response)
    } catch (error) {
      fail(response, error)
    }
  }

  async #route(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url?.split('?', 1)[0] ?? ''
    const kind = generationPaths[path]
    if (kind === undefined && path !== '/v1/models') throw new WireError(404, `there is no ${path}`)
    demandMethod(request, kind === undefined ? 'GET' : 'POST')
    const body = kind === undefined ? undefined : await readBody(request)
    const model = this.#model
    if (model === undefined) throw new WireError(503, 'the model is still loading')
    if (body === undefined) return void response.setHeader('content-type', 'application/json').end(modelsBody(model))
    const asked = readLocalRequest(parseBody(body), kind === 'chat', model)
    await this.#inTurn(async () => {
      // Who has gone away while waiting wants no answer.
      if (!response.destroyed) await writeOutput(model, asked, response, epochSec())
    })
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const turn = this.#last.then(work)
    // One that failed has told its own client.
    this.#last = turn.catch(() => {})
    return turn
  }
}

const demandMethod = (request: IncomingMessage, method: string): void => {
  if (request.method !== method) throw new WireError(405, `${request.url} takes ${method}, not ${request.method}`)
}

const readBody = async (request: IncomingMessage): Promise<string> => {
  const parts: Buffer[] = []
  let bytes = 0
  for await (const part of request as AsyncIterable<Buffer>) {
    bytes += part.length
    if (bytes <= bodyLimitBytes) parts.push(part)
  }
  if (bytes > bodyLimitBytes) throw new WireError(413, `the body exceeds ${bodyLimitBytes} bytes`)
  return Buffer.concat(parts).toString()
}

const modelsBody = ({ name }: LocalModel): string =>
  JSON.stringify({ object: 'list', data: [{ id: name, object: 'model', created: epochSec(), owned_by: 'evalscope' }] })

const epochSec = (): number => Math.floor(Date.now() / 1000)

/** An error body, or the end of a stream that has begun. */
const fail = (response: ServerResponse, thrown: unknown): void => {
  const error = thrown instanceof WireError ? thrown : new WireError(500, String(thrown))
  if (response.headersSent) return void response.end(`data: ${errorJson(error)}\n\n${done}`)
  response.statusCode = error.status
  response.setHeader('content-type', 'application/json').end(errorJson(error))
}
