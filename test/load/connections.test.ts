import { createServer } from 'node:https'
import type { Socket } from 'node:net'
import { connect } from 'node:net'
import { expect, test } from 'vitest'
import { openai } from '../../src/apis/openai.ts'
import { exchange } from '../../src/load/exchange.ts'
import { openExchange } from '../../src/load/open-exchange.ts'
import type { RunPlan } from '../../src/model/run-plan.ts'
import { ask, planFor } from '../support/ask.ts'
import {
  chatChunk,
  done,
  event,
  httpChunk,
  lastChunk,
  pause,
  startRawServer,
  streamHead,
} from '../support/raw-server.ts'
import { testCertificate } from '../support/tls.ts'

const role = event(chatChunk({ role: 'assistant', content: null }))
const text = (content: string): string => event(chatChunk({ content }))
const finish = event(chatChunk({}, 'stop'))
const usage = (prompt: number, completion: number, more: object = {}): string =>
  event({ choices: [], usage: { prompt_tokens: prompt, completion_tokens: completion, ...more } })
const whole = [role, text('A'), text('B'), finish, usage(5, 2), done]
const answerAtOnce = (socket: Socket): void => {
  socket.write(streamHead + whole.map(httpChunk).join('') + lastChunk)
}
const request = {
  phase: 'measured',
  requestId: 'r',
  conversationId: 'c',
  turn: 1,
  isLastTurn: true,
  body: '{}',
  asksStream: true,
  scheduledMs: performance.now(),
  slotWaitMs: undefined,
} as const
const withTarget = (plan: RunPlan, change: Partial<RunPlan['target']>): RunPlan => ({
  ...plan,
  target: { ...plan.target, ...change },
})

test('a kept-alive connection found closed is replaced once, unnoticed but for the mark', async () => {
  // Answers two requests of a connection, then closes it when the third arrives, without a byte.
  const server = await startRawServer((socket, { turn }) => (turn === 2 ? void socket.end() : answerAtOnce(socket)))
  const records = await ask(planFor(server.url), 6)
  await server.close()
  expect(records.map(record => record.failure)).toEqual(Array(6).fill(undefined))
  expect(records.map(record => record.wasResent)).toEqual([false, false, true, false, true, false])
  expect(server.connections()).toBe(3)
})

test('a kept-alive connection that is reset right after an answer is replaced, whatever the moment', async () => {
  const server = await startRawServer((socket, { turn }) => {
    answerAtOnce(socket)
    // Spread over the moments in which the next request is dispatched, held back and written.
    if (turn === 1) setTimeout(() => socket.resetAndDestroy(), server.connections() % 3)
  })
  const records = await ask(planFor(server.url), 60)
  await server.close()
  expect(records.filter(record => record.failure !== undefined)).toEqual([])
})

test('a server that works on a request and then dies has failed it; it is not sent twice', async () => {
  const server = await startRawServer((socket, { turn }) => {
    if (turn === 0) return answerAtOnce(socket)
    setTimeout(() => socket.destroy(), 1200)
  })
  const records = await ask(planFor(server.url), 2)
  await server.close()
  expect(records.map(record => record.failure?.kind)).toEqual([undefined, 'truncated'])
  expect(server.seen).toHaveLength(2)
})

test('a fresh connection that is closed without a byte is a failure, not sent again', async () => {
  const server = await startRawServer(socket => void socket.end())
  const [record] = await ask(planFor(server.url))
  await server.close()
  expect(record?.failure?.kind).toBe('truncated')
  expect(server.seen).toHaveLength(1)
})

test('a response that has begun is never sent again', async () => {
  const server = await startRawServer((socket, { turn }) => {
    if (turn === 0) return answerAtOnce(socket)
    socket.write(streamHead)
    setTimeout(() => socket.destroy(), 20)
  })
  const records = await ask(planFor(server.url), 2)
  await server.close()
  expect(records.map(record => record.failure?.kind)).toEqual([undefined, 'truncated'])
  expect(server.seen).toHaveLength(2)
})

