import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Dataset } from '../../src/datasets/dataset.ts'
import { PromptWaits } from '../../src/load/prompt-waits.ts'
import type { LoadShape } from '../../src/model/run-plan.ts'
import { planFor } from '../support/ask.ts'
import { type ChatServer, startChatServer } from '../support/chat-server.ts'
import { load } from '../support/load.ts'

/** Gives the first `quick` prompts at once, and then, from the first request on, one each `eachMs`. */
const slowAfter = (quick: number, eachMs: number, arrivalMs?: (index: number) => number): Dataset => ({
  names: ['slow'],
  async *open() {
    for (let index = 0; ; index++) {
      while (index === quick && server.seen.length === 0) await sleep(1)
      if (index >= quick) await sleep(eachMs)
      const prompt = { kind: 'messages', messages: [{ role: 'user', content: 'hello' }] } as const
      yield { turns: [{ prompt }], ...(arrivalMs && { arrivalMs: arrivalMs(index) }) }
    }
  },
})

let server: ChatServer
beforeEach(async () => {
  server = await startChatServer({ tokens: 1 })
})
afterEach(() => server.close())

const waitsOf = async (shape: LoadShape, dataset: Dataset, number = 6) => {
  const plan = planFor(`${server.url}/v1/chat/completions`, { number, load: shape })
  const { records, watch } = await load(plan, { dataset, enough: 2 })
  expect(records).toHaveLength(number)
  return watch.waits.read()
}
const open = (ratePerSec: number): LoadShape => ({ kind: 'open', pacing: { ratePerSec, arrival: 'constant' } })

describe('requests that wait for their prompts are counted, with how long', () => {
  test('in a closed loop from when their slot is free', async () => {
    const { requests, totalMs, maxMs } = await waitsOf({ kind: 'closed', concurrency: 2 }, slowAfter(2, 40))
    expect(requests).toBe(4)
    // Two slots wait for what comes each 40 ms, so for up to 80, and some longer on a busy machine.
    expect(maxMs).toBeGreaterThan(40)
    expect(maxMs).toBeLessThan(400)
    expect(totalMs).toBeGreaterThan(120)
  })

  test('in an open loop from when they are wanted', async () => {
    const { requests, maxMs } = await waitsOf(open(100), slowAfter(2, 60))
    // The third is wanted at 20 ms and there at 60 or a little later; each after it waits for 50 ms more.
    expect(requests).toBe(4)
    expect(maxMs).toBeGreaterThan(130)
    expect(maxMs).toBeLessThan(600)
  })

  test('with times of their own from these on', async () => {
    const { requests } = await waitsOf(
      { kind: 'trace' },
      slowAfter(2, 60, index => index * 10),
    )
    expect(requests).toBe(4)
  })

  test('not where they are there in time, though they are made one by one', async () => {
    const early = await waitsOf(open(10), slowAfter(2, 20), 5)
    expect(early).toEqual({ requests: 0, totalMs: 0, maxMs: 0 })
  })

  test('not where all slots are taken meanwhile', async () => {
    await server.close()
    server = await startChatServer({ tokens: 1, tokenMs: 150 })
    const pacing = { ratePerSec: 100, arrival: 'constant' } as const
    const { requests } = await waitsOf({ kind: 'closed', concurrency: 1, pacing }, slowAfter(2, 30), 4)
    expect(requests).toBe(0)
  })
})

test('what takes less than a millisecond is no wait', () => {
  const waits = new PromptWaits()
  for (const waitMs of [-3, 0, 0.99]) waits.add(waitMs)
  expect(waits.read()).toEqual({ requests: 0, totalMs: 0, maxMs: 0 })
  for (const waitMs of [5, 2, 3]) waits.add(waitMs)
  expect(waits.read()).toEqual({ requests: 3, totalMs: 10, maxMs: 5 })
})
