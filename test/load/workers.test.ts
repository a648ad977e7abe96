import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { clockOrigin, epochUs, nowMs } from '../../src/load/clock.ts'
import { neverStops } from '../../src/load/stop.ts'
import { shareOf } from '../../src/load/worker-pool.ts'
import type { Conversation, Prompt } from '../../src/model/conversation.ts'
import type { RequestRecord } from '../../src/model/record.ts'
import type { LoadShape, RunPlan } from '../../src/model/run-plan.ts'
import { rngFor } from '../../src/stats/rng.ts'
import { planFor } from '../support/ask.ts'
import { type ChatServer, type ChatServerOptions, refuse, startChatServer } from '../support/chat-server.ts'
import { load } from '../support/load.ts'
import { startProxy } from '../support/proxy.ts'

const closed = (concurrency: number): LoadShape => ({ kind: 'closed', concurrency })
const open = (ratePerSec: number): LoadShape => ({ kind: 'open', pacing: { ratePerSec, arrival: 'poisson' } })
const shapes: readonly (readonly [name: string, shape: LoadShape])[] = [
  ['a closed loop', closed(6)],
  ['a paced closed loop', { kind: 'closed', concurrency: 6, pacing: { ratePerSec: 400, arrival: 'poisson' } }],
  ['an open loop', open(400)],
]
const fixture = (name: string): string => fileURLToPath(new URL(`../fixtures/${name}`, import.meta.url))

let server: ChatServer
const serve = async (options: ChatServerOptions): Promise<void> => {
  await server.close()
  server = await startChatServer(options)
}
const plan = (change: Partial<RunPlan>): RunPlan =>
  planFor(`${server.url}/v1/chat/completions`, { number: 20, load: closed(6), workers: 2, ...change })
const failures = (records: readonly RequestRecord[]) => records.flatMap(({ failure }) => failure ?? [])
const sentMs = ({ sentUs }: RequestRecord): number => sentUs / 1000 - performance.timeOrigin
const saying = (content: string): Prompt => ({ kind: 'messages', messages: [{ role: 'user', content }] })
const indices = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, at) => from + at)
const indicesOf = (records: readonly RequestRecord[]): number[] =>
  records.map(({ index }) => index).sort((a, b) => a - b)

/** Each conversation its own words and its own limit, as a dataset with a seed and a range would draw them. */
const drawn = (_: Conversation, index: number): Conversation => {
  const rng = rngFor(7, 'test', index)
  return { turns: [{ prompt: saying(`question ${rng.integer(0, 9)}`), maxTokens: rng.integer(1, 64) }] }
}

beforeEach(async () => {
  server = await startChatServer()
})
afterEach(() => server.close())

describe('the clock', () => {
  test("a thread's stamp lies between two of ours, and within 1 ms; its epoch is ours", async () => {
    const thread = new Worker(fixture('clock-thread.mjs'), { workerData: { clockOrigin: clockOrigin() } })
    const apartMs: number[] = []
    for (let round = 0; round < 50; round++) {
      const beforeMs = nowMs()
      thread.postMessage('now')
      const stamp = await new Promise<{ stampMs: number; epochUs: number }>(resolve => thread.once('message', resolve))
      const afterMs = nowMs()
      expect(stamp.stampMs).toBeGreaterThan(beforeMs)
      expect(stamp.stampMs).toBeLessThan(afterMs)
      expect(stamp.epochUs).toBe(epochUs(stamp.stampMs))
      apartMs.push(afterMs - beforeMs)
    }
    await thread.terminate()
    // A message may be long on its way; the quickest there and back bounds how far the clocks are apart.
    expect(Math.min(...apartMs)).toBeLessThan(1)
  })
})

