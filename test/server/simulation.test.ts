import { request } from 'node:http'
import { connect } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import type { SimulationKnobs } from '../../src/server/knobs.ts'
import { type SimulatedServer, startSimulatedServer } from '../../src/server/simulated.ts'
import { ask, eventsOf, eventually, fastKnobs, summaryOf, truthOf } from './client.ts'

const servers: SimulatedServer[] = []
afterEach(async () => {
  await Promise.all(servers.splice(0).map(server => server.close()))
})

const start = async (knobs: Partial<SimulationKnobs>): Promise<SimulatedServer> => {
  const server = await startSimulatedServer({ knobs: { ...fastKnobs, ...knobs } })
  servers.push(server)
  return server
}

const body = { model: 'm', messages: [{ role: 'user', content: 'hi' }], stream: true, max_tokens: 5, ignore_eos: true }
const path = '/v1/chat/completions'

test('the truth of a request is kept under its own id, which the answer repeats', async () => {
  const server = await start({ itlMs: 5, prefillBaseMs: 10 })
  const beforeMs = Number(process.hrtime.bigint()) / 1e6
  const answer = await ask(server, path, body, 'my id/1')
  const afterMs = Number(process.hrtime.bigint()) / 1e6
  expect(answer.headers.get('x-request-id')).toBe('my id/1')
  const truth = await truthOf(server, 'my id/1')
  expect(truth).toMatchObject({ requestId: 'my id/1', promptTokens: 1, outputTokens: 5, outcome: 'done' })
  expect(truth.receivedMs).toBeGreaterThan(beforeMs)
  expect(truth.writtenMs.at(-1)).toBeLessThan(afterMs)
  const sinceReceived = truth.scheduledMs.map(due => due - truth.receivedMs)
  for (const [token, dueMs] of [10, 15, 20, 25, 30].entries()) expect(sinceReceived[token]).toBeCloseTo(dueMs, 2)
  for (const [token, dueMs] of truth.scheduledMs.entries()) expect(truth.writtenMs[token]).toBeGreaterThanOrEqual(dueMs)
})

test('a request without an id is given one', async () => {
  const server = await start({})
  const { headers } = await ask(server, path, { ...body, stream: false })
  const truth = await truthOf(server, headers.get('x-request-id') ?? '')
  expect(truth).toMatchObject({ outcome: 'done', outputTokens: 5 })
  // One piece, one write.
  expect(truth.writtenMs).toHaveLength(1)
})

test('requests beyond the places wait in order, and the gauge counts them all', async () => {
  const server = await start({ itlMs: 100, maxBatch: 2 })
  const answers: Promise<unknown>[] = []
  for (const id of ['0', '1', '2', '3', '4']) {
    // The first two are to last until all have come.
    answers.push(ask(server, path, { ...body, max_tokens: Number(id) < 2 ? 8 : 2 }, id))
    await eventually(async () => (await summaryOf(server)).requests === Number(id) + 1)
  }
  expect(await summaryOf(server)).toMatchObject({ inFlight: 5, queued: 3 })
  await Promise.all(answers)
  expect(await summaryOf(server)).toMatchObject({ requests: 5, inFlight: 0, maxInFlight: 5, queued: 0, writes: 22 })
  const truths = await Promise.all(['0', '1', '2', '3', '4'].map(id => truthOf(server, id)))
  const [firsts, lasts] = [truths.map(truth => truth.scheduledMs[0]), truths.map(truth => truth.scheduledMs.at(-1))]
  // With no prefill a waiting request starts at the very moment at which a place becomes free.
  expect([firsts[2], firsts[3], firsts[4]]).toEqual([lasts[0], lasts[1], lasts[2]])
})

test('a client that hangs up leaves its place to the next', async () => {
  const server = await start({ itlMs: 1000, maxBatch: 1 })
  const abandoned = new AbortController()
  const first = fetch(server.url + path, {
    method: 'POST',
    headers: { 'x-request-id': 'gone' },
    body: JSON.stringify(body),
    signal: abandoned.signal,
  })
  await first
  const second = ask(server, path, { ...body, max_tokens: 1 })
  await eventually(async () => (await summaryOf(server)).queued === 1)
  abandoned.abort()
  // Its five tokens would have taken four seconds.
  await second
  expect(await truthOf(server, 'gone')).toMatchObject({ outcome: 'aborted', outputTokens: 5 })
  expect(await summaryOf(server)).toMatchObject({ inFlight: 0, queued: 0 })
}, 3000)

