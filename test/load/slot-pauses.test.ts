import { expect, test } from 'vitest'
import { epochUs } from '../../src/load/clock.ts'
import { SlotPauses } from '../../src/load/slot-pauses.ts'
import { planFor } from '../support/ask.ts'
import { startChatServer } from '../support/chat-server.ts'
import { load } from '../support/load.ts'

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

test('slots of a closed loop that get no connection pause, each 10 ms and then twice as long', async () => {
  const gone = await startChatServer()
  await gone.close()
  const plan = planFor(`${gone.url}/v1/chat/completions`, { number: 6, load: { kind: 'closed', concurrency: 2 } })
  const { records, watch } = await load(plan)
  expect(records.map(({ failure }) => failure?.kind)).toEqual(Array(6).fill('connect'))
  const pausedMs = (watch.pauses.read() ?? []).reduce((sum, [, us]) => sum + us / 1000, 0)
  // Three requests a slot, and a pause after each: 10 + 20 + 40 ms, twice, if both take as many.
  expect(pausedMs).toBeGreaterThan(120)
  expect(pausedMs).toBeLessThan(400)
})
