import { expect, test } from 'vitest'
import { epochUs } from '../../src/load/clock.ts'
import { SlotPauses } from '../../src/load/slot-pauses.ts'

/** The next full second on the monotonic clock, in ms, and since the epoch. */
const fullSecond = () => {
  const second = Math.ceil(epochUs(0) / 1e6)
  return { ms: (second * 1e6 - epochUs(0)) / 1000, second }
}

test('pauses are counted in the seconds in which they were', () => {
  const { ms, second } = fullSecond()
  const pauses = new SlotPauses()
  expect(pauses.read()).toBeUndefined()
  pauses.add(ms + 1900, ms + 2300)
  pauses.add(ms + 200, ms + 300)
  pauses.add(ms + 800, ms + 2100)
  const rounded = pauses.read()?.map(([at, us]) => [at - second, Math.round(us / 1000)])
  expect(rounded).toEqual([
    [0, 300],
    [1, 1100],
    [2, 400],
  ])
})
