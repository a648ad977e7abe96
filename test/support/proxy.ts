import { createServer, request } from 'node:http'
import { type AddressInfo, connect } from 'node:net'

/** What a client asked the proxy for: `POST http://host/path` or `CONNECT host:port`. */
export interface ProxyRequest {
  readonly line: string
  /** Of a forwarded request, or of the one for a tunnel. */
  readonly headers: Readonly<Record<string, unknown>>
}

/** A proxy that takes every host for this machine's port `targetPort`. */
export interface Proxy {
  /** Without a path. */
  readonly url: string
  readonly seen: readonly ProxyRequest[]
  close(): Promise<void>
}

/** Starts a proxy that forwards http, and opens tunnels to port 443 only, as proxies commonly do. */
export const startProxy = async (targetPort: number): Promise<Proxy> => {
  const seen: ProxyRequest[] = []
  const server = createServer((incoming, outgoing) => {
    const { method, url = '', headers } = incoming
    seen.push({ line: `${method} ${url}`, headers })
    if (!url.startsWith('http://')) return void outgoing.writeHead(400).end()
    const { pathname, search } = new URL(url)
    const onward = request({ port: targetPort, host: '127.0.0.1', method, path: pathname + search, headers })
    onward.on('response', answer => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(outgoing)
    })
    incoming.pipe(onward)
  })
  server.on('connect', (incoming, socket) => {
    seen.push({ line: `CONNECT ${incoming.url}`, headers: incoming.headers })
    socket.on('error', () => socket.destroy())
    if (!incoming.url?.endsWith(':443')) return void socket.end('HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n')
    const onward = connect(targetPort, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n')
      onward.pipe(socket).pipe(onward)
    })
    onward.on('error', () => socket.destroy())
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    close: async () => {
      const closed = new Promise(resolve => server.close(resolve))
      server.closeAllConnections()
      await closed
    },
  }
}
