import { expect, test } from 'vitest'
import { Gauge, gaugeMemory } from '../../src/load/gauge.ts'
import type { GaugeReading } from '../../src/model/result.ts'
import { planFor } from '../support/ask.ts'
import { load } from '../support/load.ts'
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

const answer = event(chatChunk({ content: 'A' }, 'stop'))
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)

test('the gauge gives mean and most requests in flight over the time from the first start to the last end', () => {
  const gauge = new Gauge()
  expect(gauge.read()).toBeUndefined()
  gauge.began(1000)
  gauge.began(1100)
  gauge.ended(1300)
  gauge.ended(1400)
  // Nothing for 100 ms, then one for 100 ms.
  gauge.began(1500)
  gauge.ended(1600)
  expect(gauge.read()).toEqual({ mean: (100 + 2 * 200 + 100 + 100) / 600, max: 2 })
  expect(gauge).toMatchObject({ inFlight: 0 })
})

test('what a server keeps a body open for is not in flight, and ends no span', () => {
  const gauge = new Gauge()
  gauge.began(1000)
  gauge.ended(1400, 300)
  expect(gauge.read()).toEqual({ mean: 1, max: 1 })
  gauge.began(1500)
  gauge.ended(1900, 300)
  expect(gauge.read()).toEqual({ mean: 200 / 600, max: 1 })
})

test.each([
  ['[DONE]', [httpChunk(answer), httpChunk(done) + lastChunk]],
  ['the end of the body', [httpChunk(answer), lastChunk]],
  ['the end of the body after [DONE]', [httpChunk(answer + done), lastChunk]],
])('a server that waits before %s is not taken for work of ours', async (_, [begin = '', end = '']) => {
  const server = await startRawServer(async socket => {
    socket.write(streamHead + begin)
    await pause(150)
    socket.write(end)
  })
  const { watch, records } = await load(planFor(server.url, { number: 2 }))
  await server.close()
  const latencyMs = sum(records.map(record => (record.endUs - record.sentUs) / 1000))
  const spanMs = ((records[1]?.endUs ?? 0) - (records[0]?.sentUs ?? 0)) / 1000
  const gauge = watch.gauge.read() as GaugeReading
  expect(latencyMs).toBeLessThan(150)
  // Ours is the working off: some ms, of the 150 that were waited.
  expect(gauge.mean * spanMs).toBeLessThan(latencyMs + 40)
  expect(gauge.mean * spanMs).toBeGreaterThan(latencyMs - 1)
})

test('gauges that share a memory count together, in whatever order their threads run', () => {
  const memory = gaugeMemory(3)
  const [first, second] = [new Gauge(memory, 0), new Gauge(memory, 1)]
  first.began(1000)
  first.began(1010)
  // Its thread was held up: a moment before the last one counted.
  second.began(1005)
  expect(first.inFlight).toBe(3)
  second.ended(1105)
  first.ended(1110)
  first.ended(1200)
  expect(second.inFlight).toBe(0)
  // A third thread that counts nothing changes nothing.
  expect(new Gauge(memory, 2).read()).toEqual({ mean: (100 + 200 + 100) / 200, max: 3 })
})
