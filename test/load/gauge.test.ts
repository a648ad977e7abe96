import { expect, test } from 'vitest'
import { Gauge, gaugeMemory } from '../../src/load/gauge.ts'

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
