import { expect, test } from 'vitest'
import { ollama } from '../../src/apis/ollama.ts'
import { nowMs } from '../../src/load/clock.ts'
import { exchange } from '../../src/load/exchange.ts'
import { openExchange } from '../../src/load/open-exchange.ts'
import type { RequestRecord } from '../../src/model/record.ts'
import { planFor } from '../support/ask.ts'
import { httpChunk, lastChunk, pause, startRawServer } from '../support/raw-server.ts'

const line = (content: string, more: object = { done: false }): string =>
  httpChunk(`${JSON.stringify({ message: { role: 'assistant', content }, ...more })}\n`)
const last = line('', { done: true, prompt_eval_count: 3, eval_count: 4 })
const head = (type: string): string => `HTTP/1.1 200 OK\r\ncontent-type: ${type}\r\ntransfer-encoding: chunked\r\n\r\n`

interface Heard {
  readonly record: RequestRecord
  /** From the answer's end as the server wrote it until each read was told, in ms; negative before. */
  readonly toldMs: readonly number[]
  readonly endedMs: number
  /** The same until the moment that the record has as its end. */
  readonly recordEndMs: number
}

/** Four words 20 ms apart, the last line `lastAfterMs` later, and `endAfterMs` after that the end of the body. */
const hear = async (type: string, endAfterMs: number): Promise<Heard> => {
  let writtenMs = 0
  const server = await startRawServer(async socket => {
    socket.write(head(type))
    for (const word of ['a', 'b', 'c', 'd']) {
      await pause(20)
      socket.write(line(word))
    }
    await pause(20)
    socket.write(last)
    await pause(endAfterMs)
    writtenMs = nowMs()
    socket.write(lastChunk)
  })
  const told: number[] = []
  const trace = { sent: () => undefined, received: () => told.push(nowMs()), ended: () => undefined }
  const { exchangeParts, close } = openExchange(planFor(server.url), ollama, trace)
  const sentMs = nowMs()
  const { record } = await exchange(
    {
      ...{ index: 0, phase: 'measured', requestId: 'test', conversationId: 'bench-0', turn: 1, isLastTurn: true },
      ...{ body: '{}', asksStream: true, scheduledMs: sentMs, slotWaitMs: undefined },
    },
    exchangeParts,
  )
  const endedMs = nowMs() - writtenMs
  await close()
  await server.close()
  const recordEndMs = sentMs + (record.endUs - record.sentUs) / 1000 - writtenMs
  return { record, toldMs: told.map(timeMs => timeMs - writtenMs), endedMs, recordEndMs }
}

test('lines wait to be told together, and have the stamps of their arrival', async () => {
  const { record, toldMs, endedMs } = await hear('application/x-ndjson', 5)
  expect(record).toMatchObject({ failure: undefined, chunkCount: 4, inputTokens: 3, outputTokens: 4 })
  expect(record.gapsUs.filter(gapUs => gapUs > 12_000)).toHaveLength(3)
  expect(record.eventsPerReadMax).toBe(1)
  // The first word came 85 ms before the end of the body, and the last line 5.
  expect(toldMs).toHaveLength(5)
  expect(Math.min(...toldMs)).toBeGreaterThan(-20)
  expect(endedMs).toBeLessThan(150)
})

test('the last line waits no longer than for the end of the body, and its own stamp ends the answer', async () => {
  const { endedMs, recordEndMs } = await hear('application/x-ndjson', 60)
  expect(recordEndMs).toBeLessThan(-30)
  expect(endedMs).toBeLessThan(150)
})

test('lines that nothing marks as such are told as they come', async () => {
  const { record, toldMs } = await hear('application/json', 5)
  expect(record).toMatchObject({ failure: undefined, chunkCount: 4 })
  expect(Math.min(...toldMs)).toBeLessThan(-60)
})
