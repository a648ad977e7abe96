import type { Socket } from 'node:net'
import { expect, test } from 'vitest'
import { openai } from '../../src/apis/openai.ts'
import type { FailureKind } from '../../src/model/record.ts'
import { ask, planFor } from '../support/ask.ts'
import {
  chatChunk,
  done,
  event,
  httpChunk,
  lastChunk,
  plainAnswer,
  type RawServer,
  startRawServer,
  streamHead,
} from '../support/raw-server.ts'

const A = event(chatChunk({ content: 'A' }))
const finish = event(chatChunk({}, 'stop'))
const stream =
  (...parts: string[]) =>
  (socket: Socket) =>
    socket.write(streamHead + parts.map(httpChunk).join('') + lastChunk)

const timeouts = (change: object) => ({ connectMs: 2000, readMs: 2000, totalMs: 5000, ...change })
const cases: [string, (socket: Socket) => void, FailureKind | 'ok', RegExp, object?][] = [
  ['a whole answer', stream(A, finish, done), 'ok', /^$/],
  ['only [DONE]', stream(done), 'empty', /without any output/],
  ['an empty body', stream(), 'empty', /without any output/],
  ['an error event, then [DONE]', stream(event({ error: { message: 'oom' } }), done), 'inband_error', /^oom$/],
  ['a body that ends after one chunk', stream(A), 'truncated', /without its end mark/],
  [
    'a reset after one chunk',
    s => {
      s.write(streamHead + httpChunk(A))
      setTimeout(() => s.resetAndDestroy(), 30)
    },
    'truncated',
    /./,
  ],
  [
    'an end within a chunked body that closes its connection',
    s => s.end(`${streamHead.trimEnd()}\r\nconnection: close\r\n\r\n${httpChunk(A)}`),
    'truncated',
    /Invalid EOF state/,
  ],
  [
    'a reset in the middle of an event',
    s => {
      s.write(streamHead + httpChunk(A + A.slice(0, 20)))
      setTimeout(() => s.resetAndDestroy(), 30)
    },
    'truncated',
    /ECONNRESET/,
  ],
  [
    'an error event that carries a choice',
    stream(A, event({ error: { message: 'overloaded' }, ...chatChunk({ content: '' }, 'error') }), done),
    'inband_error',
    /^overloaded$/,
  ],
  [
    'a loss while one of two choices is still going on',
    s => {
      const second = event({ choices: [{ index: 1, delta: { content: 'B' }, finish_reason: '' }] })
      s.write(streamHead + [A, finish, second].map(httpChunk).join(''))
      setTimeout(() => s.resetAndDestroy(), 30)
    },
    'truncated',
    /ECONNRESET/,
  ],
  ['a redirect whose body stays open', s => s.write('HTTP/1.1 307 Moved\r\nlocation: /x\r\n\r\n'), 'http_3xx', /\/x/],
  ['a connection closed without a byte', s => s.end(), 'truncated', /the server closed the connection/],
  [
    'HTTP 404 with a message',
    s => s.write(plainAnswer('404 Not Found', 'application/json', '{"error":{"message":"no model x"}}')),
    'http_4xx',
    /^HTTP 404: no model x$/,
  ],
  ['HTTP 429', s => s.write(plainAnswer('429 Too Many', 'text/plain', 'slow down')), 'http_429', /slow down/],
  ['HTTP 503 without a body', s => s.write(plainAnswer('503 Busy', 'text/plain', '')), 'http_5xx', /^HTTP 503$/],
  [
    'a redirect',
    s => s.write('HTTP/1.1 302 Found\r\nlocation: http://Other/x\r\ncontent-length: 0\r\n\r\n'),
    'http_3xx',
    /http:\/\/Other\/x/,
  ],
  ['HTML', s => s.write(plainAnswer('200 OK', 'text/html', '<p>hi')), 'protocol', /text\/html/],
  [
    'a page of a proxy',
    s => s.write(plainAnswer('502 Bad Gateway', 'text/html', '<html>\r\n<head><title>502 Bad Gateway</title></head>…')),
    'http_5xx',
    /^HTTP 502: 502 Bad Gateway$/,
  ],
  ['an empty body', s => s.write(plainAnswer('200 OK', 'application/json', '')), 'empty', /^the answer is empty$/],
  [
    'an encoded answer',
    s =>
      s.write(
        'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-encoding: gzip\r\ncontent-length: 2\r\n\r\nxx',
      ),
    'protocol',
    /gzip/,
  ],
  ['a malformed event', stream('data: {"a"\n\n', done), 'protocol', /not a JSON object/],
  [
    'an interim response that nobody asked for',
    s => s.write(`HTTP/1.1 100 Continue\r\n\r\n${plainAnswer('200 OK', 'application/json', '{}')}`),
    'protocol',
    /bad response/,
  ],
  ['no HTTP at all', s => s.write('SMTP ready\r\n'), 'protocol', /./],
  ['silence before the first byte', () => {}, 'timeout_first_byte', /--read-timeout/, timeouts({ readMs: 150 })],
  [
    'silence in the stream',
    s => s.write(streamHead + httpChunk(A)),
    'timeout_idle',
    /--read-timeout/,
    timeouts({ readMs: 150 }),
  ],
  [
    'silence within the usage of a finished answer',
    s => s.write(streamHead + [A, finish, 'data: {"choices":[],"usa'].map(httpChunk).join('')),
    'ok',
    /^$/,
    timeouts({ readMs: 150 }),
  ],
  [
    'a stream that never ends',
    s => {
      const t = setInterval(() => (s.destroyed ? clearInterval(t) : s.write(httpChunk(A))), 20)
      s.write(streamHead)
    },
    'timeout_total',
    /--total-timeout/,
    timeouts({ totalMs: 200 }),
  ],
  [
    'a non-stream error object with status 200',
    s => s.write(plainAnswer('200 OK', 'application/json', '{"object":"error","message":"bad"}')),
    'inband_error',
    /^bad$/,
  ],
]

