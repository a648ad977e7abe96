import { createServer as createTlsServer } from 'node:tls'
import { describe, expect, test } from 'vitest'
import { openai } from '../../src/apis/openai.ts'
import { nowMs } from '../../src/load/clock.ts'
import { exchange } from '../../src/load/exchange.ts'
import { openExchange } from '../../src/load/open-exchange.ts'
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

// Chunks within a stream are told up to 0.5 s after they were read; nobody may see that.

const word = (content: string): string => httpChunk(event(chatChunk({ content })))
const end = httpChunk(event(chatChunk({}, 'stop')) + done) + lastChunk

/** Words 12 ms apart, then `then`. */
const writeWords = async (socket: { write(text: string): unknown }, count: number): Promise<void> => {
  socket.write(streamHead + word('0'))
  for (let index = 1; index < count; index++) {
    await pause(12)
    socket.write(word(String(index)))
  }
}

describe('reads that wait', () => {
  test('have the stamps of their arrival', async () => {
    const server = await startRawServer(async socket => {
      await writeWords(socket, 12)
      await pause(12)
      socket.write(end)
    })
    const [record] = await ask(planFor(server.url))
    await server.close()
    expect(record?.failure).toBeUndefined()
    expect(record?.chunkCount).toBe(12)
    // By the time of telling they would all be 0.
    expect(record?.gapsUs.filter(gapUs => gapUs > 5000)).toHaveLength(11)
    expect(record?.eventsPerReadMax).toBe(2)
  })

  test('are told before the connection breaks', async () => {
    const server = await startRawServer(async socket => {
      await writeWords(socket, 3)
      await pause(5)
      socket.resetAndDestroy()
    })
    const [record] = await ask(planFor(server.url))
    await server.close()
    expect(record).toMatchObject({ chunkCount: 3, failure: { kind: 'truncated' } })
  })

  test('are told before the server closes', async () => {
    const server = await startRawServer(async socket => {
      await writeWords(socket, 3)
      socket.end()
    })
    const [record] = await ask(planFor(server.url))
    await server.close()
    expect(record).toMatchObject({ chunkCount: 3, failure: { kind: 'truncated' } })
  })

  test('are told before a time limit is judged', async () => {
    const server = await startRawServer(socket => writeWords(socket, 40))
    const base = planFor(server.url)
    const timeouts = { connectMs: 1000, readMs: 150, totalMs: 300 }
    const [record] = await ask({ ...base, target: { ...base.target, timeouts } })
    await server.close()
    expect(record?.failure?.kind).toBe('timeout_total')
    expect(record?.chunkCount).toBeGreaterThan(8)
  })

  test('are told before a request is cut off', async () => {
    const server = await startRawServer(socket => writeWords(socket, 3))
    const { exchangeParts, cut, close } = openExchange(planFor(server.url), openai)
    const request = {
      index: 0,
      phase: 'measured',
      requestId: 'test',
      conversationId: 'bench-0',
      turn: 1,
      isLastTurn: true,
      body: '{"stream":true}',
      asksStream: true,
      scheduledMs: nowMs(),
      slotWaitMs: undefined,
    } as const
    const running = exchange(request, exchangeParts)
    await pause(55)
    cut('enough')
    const { record } = await running
    await close()
    await server.close()
    expect(record).toMatchObject({ chunkCount: 3, failure: { kind: 'aborted' } })
  })

  test('wait no longer than for [DONE]', async () => {
    let doneMs = 0
    const server = await startRawServer(async socket => {
      await writeWords(socket, 3)
      doneMs = performance.now()
      socket.write(end)
    })
    await ask(planFor(server.url))
    expect(performance.now() - doneMs).toBeLessThan(40)
    await server.close()
  })
})

test('over TLS reads have the stamps of their arrival, and are told before the connection breaks', async () => {
  const server = createTlsServer(testCertificate, socket => {
    socket.setNoDelay(true)
    socket.on('error', () => socket.destroy())
    const answer = async (): Promise<void> => {
      await writeWords(socket, 4)
      socket.write(word('4') + word('5'))
      await pause(5)
      socket.destroy()
    }
    socket.once('data', () => void answer())
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  const base = planFor(`https://localhost:${port}/v1/chat/completions`)
  const [record] = await ask({ ...base, target: { ...base.target, verifyTls: false } })
  server.close()
  expect(record).toMatchObject({ chunkCount: 6, failure: { kind: 'truncated' } })
  expect(record?.gapsUs.filter(gapUs => gapUs > 5000)).toHaveLength(3)
  expect(record?.gapsUs.at(-1)).toBe(0)
})
