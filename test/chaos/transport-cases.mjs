import { brotliCompressSync, gzipSync } from 'node:zlib'
import {
  answerWell,
  chunk,
  done,
  event,
  everyMs,
  finish,
  goodBody,
  goodEvents,
  goodStream,
  lastChunk,
  plain,
  stream,
  streamHead,
  text,
} from './pieces.mjs'

// What a server may do to one request below the level of events. `kind` is that of the failure, or ok.

const json = 'application/json'
const begun = () => Buffer.concat([Buffer.from(streamHead()), chunk(text)])
const redirect = (status, to) => `HTTP/1.1 ${status} Moved\r\nlocation: ${to}\r\ncontent-length: 0\r\n\r\n`
const http10 = (type, body) => `HTTP/1.0 200 OK\r\ncontent-type: ${type}\r\n\r\n${body}`
const encoded = (encoding, bytes) => plain('200 OK', 'text/event-stream', bytes, `content-encoding: ${encoding}`)
const withLength = (...lengths) =>
  [
    'HTTP/1.1 200 OK',
    `content-type: ${json}`,
    ...lengths.map(length => `content-length: ${length}`),
    '',
    goodBody,
  ].join('\r\n')
/** Writes, and resets once that has left. */
const thenReset = bytes => socket => {
  socket.write(bytes)
  setTimeout(() => socket.resetAndDestroy(), 20)
}

const connections = [
  ['reset before the answer', 'truncated', socket => socket.resetAndDestroy()],
  ['closed before the answer', 'truncated', socket => socket.end()],
  ['reset after the head', 'truncated', thenReset(streamHead())],
  ['reset in the stream', 'truncated', thenReset(begun())],
  ['reset between finish reason and [DONE]', 'ok', thenReset(Buffer.concat([begun(), chunk(finish)]))],
  ['reset right after a whole answer', 'ok', socket => socket.write(goodStream, () => socket.resetAndDestroy())],
  ['half-closed before the answer', 'truncated', socket => socket.end()],
  ['half-closed after the answer', 'ok', socket => socket.end(goodStream)],
  [
    'closed when the connection is used again',
    'ok',
    (socket, { turn }) => (turn === 0 ? answerWell(socket) : socket.destroy()),
  ],
]

const waits = [
  ['silent before the first byte', 'timeout_first_byte', () => undefined],
  ['silent after the head', 'timeout_idle', socket => socket.write(streamHead())],
  ['silent in the stream', 'timeout_idle', socket => socket.write(begun())],
  [
    'silent in the middle of an event',
    'timeout_idle',
    socket => socket.write(Buffer.concat([begun(), chunk(text.slice(0, 20))])),
  ],
  [
    'a byte of the stream each second',
    'timeout_total',
    socket => {
      let at = 0
      socket.write(streamHead())
      everyMs(socket, 1000, () => chunk(text[at++ % text.length]))
    },
  ],
  [
    'a byte of the head each second',
    'timeout_first_byte',
    socket => {
      let at = 0
      everyMs(socket, 1000, () => streamHead()[at++] ?? 'x')
    },
  ],
  [
    'a stream that never ends',
    'timeout_total',
    socket => {
      socket.write(begun())
      everyMs(socket, 50, () => chunk(text))
    },
  ],
  [
    'nothing but comments, for ever',
    'timeout_total',
    socket => {
      socket.write(streamHead())
      everyMs(socket, 200, () => chunk(': ping\n\n'))
    },
  ],
  ['a body left open after [DONE]', 'ok', socket => socket.write(goodStream.subarray(0, -lastChunk.length))],
]