test('connections are kept, and with keep-alive off each request has its own', async () => {
  const server = await startRawServer((socket, { head }) => {
    answerAtOnce(socket)
    if (/connection: close/i.test(head)) socket.end()
  })
  await ask(planFor(server.url), 4)
  expect(server.connections()).toBe(1)
  await ask(withTarget(planFor(server.url), { keepAlive: false }), 4)
  await server.close()
  expect(server.connections()).toBe(5)
})

test('of connections that stand idle only those that were closed are opened again', async () => {
  const server = await startRawServer(answerAtOnce)
  const { exchangeParts, close } = openExchange(planFor(server.url), openai)
  const { transport } = exchangeParts
  const open = (count: number): Promise<void> => transport.openConnections(count, new AbortController().signal)
  await open(4)
  await Promise.all(Array.from({ length: 4 }, (_, index) => exchange({ ...request, index }, exchangeParts)))
  await open(4)
  await expect.poll(() => server.connections()).toBe(4)
  server.dropConnections()
  // Until we have heard of it.
  await pause(100)
  await open(3)
  await expect.poll(() => server.connections()).toBe(7)
  await close()
  await server.close()
})

test('connections opened beforehand carry the first requests, with nothing to wait for', async () => {
  const server = await startRawServer(answerAtOnce)
  const { exchangeParts, close } = openExchange(planFor(server.url), openai)
  await exchangeParts.transport.openConnections(3, new AbortController().signal)
  await expect.poll(() => server.connections()).toBe(3)
  const requests = Array.from({ length: 3 }, (_, index) => exchange({ ...request, index }, exchangeParts))
  const records = (await Promise.all(requests)).map(({ record }) => record)
  await close()
  await server.close()
  expect(server.connections()).toBe(3)
  for (const record of records) {
    expect(record.failure).toBeUndefined()
    expect(record.connectUs).toBeLessThan(100_000)
  }
})

test('a connection opened beforehand that is closed when it is used is replaced', async () => {
  const server = await startRawServer((socket, { connection }) =>
    connection === 0 ? void socket.destroy() : answerAtOnce(socket),
  )
  const { exchangeParts, close } = openExchange(planFor(server.url), openai)
  await exchangeParts.transport.openConnections(1, new AbortController().signal)
  const { record } = await exchange({ ...request, index: 0 }, exchangeParts)
  await close()
  await server.close()
  expect(record).toMatchObject({ failure: undefined, wasResent: true })
})

test('a stop ends the opening of connections that do not come about', async () => {
  // A peer that takes the TCP connection but never answers the TLS greeting.
  const server = await startRawServer(() => {})
  const { exchangeParts, close } = openExchange(planFor(server.url.replace('http:', 'https:')), openai)
  const stop = new AbortController()
  const startedAt = performance.now()
  setTimeout(() => stop.abort(), 50)
  await exchangeParts.transport.openConnections(200, stop.signal)
  expect(performance.now() - startedAt).toBeLessThan(2000)
  await close()
  await server.close()
})

test('a connection opened beforehand that died meanwhile is replaced', async () => {
  const server = await startRawServer(answerAtOnce)
  const { exchangeParts, close } = openExchange(planFor(server.url), openai)
  await exchangeParts.transport.openConnections(1, new AbortController().signal)
  server.dropConnections()
  await pause(30)
  const { record } = await exchange({ ...request, index: 0 }, exchangeParts)
  await close()
  await server.close()
  expect(record.failure).toBeUndefined()
})

test('a body left open after [DONE] holds the slot for 20 ms, and its socket is closed a second later', async () => {
  let closedAfterMs = Number.NaN
  const server = await startRawServer((socket, { turn, connection }) => {
    if (connection > 0 || turn > 0) return answerAtOnce(socket)
    const openedAt = performance.now()
    socket.on('close', () => (closedAfterMs = performance.now() - openedAt))
    socket.write(streamHead + whole.map(httpChunk).join(''))
  })
  const { exchangeParts, close } = openExchange(planFor(server.url), openai)
  const startedAt = performance.now()
  const { record } = await exchange({ ...request, index: 0 }, exchangeParts)
  expect(record.failure).toBeUndefined()
  expect(performance.now() - startedAt).toBeLessThan(500)
  await expect.poll(() => closedAfterMs, { timeout: 3000 }).toBeGreaterThan(900)
  await close()
  await server.close()
})

