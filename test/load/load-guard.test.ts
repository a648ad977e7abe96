import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { StalledError, TargetUnreachableError } from '../../src/errors.ts'
import { nowMs } from '../../src/load/clock.ts'
import { closedLoop } from '../../src/load/closed-loop.ts'
import { Gate } from '../../src/load/gate.ts'
import { RefusalWatch } from '../../src/load/refusal-watch.ts'
import { Sleeper } from '../../src/load/sleeper.ts'
import { StallWatch } from '../../src/load/stall-watch.ts'
import { neverStops } from '../../src/load/stop.ts'
import type { FailureKind, RequestRecord } from '../../src/model/record.ts'
import type { LoadShape } from '../../src/model/run-plan.ts'
import { planFor } from '../support/ask.ts'
import { startChatServer } from '../support/chat-server.ts'
import { load } from '../support/load.ts'

const troubled = fileURLToPath(new URL('../fixtures/troubled-api.mjs', import.meta.url))

/** Holds one slot whose conversations end in these ways, and gives how long each waited after the one before. */
const pausesAfter = async (failures: readonly (FailureKind | undefined)[]): Promise<readonly number[]> => {
  const pausesMs: number[] = []
  let [index, freeMs] = [0, 0]
  const gate = new Gate(neverStops().draining)
  await closedLoop({
    supply: { take: () => (index <= failures.length ? { index, conversation: { turns: [] } } : undefined) },
    gate,
    hold: (_, { scheduledMs }) => {
      if (index > 0) pausesMs.push(scheduledMs - freeMs)
      freeMs = nowMs()
      return Promise.resolve({ freeMs, failure: failures[index++] })
    },
    startMs: nowMs(),
    concurrency: 1,
    rampUpMs: 0,
    sleeper: new Sleeper(false),
  })
  return pausesMs
}

test('a slot that gets no connection pauses twice as long each time, until a request of it succeeds', async () => {
  const kinds = ['connect', 'connect', 'connect', 'http_5xx', 'connect', undefined, 'connect'] as const
  const pausesMs = await pausesAfter(kinds)
  // By its own word: what a busy machine adds is no part of a pause. The last conversation ends the supply.
  for (const [at, expectedMs] of [10, 20, 40, 0, 80, 0, 10].entries()) {
    expect(pausesMs[at]).toBeGreaterThanOrEqual(expectedMs)
    expect(pausesMs[at]).toBeLessThan(expectedMs + 9)
  }
})

test('a pause ends with the run', async () => {
  const stop = new AbortController()
  const gate = new Gate(stop.signal)
  let count = 0
  const loop = closedLoop({
    supply: { take: () => ({ index: count++, conversation: { turns: [] } }) },
    gate,
    hold: () => Promise.resolve({ freeMs: nowMs(), failure: 'connect' as const }),
    startMs: nowMs(),
    concurrency: 1,
    rampUpMs: 0,
    sleeper: new Sleeper(false),
  })
  // Pauses of 10, 20 … 640 ms are over by 1270 ms; the next takes a second.
  await new Promise(resolve => setTimeout(resolve, 1350))
  stop.abort()
  const stoppedMs = nowMs()
  await loop
  expect(nowMs() - stoppedMs).toBeLessThan(500)
  expect(count).toBeLessThanOrEqual(9)
})

const recordOf = (kind: FailureKind | undefined, message = 'connect ECONNREFUSED 127.0.0.1:1'): RequestRecord =>
  ({ failure: kind && { kind, message } }) as RequestRecord

test.each<[string, readonly (readonly [atSec: number, kind: FailureKind | undefined, written?: number])[], RegExp?]>([
  [
    'all refused for 30 s',
    [
      [0, 'connect'],
      [10, 'connect'],
      [31, 'connect'],
    ],
    /^the server refused 3 connections over 31 s/,
  ],
  [
    'refused, but not for long',
    [
      [0, 'connect'],
      [29, 'connect'],
    ],
  ],
  [
    'a success in between',
    [
      [0, 'connect'],
      [20, undefined],
      [31, 'connect'],
      [60, 'connect'],
    ],
  ],
  [
    'another failure in between',
    [
      [0, 'connect'],
      [20, 'http_5xx'],
      [31, 'connect'],
    ],
  ],
  [
    'a connection in between, whose answer is still to come',
    [
      [0, 'connect'],
      [20, 'connect', 1],
      [31, 'connect', 1],
    ],
  ],
  [
    'requests that we cut off in between',
    [
      [0, 'connect'],
      [20, 'aborted'],
      [31, 'connect'],
    ],
    /refused 2 connections/,
  ],
  [
    'one request a minute',
    [
      [0, 'connect'],
      [60, 'connect'],
    ],
    /refused 2 connections over 60 s/,
  ],
])('%s', (_, moments, says) => {
  let [timeMs, written] = [0, 0]
  const errors: Error[] = []
  const watch = new RefusalWatch({ nowMs: () => timeMs, written: () => written, onGone: error => errors.push(error) })
  for (const [atSec, kind, writtenBy = 0] of moments) {
    timeMs = 1000 * atSec
    written = writtenBy
    watch.write(recordOf(kind))
  }
  expect(errors.map(({ message }) => message)).toEqual(says === undefined ? [] : [expect.stringMatching(says)])
})