describe.each(shapes)('%s', (_, shape) => {
  test('sends the same requests with 1, 2 and 4 workers, each once, warm-up first', async () => {
    const sent: string[][] = []
    for (const workers of [1, 2, 4]) {
      await serve({ tokens: 2, tokenMs: 5 })
      const change = { number: 60, warmupNumber: 9, load: shape, workers }
      const { records, warmup, watch, lost, startMs } = await load(plan(change), { prepare: drawn })
      expect(lost).toBeUndefined()
      expect(failures([...warmup, ...records])).toEqual([])
      expect(indicesOf(warmup)).toEqual(indices(0, 9))
      expect(indicesOf(records)).toEqual(indices(9, 69))
      expect(new Set(records.map(({ requestId }) => requestId)).size).toBe(60)
      for (const { endUs } of warmup) expect(endUs / 1000 - performance.timeOrigin).toBeLessThan(startMs + 0.01)
      for (const record of records) expect(sentMs(record)).toBeGreaterThan(startMs)
      expect(watch.live().inFlight).toBe(0)
      expect(watch.gauge.read()?.max).toBeLessThanOrEqual(shape.kind === 'closed' ? shape.concurrency : 60)
      sent.push(
        server
          .measured()
          .map(({ body }) => JSON.stringify(body))
          .toSorted(),
      )
    }
    expect(sent[0]).toHaveLength(69)
    expect(new Set(sent[0]).size).toBeGreaterThan(55)
    expect(sent[1]).toEqual(sent[0])
    expect(sent[2]).toEqual(sent[0])
  })

  test('nothing starts after the duration, and what is under way then ends', async () => {
    await serve({ tokens: 2, tokenMs: 20 })
    const { records, startMs } = await load(plan({ number: undefined, durationMs: 300, load: shape }))
    expect(records.length).toBeGreaterThan(12)
    expect(failures(records)).toEqual([])
    expect(server.measured()).toHaveLength(records.length)
    const lastMs = Math.max(...records.map(sentMs)) - startMs
    expect(lastMs).toBeLessThan(301)
    expect(lastMs).toBeGreaterThan(200)
  })
})

test('a stop ends it though much is left to send', async () => {
  const draining = new AbortController()
  let count = 0
  const onRecord = (): void => {
    if (++count === 3) draining.abort()
  }
  const stop = { ...neverStops(), draining: draining.signal }
  const { records, lost } = await load(plan({ number: 100_000, load: open(400) }), { stop, onRecord })
  expect(records.length).toBeGreaterThanOrEqual(3)
  expect(records.length).toBeLessThan(200)
  expect(failures(records)).toEqual([])
  expect(lost).toBeUndefined()
})

test('what never ends is cut off in every thread after the grace, or when the run is stopped', async () => {
  await serve({
    instead: (_, response) => response.writeHead(200, { 'content-type': 'text/event-stream' }).write(': \n\n'),
  })
  const { records, startMs, endMs } = await load(plan({ number: undefined, durationMs: 100, graceMs: 200 }))
  expect(failures(records)).toEqual(
    Array(6).fill({ kind: 'aborted', message: 'cut off: still under way --grace 0.2 s after --duration 0.1 s' }),
  )
  expect(endMs - startMs).toBeGreaterThan(290)
  expect(endMs - startMs).toBeLessThan(1500)
  const [draining, cutting] = [new AbortController(), new AbortController()]
  const stopped = load(plan({}), { stop: { draining: draining.signal, cutting: cutting.signal } })
  while (server.measured().length < 12) await new Promise(resolve => setTimeout(resolve, 10))
  draining.abort()
  cutting.abort()
  expect(failures((await stopped).records)).toEqual(
    Array(6).fill({ kind: 'aborted', message: 'cut off because the run was stopped' }),
  )
})

test('the turns of a conversation are held by one thread, with the answers before them', async () => {
  const prepare = (_: Conversation, index: number): Conversation => ({
    turns: [1, 2, 3].map(turn => ({ prompt: saying(`${index}.${turn}`) })),
  })
  const { records } = await load(plan({ number: 8 }), { prepare })
  expect(failures(records)).toEqual([])
  for (const index of indices(0, 8)) {
    const turns = records.filter(record => record.index === index)
    expect(turns.map(({ turn }) => turn)).toEqual([1, 2, 3])
    const { messages } = JSON.parse(turns[2]?.body ?? '') as { messages: { content: string }[] }
    expect(messages.map(({ content }) => content)).toEqual([
      ...[`${index}.1`, 'ok ok ok ', `${index}.2`, 'ok ok ok ', `${index}.3`],
    ])
  }
})

