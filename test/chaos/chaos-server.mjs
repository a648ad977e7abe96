import { createServer } from 'node:net'
import { answerWell } from './pieces.mjs'

/**
 * A server that answers prompts like `good 7` well, and does to one like `bad 7` what case number 7 says. `accept`
 * decides what becomes of a connection; it serves it, or does not.
 */
export const startChaosServer = async ({
  cases = [],
  accept = (socket, serve) => serve(socket),
  host = '127.0.0.1',
}) => {
  const open = new Set()
  const counts = { requests: 0 }
  const answer = (socket, request) => {
    if (/^x-request-id: server-facts$/im.test(request.head)) {
      return socket.end('HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n')
    }
    counts.requests++
    const [, number] = /"content":"bad (\d+)/.exec(request.body) ?? []
    return number === undefined ? answerWell(socket) : cases[Number(number)].harm(socket, request)
  }
  const server = createServer({ noDelay: true }, socket => {
    open.add(socket)
    socket.on('close', () => open.delete(socket))
    socket.on('error', () => socket.destroy())
    accept(socket, served => serveRequests(served, answer))
  })
  await new Promise(resolve => server.listen(0, host, resolve))
  const { port } = server.address()
  const drop = () => {
    for (const socket of open) socket.destroy()
  }
  return {
    port,
    counts,
    /** Nobody listens any more, and nobody answers. */
    die: () => {
      server.close()
      drop()
    },
    close: () =>
      new Promise(resolve => {
        server.close(resolve)
        drop()
      }),
  }
}

/** Calls `answer` once for each whole request on a connection. */
const serveRequests = (socket, answer) => {
  let buffered = Buffer.alloc(0)
  let turn = 0
  socket.on('error', () => socket.destroy())
  socket.on('data', bytes => {
    buffered = Buffer.concat([buffered, bytes])
    for (;;) {
      const headEnd = buffered.indexOf('\r\n\r\n')
      if (headEnd < 0) return
      const head = buffered.subarray(0, headEnd).toString()
      const end = headEnd + 4 + Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0)
      if (buffered.length < end) return
      const body = buffered.subarray(headEnd + 4, end).toString()
      buffered = buffered.subarray(end)
      answer(socket, { head, body, turn: turn++, path: head.split(' ')[1] })
    }
  })
}
