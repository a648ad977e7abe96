import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { ArgumentsError } from '../../src/errors.ts'
import { Delivery } from '../../src/visualizers/delivery.ts'
import { type Logged, type LoggedRow, ServiceRefusal, type VisualizerClient } from '../../src/visualizers/visualizer.ts'
import { benchmark, someItems } from './items.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const limits = { requestMs: 1000, flushMs: 1500, pausesMs: [100, 200] }

/** A service that keeps what it gets, and does what `acts` say first. */
const startFake = (acts: Partial<Pick<VisualizerClient, 'logIn' | 'begin' | 'send' | 'finish'>> = {}) => {
  const got: Logged[] = []
  const said: string[] = []
  const calls: string[] = []
  const client: VisualizerClient = {
    service: 'wandb',
    logIn: async signal => {
      calls.push('logIn')
      await acts.logIn?.(signal)
    },
    begin: async (told, signal) => {
      calls.push('begin')
      return acts.begin?.(told, signal)
    },
    send: async (batch, signal) => {
      calls.push('send')
      const missing = await acts.send?.(batch, signal)
      got.push(...batch)
      return missing
    },
    finish: async (isComplete, signal) => {
      calls.push(`finish ${isComplete}`)
      await acts.finish?.(isComplete, signal)
    },
    close: () => void calls.push('close'),
  }
  const mask = (text: string): string => text.replaceAll('secret-key', '***')
  const stopping = new AbortController()
  const delivery = new Delivery(client, { say: line => said.push(line), mask, limits, stop: stopping.signal })
  return { got, said, calls, delivery, stop: () => stopping.abort() }
}

const rows = (count: number): readonly LoggedRow[] =>
  Array.from({ length: count }, (_, step) => ({ kind: 'row', step, epochMs: step, figures: {} }))

/** Waits for a promise while the clock goes on. */
const over = async (work: Promise<unknown>): Promise<void> => {
  const settled = Promise.allSettled([work])
  await vi.advanceTimersByTimeAsync(20_000)
  await settled
}

test('what is put arrives in order, and the run there ends', async () => {
  const { got, said, calls, delivery } = startFake({ begin: async () => 'https://page' })
  await delivery.logIn()
  await delivery.begin(benchmark)
  delivery.put(...someItems.slice(0, 1))
  delivery.put(...someItems.slice(1))
  await delivery.close(true)
  expect(got).toEqual(someItems)
  expect(said).toEqual(['wandb: https://page'])
  expect([calls.at(0), calls.at(1), calls.at(-2), calls.at(-1)]).toEqual(['logIn', 'begin', 'finish true', 'close'])
})

test.each(['logIn', 'begin'] as const)(
  'a service that refuses at %s is a mistake to mend before the first run',
  async at => {
    const refuse = async (): Promise<undefined> => {
      throw new ServiceRefusal('HTTP 401: secret-key is unknown')
    }
    const { calls, delivery } = startFake({ [at]: refuse })
    const start = delivery.logIn().then(() => delivery.begin(benchmark))
    await expect(start).rejects.toThrow(/^wandb refuses: HTTP 401: \*\*\* is unknown; /)
    await expect(start).rejects.toThrow(ArgumentsError)
    expect(calls.at(-1)).toBe('close')
  },
)

test('one that does not answer in time costs a line and a second, and gets everything once it does', async () => {
  let answers = false
  const logIn = (signal: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      if (answers) return resolve()
      signal.addEventListener('abort', () => reject(signal.reason))
    })
  const { got, said, delivery } = startFake({ logIn })
  const waiting = delivery.logIn()
  await vi.advanceTimersByTimeAsync(1000)
  await waiting
  expect(said).toEqual(['wandb does not answer (no answer within 1 s): it is tried again while the load runs'])
  await delivery.begin(benchmark)
  delivery.put(...someItems)
  answers = true
  await over(delivery.close(true))
  expect(got).toEqual(someItems)
})