const lengths = [
  ['a chunked body cut off', 'truncated', socket => socket.end(Buffer.concat([begun(), Buffer.from('40\r\ndata: {')]))],
  ['a body shorter than its length, kept alive', 'truncated', socket => socket.end(withLength(500))],
  [
    'a body shorter than its length, to be closed',
    'truncated',
    socket => socket.end(plain('200 OK', json, goodBody, 'connection: close').subarray(0, -20)),
  ],
  ['a body shorter than its length, left open', 'timeout_idle', socket => socket.write(withLength(500))],
  ['a body longer than its length', 'protocol', socket => socket.write(withLength(40))],
  ['a negative length', 'protocol', socket => socket.write(withLength(-5))],
  ['two lengths', 'protocol', socket => socket.write(withLength(goodBody.length, 7))],
  [
    'a length and chunks',
    'protocol',
    socket => socket.write(goodStream.toString().replace('\r\n', '\r\ncontent-length: 7\r\n')),
  ],
  ['a chunk of no size', 'protocol', socket => socket.write(`${streamHead()}xyz\r\n`)],
  ['a chunk larger than any number', 'protocol', socket => socket.write(`${streamHead()}${'f'.repeat(40)}\r\n`)],
  ['gzip', 'protocol', socket => socket.write(encoded('gzip', gzipSync(goodEvents.join(''))))],
  ['brotli', 'protocol', socket => socket.write(encoded('br', brotliCompressSync(goodEvents.join(''))))],
  [
    'gzip that is not told',
    'empty',
    socket => socket.write(plain('200 OK', 'text/event-stream', gzipSync(goodEvents.join('')))),
  ],
]

const heads = [
  ['a header of 100 000 bytes', 'protocol', socket => socket.write(streamHead(`x-long: ${'a'.repeat(100_000)}`))],
  [
    '10 000 headers',
    'protocol',
    socket => socket.write(streamHead(...Array.from({ length: 10_000 }, (_, index) => `x-${index}: a`))),
  ],
  ['a header without a colon', 'protocol', socket => socket.write(streamHead('nonsense'))],
  ['redirect 301', 'http_3xx', socket => socket.write(redirect(301, 'http://elsewhere.invalid/'))],
  ['redirect 307', 'http_3xx', socket => socket.write(redirect(307, '/v2/chat/completions'))],
  ['redirect to itself', 'http_3xx', (socket, { path }) => socket.write(redirect(308, path))],
  [
    '429 with retry-after',
    'http_429',
    socket =>
      socket.write(plain('429 Too Many Requests', json, '{"error":{"message":"slow down"}}', 'retry-after: 60')),
  ],
  ['503', 'http_5xx', socket => socket.write(plain('503 Service Unavailable', 'text/plain', 'busy'))],
  [
    '500 whose body never ends',
    'http_5xx',
    socket => {
      socket.write('HTTP/1.1 500 Oops\r\ncontent-type: text/plain\r\n\r\n')
      everyMs(socket, 50, () => 'no ')
    },
  ],
  ['HTML with status 200', 'protocol', socket => socket.write(plain('200 OK', 'text/html', '<h1>Welcome'))],
  ['JSON where a stream was asked for', 'ok', socket => socket.write(plain('200 OK', json, goodBody))],
  ['HTTP/1.0, a stream', 'ok', socket => socket.end(http10('text/event-stream', goodEvents.join('')))],
  ['HTTP/1.0, JSON', 'ok', socket => socket.end(http10(json, goodBody))],
  ['100 Continue before the answer', 'protocol', socket => socket.write(`HTTP/1.1 100 Continue\r\n\r\n${goodStream}`)],
  [
    '103 Early Hints before the answer',
    'ok',
    socket => socket.write(`${'HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n'.repeat(20)}${goodStream}`),
  ],
  ['204', 'empty', socket => socket.write('HTTP/1.1 204 No Content\r\n\r\n')],
  [
    '101',
    'protocol',
    socket => socket.write('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n'),
  ],
  ['no HTTP at all', 'protocol', socket => socket.write('SSH-2.0-OpenSSH_9.6\r\n')],
  ['garbage after the answer', 'ok', socket => socket.write(Buffer.concat([goodStream, Buffer.from('garbage\r\n')]))],
  [
    'two answers to one request',
    'ok',
    socket => socket.write(Buffer.concat([goodStream, stream(event({ error: 'no' }))])),
  ],
  ['trailers', 'ok', socket => socket.write(`${goodStream.subarray(0, -2)}x-sum: 1\r\n\r\n`)],
  ['an end mark alone', 'empty', socket => socket.write(stream(done))],
]

/** Cases of transport: name, kind, and what is done to the request. */
export const transportCases = [...connections, ...waits, ...lengths, ...heads].map(([name, kind, harm]) => ({
  name,
  kind,
  harm,
}))