test.each(cases)('%s is classified', async (_, answer, kind, message, limits) => {
  const server: RawServer = await startRawServer(answer)
  const plan = planFor(server.url)
  const target = limits === undefined ? plan.target : { ...plan.target, timeouts: limits as never }
  const records = await ask({ ...plan, target }, 2)
  await server.close()
  for (const record of records) {
    expect(record.failure?.kind ?? 'ok').toBe(kind)
    expect(record.failure?.message ?? '').toMatch(message)
  }
})

test('a failed answer frees its slot at once, and its connection with it', async () => {
  let open = 0
  let mostOpen = 0
  // Malformed, and then never over.
  const server = await startRawServer(socket => {
    mostOpen = Math.max(mostOpen, ++open)
    socket.on('close', () => open--)
    socket.write(streamHead + httpChunk('data: {"a"\n\n'))
  })
  const records = await ask(planFor(server.url), 10)
  await server.close()
  for (const record of records) expect((record.endUs - record.sentUs) / 1000).toBeLessThan(500)
  expect(records.map(record => record.failure?.kind)).toEqual(Array(10).fill('protocol'))
  // One may still be closing while the next is accepted.
  expect(mostOpen).toBeLessThanOrEqual(2)
})

test('of streams too, only those that failed are kept where that is asked for', async () => {
  const server = await startRawServer(socket => {
    stream(A, ...(server.seen.length === 1 ? [finish] : []))(socket)
  })
  const records = await ask(planFor(server.url, { saveResponses: 'failed' }), 2)
  await server.close()
  expect(records.map(({ failure }) => failure?.kind)).toEqual([undefined, 'truncated'])
  expect(records.map(({ responseJson }) => responseJson?.includes('"A"'))).toEqual([undefined, true])
})

test('an error whose body trickles on is over after a second, with its words so far', async () => {
  const server = await startRawServer(socket => {
    socket.write(`HTTP/1.1 500 Oops\r\ncontent-type: text/plain\r\n\r\n`)
    const timer = setInterval(() => (socket.destroyed ? clearInterval(timer) : socket.write('no ')), 50)
  })
  const [record] = await ask(planFor(server.url))
  await server.close()
  expect(record?.failure).toMatchObject({ kind: 'http_5xx', message: expect.stringMatching(/^HTTP 500: no no/) })
  expect(((record?.endUs as number) - (record?.sentUs as number)) / 1000).toBeLessThan(2000)
})

test.each([
  ['readChunk throws a text', { readChunk: () => thrown('boom') }, /boom/],
  ['readChunk throws nothing', { readChunk: () => thrown(null) }, /null/],
])('a plugin whose %s fails its requests, not the run', async (_, broken, message) => {
  const server = await startRawServer(socket => void stream(A, finish, done)(socket))
  const records = await ask(planFor(server.url), 2, { ...openai, ...broken })
  await server.close()
  for (const record of records) {
    expect(record.failure).toMatchObject({ kind: 'protocol', message: expect.stringMatching(message) })
  }
})

const thrown = (value: unknown): never => {
  throw value
}
