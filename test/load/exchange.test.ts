import { createServer } from 'node:https'
import type { Socket } from 'node:net'
import { connect } from 'node:net'
import { expect, test } from 'vitest'
import { openai } from '../../src/apis/openai.ts'
import { openExchange } from '../../src/load/engine.ts'
import { exchange } from '../../src/load/exchange.ts'
import type { RunPlan } from '../../src/model/run-plan.ts'
import { ask, planFor } from '../support/ask.ts'
import {
  chatChunk,
  done,
  event,
  httpChunk,
  lastChunk,
  pause,
  plainAnswer,
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
} as const
const withTarget = (plan: RunPlan, change: Partial<RunPlan['target']>): RunPlan => ({
  ...plan,
  target: { ...plan.target, ...change },
})

test('three HTTP chunks in one write share one stamp', async () => {
  const server = await startRawServer(async socket => {
    socket.write(streamHead + httpChunk(role))
    await pause(40)
    socket.write(['A', 'B', 'C'].map(letter => httpChunk(text(letter))).join(''))
    await pause(40)
    socket.write(httpChunk(finish) + httpChunk(done) + lastChunk)
  })
  const [record] = await ask(planFor(server.url))
  await server.close()
  expect(record?.failure).toBeUndefined()
  expect(record?.gapsUs).toEqual([0, 0])
  expect(record?.eventsPerReadMax).toBe(3)
  expect(record?.chunkCount).toBe(3)
})

test('TTFT is the first output, not the role chunk; latency ends at the last event before [DONE]', async () => {
  const server = await startRawServer(async socket => {
    socket.write(streamHead + httpChunk(role))
    for (const part of [text('A'), text('B'), finish, usage(5, 2), done]) {
      await pause(30)
      socket.write(httpChunk(part))
    }
    await pause(15)
    socket.write(lastChunk)
  })
  const [record] = await ask(planFor(server.url))
  await server.close()
  if (record === undefined) throw new Error('no record')
  const latencyMs = (record.endUs - record.sentUs) / 1000
  expect((record.ttftUs as number) - (record.firstChunkUs as number)).toBeGreaterThan(25_000)
  expect(record.gapsUs).toHaveLength(1)
  expect(latencyMs).toBeGreaterThan(115)
  expect(latencyMs).toBeLessThan((record.ttftUs as number) / 1000 + 30 * 4)
  expect([record.inputTokens, record.outputTokens, record.tokenSource]).toEqual([5, 2, 'usage'])
})

test('reasoning counts for TTFT, the answer for TTFAT; cached and reasoning tokens are read', async () => {
  const server = await startRawServer(async socket => {
    socket.write(streamHead + httpChunk(event(chatChunk({ reasoning_content: 'think' }))))
    await pause(40)
    const details = { prompt_tokens_details: { cached_tokens: 3 }, completion_tokens_details: { reasoning_tokens: 1 } }
    socket.write([text('ans'), finish, usage(5, 4, details), done].map(httpChunk).join('') + lastChunk)
  })
  const [record] = await ask(planFor(server.url))
  await server.close()
  expect((record?.ttfatUs as number) - (record?.ttftUs as number)).toBeGreaterThan(35_000)
  expect([record?.cachedTokens, record?.reasoningTokens]).toEqual([3, 1])
})

test('a stream that trickles in byte by byte gives the same figures', async () => {
  const server = await startRawServer(async socket => {
    const bytes = Buffer.from(streamHead + whole.map(httpChunk).join('') + lastChunk)
    for (const byte of bytes) {
      socket.write(Buffer.of(byte))
      await new Promise(resolve => setImmediate(resolve))
    }
  })
  const [record] = await ask(planFor(server.url))
  await server.close()
  expect(record).toMatchObject({ failure: undefined, chunkCount: 2, inputTokens: 5, outputTokens: 2 })
})