test('a host that does not exist and a port that refuses are connect failures', async () => {
  const records = await ask(planFor('http://no-such-host.invalid:1/v1/chat/completions'))
  expect(records[0]?.failure?.kind).toBe('connect')
  const server = await startRawServer(answerAtOnce)
  await server.close()
  const [refused] = await ask(planFor(server.url))
  expect(refused?.failure).toMatchObject({ kind: 'connect', message: expect.stringContaining('ECONNREFUSED') })
})

test('a server that does not accept in time is a connect timeout', async () => {
  // A peer that takes the TCP connection but never answers the TLS greeting.
  const server = await startRawServer(() => {})
  const plan = planFor(server.url.replace('http:', 'https:'))
  const timeouts = { connectMs: 200, readMs: 5000, totalMs: 5000 }
  const [record] = await ask(withTarget(plan, { timeouts }))
  await server.close()
  expect(record?.failure?.kind).toBe('timeout_connect')
})

/** An https server with a certificate that nobody vouches for. */
const startTlsServer = async () => {
  const server = createServer(testCertificate, (_, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.end(whole.join(''))
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  return {
    url: `https://127.0.0.1:${port}/v1/chat/completions`,
    close: async () => {
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    },
  }
}

test('TLS: an untrusted certificate is a tls failure, and accepted with verification off', async () => {
  const server = await startTlsServer()
  const plan = planFor(server.url)
  const [strict] = await ask(plan)
  expect(strict?.failure?.kind).toBe('tls')
  const relaxed = await ask(withTarget(plan, { verifyTls: false }), 2)
  expect(relaxed.map(record => record.failure)).toEqual([undefined, undefined])
  expect(relaxed[0]?.eventsPerReadMax).toBeGreaterThan(1)
  await server.close()
})

test('a proxy is tunnelled through to an https target', async () => {
  const server = await startTlsServer()
  const tunnels: string[] = []
  const proxy = await startRawServer((socket, { head }) => {
    const target = /^CONNECT (\S+):(\d+)/.exec(head)
    if (target === null) return void socket.destroy()
    tunnels.push(`${target[1]}:${target[2]}`)
    const upstream = connect(Number(target[2]), target[1] as string, () => {
      socket.write('HTTP/1.1 200 Connected\r\n\r\n')
      socket.removeAllListeners('data')
      socket.pipe(upstream).pipe(socket)
    })
    upstream.on('error', () => socket.destroy())
  })
  const through = { proxyUrl: new URL(proxy.url).origin, verifyTls: false }
  const records = await ask(withTarget(planFor(server.url), through), 2)
  await proxy.close()
  await server.close()
  expect(records.map(record => record.failure)).toEqual([undefined, undefined])
  expect(tunnels).toEqual([new URL(server.url).host])
  expect(records[0]?.eventsPerReadMax).toBeGreaterThan(1)
})

test('a proxy is asked to forward to an http target, and its reads are stamped', async () => {
  const proxy = await startRawServer(answerAtOnce)
  const target = { proxyUrl: new URL(proxy.url).origin.replace('//', '//user:p%40ss@') }
  const records = await ask(withTarget(planFor('http://model.test:8000/v1/chat/completions?a=b'), target), 2)
  await proxy.close()
  expect(records.map(record => record.failure)).toEqual([undefined, undefined])
  expect(records[0]?.eventsPerReadMax).toBeGreaterThan(1)
  expect(proxy.connections()).toBe(1)
  expect(proxy.seen[1]?.head).toMatch(/^POST http:\/\/model\.test:8000\/v1\/chat\/completions\?a=b HTTP\/1\.1\r\n/)
  expect(proxy.seen[1]?.head).toMatch(/^host: model\.test:8000\r$/m)
  expect(proxy.seen[1]?.head).toContain(`proxy-authorization: Basic ${Buffer.from('user:p@ss').toString('base64')}`)
})
