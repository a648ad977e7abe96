import { expect, test } from 'vitest'
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

const role = event(chatChunk({ role: 'assistant', content: null }))
const text = (content: string): string => event(chatChunk({ content }))
const finish = event(chatChunk({}, 'stop'))
const usage = (prompt: number, completion: number, more: object = {}): string =>
  event({ choices: [], usage: { prompt_tokens: prompt, completion_tokens: completion, ...more } })
const whole = [role, text('A'), text('B'), finish, usage(5, 2), done]

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
  expect((record.ttftUs as number) - (record.firstChunkUs as number)).toBeGreaterThan(15_000)
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