const stallWatch = (change: Partial<ConstructorParameters<typeof StallWatch>[0]> = {}) => {
  const heard = { timeMs: 0, underWay: 1, stalls: [] as string[], lingers: [] as number[] }
  const watch = new StallWatch({
    nowMs: () => heard.timeMs,
    underWay: () => heard.underWay,
    limitMs: () => 100_000,
    isLast: () => false,
    onLinger: count => heard.lingers.push(count),
    onStall: error => heard.stalls.push(error.message),
    ...change,
  })
  // The times are those of the test.
  watch.close()
  const passSec = (seconds: number): void => {
    for (let second = 0; second < seconds; second++) {
      heard.timeMs += 1000
      watch.look()
    }
  }
  return { heard, watch, passSec }
}

test('a load of which nothing is heard for longer than its limits stands still', () => {
  const { heard, watch, passSec } = stallWatch()
  passSec(90)
  watch.heard()
  passSec(100)
  expect(heard.stalls).toEqual([])
  passSec(1)
  expect(heard.stalls).toEqual([expect.stringMatching(/^nothing has happened for 101 s though 1 request is under way/)])
})

test('a load in which nothing is under way, and a machine that slept, do not', () => {
  const { heard, watch, passSec } = stallWatch()
  heard.underWay = 0
  passSec(500)
  heard.underWay = 3
  heard.timeMs += 3_600_000
  watch.look()
  passSec(90)
  expect(heard.stalls).toEqual([])
})

test('it is told once when the last requests go on for a minute, and none ends', () => {
  const { heard, watch, passSec } = stallWatch({ isLast: () => heard.timeMs > 200_000 })
  passSec(180)
  watch.heard()
  expect(heard.lingers).toEqual([])
  heard.underWay = 2
  watch.ended()
  passSec(59)
  expect(heard.lingers).toEqual([])
  passSec(20)
  expect(heard.lingers).toEqual([2])
})

const shapes: readonly (readonly [name: string, shape: LoadShape, workers: number])[] = [
  ['a closed loop', { kind: 'closed', concurrency: 4 }, 1],
  ['a closed loop in two threads', { kind: 'closed', concurrency: 4 }, 2],
  ['a paced loop', { kind: 'closed', concurrency: 4, pacing: { ratePerSec: 50, arrival: 'constant' } }, 1],
  ['an open loop', { kind: 'open', pacing: { ratePerSec: 50, arrival: 'constant' } }, 1],
]

test.each(shapes)('%s ends when its server is gone, with what was measured', async (_, shape, workers) => {
  const server = await startChatServer()
  let ended = 0
  const { records, lost, startMs, endMs } = await load(
    planFor(`${server.url}/v1/chat/completions`, { number: 5000, load: shape, workers }),
    {
      guardLimits: { refusedMs: 400 },
      onRecord: () => {
        if (++ended === 8) void server.close()
      },
    },
  )
  expect(lost).toBeInstanceOf(TargetUnreachableError)
  expect(lost?.message).toMatch(/^the server refused \d+ connections over .*ECONNREFUSED/)
  expect(records.filter(({ failure }) => failure === undefined).length).toBeGreaterThanOrEqual(4)
  // Pauses keep most of the prompts: without them thousands would be refused in this time.
  const refused = records.filter(({ failure }) => failure?.kind === 'connect')
  expect(refused.length).toBeLessThan(100)
  expect(endMs - startMs).toBeLessThan(5000)
})

test('a thread that comes to a stop is given up, and the run ends with what was measured', async () => {
  const server = await startChatServer()
  const plan = planFor(`${server.url}/v1/chat/completions`, { number: 6, load: { kind: 'closed', concurrency: 2 } })
  const timeouts = { connectMs: 200, readMs: 300, totalMs: 600 }
  const { records, lost, startMs, endMs } = await load(
    { ...plan, api: troubled, workers: 2, target: { ...plan.target, timeouts } },
    {
      guardLimits: { stallMarginMs: 100, endMs: 100 },
      prepare: (conversation, index) =>
        index === 5
          ? { turns: [{ prompt: { kind: 'messages', messages: [{ role: 'user', content: 'spin' }] } }] }
          : conversation,
    },
  )
  await server.close()
  expect(lost).toBeInstanceOf(StalledError)
  expect(lost?.message).toMatch(/though 1 request is under way/)
  expect(records).toHaveLength(5)
  expect(endMs - startMs).toBeLessThan(8000)
})