test('a tool call is output', async () => {
  const call = event(chatChunk({ tool_calls: [{ index: 0, function: { name: 'f', arguments: '{' } }] }))
  const server = await startRawServer(socket => {
    socket.write(
      streamHead + [role, call, event(chatChunk({}, 'tool_calls')), done].map(httpChunk).join('') + lastChunk,
    )
  })
  const [record] = await ask(planFor(server.url))
  await server.close()
  expect(record?.failure).toBeUndefined()
  expect(record?.chunkCount).toBe(1)
})

test('tokens without text make the finish event the output', async () => {
  const server = await startRawServer(socket => {
    socket.write(streamHead + [role, finish, usage(5, 1), done].map(httpChunk).join('') + lastChunk)
  })
  const [record] = await ask(planFor(server.url))
  await server.close()
  expect(record?.failure).toBeUndefined()
  expect(record?.ttftUs).toBeDefined()
})

test('an unstreamed answer has a latency to the end of its body and no TTFT', async () => {
  const body = {
    choices: [{ message: { content: 'AB' }, finish_reason: 'stop' }],
    usage: { prompt_tokens: 5, completion_tokens: 2 },
  }
  const server = await startRawServer(async socket => {
    const answer = plainAnswer('200 OK', 'application/json', JSON.stringify(body))
    socket.write(answer.slice(0, -5))
    await pause(60)
    socket.write(answer.slice(-5))
  })
  const [record] = await ask(planFor(server.url))
  await server.close()
  expect(record?.failure).toBeUndefined()
  expect([record?.isStream, record?.ttftUs, record?.outputTokens]).toEqual([false, undefined, 2])
  expect((record?.endUs as number) - (record?.sentUs as number)).toBeGreaterThan(55_000)
  expect(record?.responseJson).toBe(`[${JSON.stringify(body)}]`)
})

test('what had arrived before a reset is kept', async () => {
  const server = await startRawServer(async socket => {
    socket.write(streamHead + httpChunk(text('A')) + httpChunk(text('B')))
    await pause(30)
    socket.resetAndDestroy()
  })
  const [record] = await ask(planFor(server.url))
  await server.close()
  expect(record?.failure?.kind).toBe('truncated')
  expect(record?.chunkCount).toBe(2)
  expect(record?.responseJson).toContain('"A"')
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

test('connections opened beforehand carry the first requests, with nothing to wait for', async () => {
  const server = await startRawServer(answerAtOnce)
  const { exchangeParts, close } = openExchange(planFor(server.url), openai)
  await exchangeParts.transport.openConnections(3)
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

test('a connection opened beforehand that died meanwhile is replaced', async () => {
  const server = await startRawServer(answerAtOnce)
  const { exchangeParts, close } = openExchange(planFor(server.url), openai)
  await exchangeParts.transport.openConnections(1)
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

test('TLS: an untrusted certificate is a tls failure, and accepted with verification off', async () => {
  const server = createServer(testCertificate, (_, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.end(whole.join(''))
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  const plan = planFor(`https://127.0.0.1:${port}/v1/chat/completions`)
  const [strict] = await ask(plan)
  expect(strict?.failure?.kind).toBe('tls')
  const relaxed = await ask(withTarget(plan, { verifyTls: false }), 2)
  expect(relaxed.map(record => record.failure)).toEqual([undefined, undefined])
  expect(relaxed[0]?.eventsPerReadMax).toBeGreaterThan(1)
  server.closeAllConnections()
  await new Promise(resolve => server.close(resolve))
})

test('a proxy is tunnelled through', async () => {
  const server = await startRawServer(answerAtOnce)
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
  const records = await ask(withTarget(planFor(server.url), { proxyUrl: new URL(proxy.url).origin }), 2)
  await proxy.close()
  await server.close()
  expect(records.map(record => record.failure)).toEqual([undefined, undefined])
  expect(tunnels).toEqual([new URL(server.url).host])
  expect(records[0]?.eventsPerReadMax).toBeGreaterThan(1)
})