test('a send that fails is tried again as it was', async () => {
  let failures = 2
  const send = async (): Promise<undefined> => {
    if (failures-- > 0) throw new Error('HTTP 503')
  }
  const { got, said, delivery } = startFake({ send })
  await delivery.logIn()
  await delivery.begin(benchmark)
  delivery.put(...someItems)
  await vi.advanceTimersByTimeAsync(400)
  expect(got).toEqual(someItems)
  expect(said).toEqual([])
  await delivery.close(true)
})

test('after the last try it says one line and is quiet', async () => {
  const send = async (): Promise<undefined> => {
    throw new Error('HTTP 503: secret-key')
  }
  const { said, calls, delivery } = startFake({ send })
  await delivery.logIn()
  await delivery.begin(benchmark)
  delivery.put(...someItems)
  await vi.advanceTimersByTimeAsync(1000)
  delivery.put(...someItems)
  await vi.advanceTimersByTimeAsync(10_000)
  await delivery.close(true)
  expect(calls.filter(call => call === 'send')).toHaveLength(3)
  expect(said).toEqual(['wandb failed (HTTP 503: ***): nothing more is sent there; the results here are whole'])
})

test('the end waits no longer than its limit', async () => {
  const send = (_: unknown, signal: AbortSignal): Promise<undefined> =>
    new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
  const { said, calls, delivery } = startFake({ send })
  await delivery.logIn()
  await delivery.begin(benchmark)
  delivery.put(...someItems)
  let isClosed = false
  const closing = delivery.close(true).then(() => {
    isClosed = true
  })
  await vi.advanceTimersByTimeAsync(1500)
  expect(isClosed).toBe(true)
  await closing
  expect(said).toEqual([expect.stringMatching(/^wandb failed \(.*\): not all figures have arrived there; /)])
  expect(calls.at(-1)).toBe('close')
})

test('what a service does not take is told', async () => {
  const { said, delivery } = startFake({ send: async () => 'it takes no tables for secret-key' })
  await delivery.logIn()
  await delivery.begin(benchmark)
  delivery.put(...someItems)
  await delivery.close(true)
  expect(said).toEqual(['wandb: it takes no tables for ***'])
})

test('a service that says a page is quoted in a line', async () => {
  const { said, delivery } = startFake({ send: async () => `secret-key ${'no '.repeat(1e5)}` })
  await delivery.logIn()
  await delivery.begin(benchmark)
  delivery.put(...someItems)
  await delivery.close(true)
  expect(said).toEqual([expect.stringMatching(/^wandb: \*\*\* (no )+n?o?…$/)])
  expect(said[0]?.length).toBeLessThan(320)
})

test('what waits is bounded: the oldest rows go, tables stay', async () => {
  let release = (): void => undefined
  const held = new Promise<undefined>(resolve => {
    release = () => resolve(undefined)
  })
  const { got, delivery } = startFake({ send: () => held })
  await delivery.logIn()
  await delivery.begin(benchmark)
  const [table] = someItems.filter(({ kind }) => kind === 'table')
  delivery.put(table as Logged, ...rows(5000))
  release()
  await over(delivery.close(true))
  expect(got).toHaveLength(1000)
  expect(got[0]).toBe(table)
  expect((got.at(-1) as LoggedRow).step).toBe(4999)
})

test('nothing is begun for a benchmark that never came to its first run', async () => {
  const { calls, delivery } = startFake()
  await delivery.logIn()
  await delivery.close(false)
  await delivery.close(false)
  expect(calls).toEqual(['logIn', 'close'])
})

test.each(['logIn', 'begin'] as const)('a stop ends the wait for a service that is silent at %s', async at => {
  const hang = (signal: AbortSignal): Promise<undefined> =>
    new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
  const acts =
    at === 'logIn' ? { logIn: hang as () => Promise<never> } : { begin: (_: unknown, end: AbortSignal) => hang(end) }
  const { said, calls, delivery, stop } = startFake(acts)
  const closing = delivery
    .logIn()
    .then(() => delivery.begin(benchmark))
    .then(() => delivery.close(false))
  await vi.advanceTimersByTimeAsync(100)
  stop()
  await closing
  expect(said).toEqual([])
  expect(calls).toEqual(at === 'logIn' ? ['logIn', 'close'] : ['logIn', 'begin', 'close'])
})
