import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { chatChunk, done, event } from './raw-server.ts'
import { testCertificate } from './tls.ts'

/** A request as the server saw it. */
export interface ChatRequest {
  readonly method: string
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: Record<string, unknown>
  /** Number of the request among those to a completions endpoint, connection tests left out; from 0. */
  readonly number: number
  readonly isProbe: boolean
}

/** How the server answers. */
export interface ChatServerOptions {
  /** Ids of `GET /v1/models`; without it that path is not found. */
  readonly models?: readonly string[]
  /** Answers in place of the server when it returns true. */
  readonly instead?: (request: ChatRequest, response: ServerResponse) => boolean
  /** Output tokens of an answer; 3 by default. */
  readonly tokens?: number
  /** Before each token, in ms; 0 by default. */
  readonly tokenMs?: number
  readonly port?: number
  readonly tls?: true
}

/** An OpenAI-compatible server that counts. */
export interface ChatServer {
  /** Without a path. */
  readonly url: string
  readonly port: number
  /** All requests in order of arrival, but for those of `asked`. */
  readonly seen: readonly ChatRequest[]
  /** What it was asked of itself, for the records of a benchmark. */
  readonly asked: readonly ChatRequest[]
  /** Requests that were no connection test. */
  measured(): readonly ChatRequest[]
  /** Most answers under way at the same time. */
  maxInFlight(): number
  close(): Promise<void>
}

/** Starts a server on a free loopback port whose answers have usage of 7 prompt tokens. */
export const startChatServer = async (options: ChatServerOptions = {}): Promise<ChatServer> => {
  const seen: ChatRequest[] = []
  const asked: ChatRequest[] = []
  let [number, inFlight, maxInFlight] = [0, 0, 0]
  const handle = async (message: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await bodyOf(message)
    const requestId = String(message.headers['x-request-id'])
    const isProbe = requestId.startsWith('probe')
    const isCounted = message.method === 'POST' && !isProbe
    const request: ChatRequest = {
      method: message.method ?? '',
      path: message.url ?? '',
      headers: message.headers,
      body,
      number: isCounted ? number++ : -1,
      isProbe,
    }
    if (requestId === 'server-facts') {
      asked.push(request)
      return await answer(request, response, options)
    }
    seen.push(request)
    maxInFlight = Math.max(maxInFlight, ++inFlight)
    try {
      if (options.instead?.(request, response) !== true) await answer(request, response, options)
    } finally {
      inFlight--
    }
  }
  const onRequest = (message: IncomingMessage, response: ServerResponse): void => void handle(message, response)
  const server = options.tls ? createTlsServer(testCertificate, onRequest) : createServer(onRequest)
  await new Promise<void>(resolve => server.listen(options.port ?? 0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `${options.tls ? 'https' : 'http'}://127.0.0.1:${port}`,
    port,
    seen,
    asked,
    measured: () => seen.filter(request => request.number >= 0),
    maxInFlight: () => maxInFlight,
    close: async () => {
      const closed = new Promise(resolve => server.close(resolve))
      server.closeAllConnections()
      await closed
    },
  }
}

/** Answers with an error in OpenAI's form. */
export const refuse = (response: ServerResponse, status: number, message: string): true => {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify({ error: { message } }))
  return true
}

const bodyOf = async (message: IncomingMessage): Promise<Record<string, unknown>> => {
  let text = ''
  for await (const piece of message.setEncoding('utf8')) text += piece
  return text === '' ? {} : (JSON.parse(text) as Record<string, unknown>)
}

const answer = async (request: ChatRequest, response: ServerResponse, options: ChatServerOptions): Promise<void> => {
  const { models, tokens = 3, tokenMs = 0 } = options
  if (request.method === 'GET') {
    if (models === undefined) return void refuse(response, 404, 'Not Found')
    const data = models.map(id => ({ id, object: 'model' }))
    return void response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ data }))
  }
  const isChat = request.path.includes('chat')
  const usage = { prompt_tokens: 7, completion_tokens: tokens, total_tokens: 7 + tokens }
  if (request.body.stream !== true) {
    await pause(tokens * tokenMs)
    const content = 'ok '.repeat(tokens)
    const choice = isChat ? { message: { role: 'assistant', content } } : { text: content }
    const whole = { choices: [{ index: 0, finish_reason: 'stop', ...choice }], usage }
    return void response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(whole))
  }
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  for (let token = 0; token < tokens && !response.destroyed; token++) {
    if (tokenMs > 0) await pause(tokenMs)
    response.write(event(isChat ? chatChunk({ content: 'ok ' }) : { choices: [{ index: 0, text: 'ok ' }] }))
  }
  const finish = isChat ? chatChunk({}, 'stop') : { choices: [{ index: 0, text: '', finish_reason: 'stop' }] }
  response.end(event(finish) + event({ choices: [], usage }) + done)
}

const pause = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms))