test('seeded errors hit the same requests on every server with this seed', async () => {
  const fates = async (seed: number): Promise<string[]> => {
    const server = await start({ errorRate: 0.5, seed })
    const seen: string[] = []
    for (let count = 0; count < 24; count++) {
      const { status, text } = await ask(server, path, body)
      seen.push(status === 200 ? (text.includes('"error"') ? 'inband' : 'ok') : `${status}`)
    }
    return seen
  }
  const [first, again, other] = [await fates(1), await fates(1), await fates(2)]
  expect(again).toEqual(first)
  expect(other).not.toEqual(first)
  expect(new Set(first)).toEqual(new Set(['ok', 'inband', '500']))
})

test('a failing request is answered in the form of the protocol, whole or midway', async () => {
  const server = await start({ errorRate: 1, seed: 3 })
  const whole = await ask(server, path, { ...body, stream: false }, 'whole')
  expect([whole.status, whole.json.error.type]).toEqual([500, 'server_error'])
  expect(await truthOf(server, 'whole')).toMatchObject({ outcome: 'failed', writtenMs: [] })
  let midway = await ask(server, path, body, 'midway')
  for (let tries = 0; midway.status === 500 && tries < 50; tries++) midway = await ask(server, path, body, 'midway')
  const events = eventsOf(midway.text)
  // Role, three of five tokens, the error.
  expect(events).toHaveLength(6)
  expect(events.at(-2)).toEqual({
    error: { message: 'simulated failure midway', type: 'server_error', param: null, code: 500 },
  })
  expect(events.at(-1)).toBe('[DONE]')
  expect(await truthOf(server, 'midway')).toMatchObject({ outcome: 'failed', outputTokens: 3 })
})

test('connections are kept alive, longer than clients keep theirs', async () => {
  const server = await start({})
  const socket = connect(server.port, '127.0.0.1')
  let received = ''
  socket.on('data', part => {
    received += part.toString()
  })
  const post = (): boolean => {
    const json = JSON.stringify(body)
    return socket.write(`POST ${path} HTTP/1.1\r\nhost: x\r\ncontent-length: ${json.length}\r\n\r\n${json}`)
  }
  const answers = (): number => received.split('data: [DONE]\n\n\r\n0\r\n\r\n').length - 1
  for (const count of [1, 2, 3]) {
    post()
    await eventually(async () => answers() === count)
  }
  expect(Number(/keep-alive: timeout=(\d+)/i.exec(received)?.[1])).toBeGreaterThanOrEqual(60)
  // Pipelined: the second answer must not mix with the first.
  post()
  post()
  await eventually(async () => answers() === 5)
  expect(received.split('HTTP/1.1 200 OK')).toHaveLength(6)
  socket.destroy()
})

test('a client of HTTP/1.0 gets the plain stream', async () => {
  const server = await start({})
  const socket = connect(server.port, '127.0.0.1')
  let received = ''
  const ended = new Promise(resolve => socket.once('close', resolve))
  socket.on('data', part => {
    received += part.toString()
  })
  const json = JSON.stringify(body)
  socket.write(`POST ${path} HTTP/1.0\r\ncontent-length: ${json.length}\r\n\r\n${json}`)
  await ended
  expect(eventsOf(received.split('\r\n\r\n')[1] ?? '')).toHaveLength(8)
})

test('closing breaks off what is in flight and frees the port at once', async () => {
  const server = await startSimulatedServer({ knobs: { ...fastKnobs, itlMs: 60_000, prefillBaseMs: 60_000 } })
  const broken = new Promise(resolve => {
    request(`${server.url}${path}`, { method: 'POST' }, response => response.on('error', resolve).resume())
      .on('error', resolve)
      .end(JSON.stringify(body))
  })
  await eventually(async () => (await summaryOf(server)).inFlight === 1)
  const startMs = performance.now()
  await server.close()
  await broken
  expect(performance.now() - startMs).toBeLessThan(1000)
  const successor = await startSimulatedServer({ port: server.port })
  await successor.close()
})

test('a port in use rejects with the system error', async () => {
  const server = await start({})
  await expect(startSimulatedServer({ port: server.port })).rejects.toMatchObject({ code: 'EADDRINUSE' })
})
