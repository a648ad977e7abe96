import { expect, test } from 'vitest'
import { Gauge } from '../../src/load/gauge.ts'

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
