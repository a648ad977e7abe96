import { createServer, type Server, type Socket } from 'node:net'

/** A request as the raw server saw it. */
export interface SeenRequest {
  readonly head: string
  readonly body: string
  /** Number of the connection it came on, from 0. */
  readonly connection: number
  /** Number of the request on its connection, from 0. */
  readonly turn: number
}

export interface RawServer {
  readonly url: string
  /** All requests but those that ask for what the server says of itself, which gets no answer but 404. */
  readonly seen: SeenRequest[]
  readonly connections: () => number
  /** Closes every open connection. */
  dropConnections(): void
  close(): Promise<void>
}

/** A server on a free loopback port that writes exactly the bytes a test wants; `answer` runs once per request. */
export const startRawServer = async (
  answer: (socket: Socket, request: SeenRequest) => void | Promise<void>,
): Promise<RawServer> => {
  const seen: SeenRequest[] = []
  const open = new Set<Socket>()
  let connections = 0
  const server: Server = createServer({ noDelay: true }, socket => {
    const connection = connections++
    let turn = 0
    let buffered = Buffer.alloc(0)
    open.add(socket)
    socket.on('close', () => open.delete(socket))
    socket.on('error', () => socket.destroy())
    socket.on('data', bytes => {
      buffered = Buffer.concat([buffered, bytes])
      for (;;) {
        const headEnd = buffered.indexOf('\r\n\r\n')
        if (headEnd < 0) return
        const head = buffered.subarray(0, headEnd).toString()
        const length = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0)
        if (buffered.length < headEnd + 4 + length) return
        const body = buffered.subarray(headEnd + 4, headEnd + 4 + length).toString()
        buffered = buffered.subarray(headEnd + 4 + length)
        if (/^x-request-id: server-facts$/im.test(head)) {
          socket.end('HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n')
          continue
        }
        const request = { head, body, connection, turn: turn++ }
        seen.push(request)
        void answer(socket, request)
      }
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return {
    url: `http://127.0.0.1:${port}/v1/chat/completions`,
    seen,
    connections: () => connections,
    dropConnections: () => {
      for (const socket of open) socket.destroy()
    },
    close: async () => {
      for (const socket of open) socket.destroy()
      await new Promise(resolve => server.close(resolve))
    },
  }
}

/** The head of a streamed answer whose body comes in HTTP chunks. */
export const streamHead = 'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n'

/** One HTTP chunk. */
export const httpChunk = (text: string): string => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`

/** The end of a chunked body. */
export const lastChunk = '0\r\n\r\n'

/** An answer with a length. */
export const plainAnswer = (status: string, type: string, body: string): string =>
  `HTTP/1.1 ${status}\r\ncontent-type: ${type}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`

/** One SSE event of a JSON value. */
export const event = (value: unknown): string => `data: ${JSON.stringify(value)}\n\n`

/** A chat chunk with this delta. */
export const chatChunk = (delta: object, finish: string | null = null): object => ({
  object: 'chat.completion.chunk',
  choices: [{ index: 0, delta, finish_reason: finish }],
})

export const done = 'data: [DONE]\n\n'

/** Resolves after `ms`. */
export const pause = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms))
