import { createServer as createTlsServer } from 'node:tls'
import { expired, good, unknown, wrongHost } from './certificates.mjs'
import { goodStream } from './pieces.mjs'

// What a server may do to every second connection, whatever is asked on it. All requests are of the good kind, each on a
// connection of its own unless the case keeps them: those on the other connections must succeed.

/** Gives each connection to one of two ways in turn. */
const inTurn = (bad, well) => {
  let count = 0
  return (socket, serve) => (count++ % 2 === 0 ? bad(socket, serve) : well(socket, serve))
}

const well = (socket, serve) => serve(socket)

/** Over TLS with this certificate. */
const secured = certificate => {
  const server = createTlsServer(certificate)
  // One that refuses the certificate goes away.
  server.on('tlsClientError', () => undefined)
  return (socket, serve) => {
    server.removeAllListeners('secureConnection').on('secureConnection', serve)
    server.emit('connection', socket)
  }
}

const plainCases = [
  { name: 'reset when it is accepted', kinds: ['truncated', 'connect'], bad: socket => socket.resetAndDestroy() },
  { name: 'closed when it is accepted', kinds: ['truncated', 'connect'], bad: socket => socket.end() },
  {
    name: 'nothing is ever read',
    kinds: ['timeout_first_byte'],
    bad: socket => socket.pause(),
    promptChars: 4_000_000,
    // Twelve prompts, and the bodies of four.
    growthMb: 160,
  },
  {
    name: 'garbage before the request',
    kinds: ['protocol', 'truncated'],
    bad: socket => socket.write('220 SMTP ready\r\n'),
  },
  // On a fresh connection nobody can tell it from a quick answer.
  {
    name: 'an answer before the request',
    kinds: ['ok', 'protocol', 'truncated'],
    bad: socket => socket.write(goodStream),
  },
  {
    name: 'an answer before the request, kept alive',
    // The next request on that connection gets none.
    kinds: ['ok', 'timeout_first_byte'],
    bad: socket => socket.write(goodStream),
    keepsAlive: true,
  },
  { name: 'closed after 30 ms, kept alive', kinds: ['ok', 'truncated'], bad: closedSoon, keepsAlive: true },
].map(({ bad, ...rest }) => ({ ...rest, accept: () => inTurn(bad, well) }))

/** Serves, and goes away while it does or right after. */
function closedSoon(socket, serve) {
  serve(socket)
  setTimeout(() => socket.end(), 30)
}

const tlsCases = [
  ['a certificate that nobody vouches for', 'tls', () => secured(unknown)],
  ['a certificate that has expired', 'tls', () => secured(expired)],
  ['a certificate of another host', 'tls', () => secured(wrongHost)],
  ['plain HTTP where TLS is spoken', 'tls', () => socket => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')],
  ['reset in the handshake', 'connect', () => socket => socket.once('data', () => socket.resetAndDestroy())],
  ['closed in the handshake', 'connect', () => socket => socket.once('data', () => socket.end())],
  ['silent in the handshake', 'timeout_connect', () => () => undefined],
].map(([name, kind, bad]) => ({
  name: `TLS: ${name}`,
  kinds: [kind],
  accept: () => inTurn(bad(), secured(good)),
  scheme: 'https',
}))

const tlsOnPlain = {
  name: 'TLS where plain HTTP is spoken',
  kinds: ['truncated', 'protocol'],
  accept: () => inTurn(secured(good), well),
}

/** Cases of connections: name, kinds of failures, how connections are accepted, and how they are used. */
export const connectionCases = [...plainCases, ...tlsCases, tlsOnPlain]