describe('connections', () => {
  test('shares of slots add up and differ by one at most', () => {
    fc.assert(
      fc.property(fc.nat(5000), fc.integer({ min: 1, max: 64 }), (count, threads) => {
        const shares = indices(0, threads).map(thread => shareOf(count, thread, threads))
        expect(shares.reduce((sum, share) => sum + share, 0)).toBe(count)
        expect(Math.max(...shares) - Math.min(...shares)).toBeLessThanOrEqual(1)
        expect(shares).toEqual(shares.toSorted((a, b) => b - a))
      }),
    )
  })

  test('a closed loop of 7 uses those 7 that 3 threads open beforehand, and no other', async () => {
    const ports = new Set<number | undefined>()
    await serve({
      instead: ({ number }, response) => {
        ports.add(response.socket?.remotePort)
        // Answers of different lengths, so that slots become free in any order.
        setTimeout(() => refuse(response, 500, 'no'), (number * 7) % 13)
        return true
      },
    })
    const { records } = await load(plan({ number: 80, load: closed(7), workers: 3 }))
    expect(records).toHaveLength(80)
    expect(ports.size).toBe(7)
  })

  test('each request has its own where they are not kept', async () => {
    const ports = new Set<number | undefined>()
    await serve({
      instead: (_, response) => {
        ports.add(response.socket?.remotePort)
        return false
      },
    })
    const base = plan({})
    const { records } = await load({ ...base, target: { ...base.target, keepAlive: false } })
    expect(failures(records)).toEqual([])
    expect(ports.size).toBe(20)
  })

  test('TLS and proxies work from threads', async () => {
    const proxy = await startProxy(server.port)
    const base = plan({})
    const proxied = await load({ ...base, target: { ...base.target, proxyUrl: proxy.url } })
    await proxy.close()
    expect(failures(proxied.records)).toEqual([])
    expect(proxy.seen).toHaveLength(20)
    await serve({ tls: true })
    const { records } = await load({ ...plan({}), target: { ...plan({}).target, verifyTls: false } })
    expect(failures(records)).toEqual([])
    expect(records).toHaveLength(20)
  })
})

describe('when something breaks', () => {
  const troubledAt =
    (at: number, content: string) =>
    (_: Conversation, index: number): Conversation => ({
      turns: [{ prompt: saying(index === at ? content : 'hello') }],
    })

  test.each<[content: string, why: RegExp]>([
    ['exit', /^worker thread [12] of 2 ended: it left with exit code 3; the 3 requests it had under way are lost; --w/],
    ['throw', /^worker thread [12] of 2 ended: TypeError: boom \(at .*troubled-api\.mjs:\d+:\d+\)+; the 3 requests it/],
  ])('a thread that ends by itself (%s) ends the load; what had ended is kept', async (content, why) => {
    // Of the six under way when 20 have ended, the last is the one that brings trouble.
    await serve({ instead: ({ number }) => number >= 20 })
    const startedMs = performance.now()
    const { records, lost } = await load(plan({ api: fixture('troubled-api.mjs'), number: 60 }), {
      prepare: troubledAt(25, content),
    })
    expect(performance.now() - startedMs).toBeLessThan(4000)
    expect(lost?.message).toMatch(why)
    expect(lost).toMatchObject({ exitCode: 70 })
    expect(records.filter(({ failure }) => failure === undefined)).toHaveLength(20)
    // Of the three that the other thread holds, those that it has sent by then.
    const cutOff = failures(records)
    expect(cutOff.length).toBeLessThanOrEqual(3)
    for (const failure of cutOff) {
      expect(failure).toEqual({ kind: 'aborted', message: 'cut off because a worker thread was lost' })
    }
  })

  test('an API that cannot be loaded in a thread is told before anything is sent', async () => {
    const loading = load(plan({ api: fixture('main-thread-api.mjs') }))
    await expect(loading).rejects.toThrow(
      /^worker thread \d of 2 ended: PluginError: API plugin .* cannot be loaded: not for threads .*; --workers 1 does/,
    )
    expect(server.seen).toEqual([])
  })

  test('a bug in a sink ends the run with its error', async () => {
    const onRecord = (): never => {
      throw new Error('sink is broken')
    }
    await expect(load(plan({ number: 500 }), { onRecord })).rejects.toThrow('sink is broken')
  })

  test('a conversation that cannot be handed over is told in one line', async () => {
    const content = [() => 'hello'] as unknown as string
    const loading = load(plan({}), { prepare: () => ({ turns: [{ prompt: saying(content) }] }) })
    await expect(loading).rejects.toThrow(
      /^a conversation of the dataset cannot be handed to a worker thread: .*; make it of plain values, or give --work/,
    )
  })
})

test('more workers than requests in flight leave some idle', async () => {
  const { records } = await load(plan({ workers: 4, load: closed(1), number: 5 }))
  expect(failures(records)).toEqual([])
  expect(server.maxInFlight()).toBe(1)
  expect(records.map(({ index }) => index)).toEqual(indices(0, 5))
})
