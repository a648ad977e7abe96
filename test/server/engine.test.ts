import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Engine, type Job } from '../../src/server/engine.ts'
import { defaultKnobs, type SimulationKnobs } from '../../src/server/knobs.ts'

/** TTFT 100 ms and steps of 10 ms for any batch, with three places. */
const plain: SimulationKnobs = {
  ...defaultKnobs,
  itlMs: 10,
  batchScale: Infinity,
  maxBatch: 3,
  prefillBaseMs: 100,
  prefillTokensPerSec: Infinity,
}

interface Trace {
  readonly job: Job
  readonly dueMs: number[]
}

const trace = (outputTokens: number, promptTokens = 0): Trace => {
  const dueMs: number[] = []
  return { dueMs, job: { promptTokens, outputTokens, emit: (_, due) => dueMs.push(due) } }
}

/** Wakes up exactly when something is due, as often as needed, at most up to this time. */
const runUntil = (engine: Engine, untilMs: number): void => {
  while (engine.nextDueMs < Infinity && engine.nextDueMs <= untilMs) engine.advance(engine.nextDueMs)
}

const gaps = (times: readonly number[]): number[] => times.slice(1).map((time, index) => time - (times[index] ?? 0))

describe('one request', () => {
  test('has its first token after the prefill and then one at each step', () => {
    const engine = new Engine({ ...plain, batchScale: 10, prefillTokensPerSec: 1000 })
    const { job, dueMs } = trace(4, 50)
    engine.submit(job, 1000)
    runUntil(engine, Infinity)
    // Prefill 100 + 50 ms, steps of 10 · (1 + 1/10) ms.
    expect(dueMs).toEqual([1150, 1161, 1172, 1183])
  })

  test('of one token ends with its prefill', () => {
    const engine = new Engine(plain)
    const { job, dueMs } = trace(1)
    engine.submit(job, 0)
    runUntil(engine, Infinity)
    expect(dueMs).toEqual([100])
    expect([engine.running, engine.queued, engine.nextDueMs]).toEqual([0, 0, Infinity])
  })
})

describe('a batch', () => {
  test('emits together at the end of the step, and a newcomer joins the next step', () => {
    const engine = new Engine(plain)
    const [early, late] = [trace(5), trace(3)]
    engine.submit(early.job, 0)
    engine.submit(late.job, 14)
    runUntil(engine, Infinity)
    expect(early.dueMs).toEqual([100, 110, 120, 130, 140])
    // First token amid the step that ends at 120; the step from 120 to 130 is the first with both.
    expect(late.dueMs).toEqual([114, 130, 140])
  })

  test('makes the step longer for all', () => {
    const engine = new Engine({ ...plain, batchScale: 2 })
    const [one, two] = [trace(4), trace(2)]
    engine.submit(one.job, 0)
    engine.submit(two.job, 10)
    runUntil(engine, Infinity)
    // Alone 10 · 1.5, together 10 · 2.
    expect(one.dueMs).toEqual([100, 115, 135, 150])
    expect(two.dueMs).toEqual([110, 135])
  })

  test('never holds more than its places, and the rest starts in order as places become free', () => {
    const engine = new Engine(plain)
    const traces = [3, 1, 2, 1, 1].map(tokens => trace(tokens))
    for (const [index, { job }] of traces.entries()) engine.submit(job, index)
    expect([engine.running, engine.queued]).toEqual([3, 2])
    runUntil(engine, Infinity)
    // The second ends at 101 and makes room for the fourth, the third at 111 for the fifth.
    expect(traces.map(({ dueMs }) => dueMs[0])).toEqual([100, 101, 102, 201, 220])
    expect(traces[2]?.dueMs).toEqual([102, 120])
  })
})

describe('a client that goes away', () => {
  test('leaves its place to the next in the queue at once', () => {
    const engine = new Engine({ ...plain, maxBatch: 1 })
    const [first, second] = [trace(100), trace(1)]
    engine.submit(first.job, 0)
    engine.submit(second.job, 0)
    runUntil(engine, 120)
    engine.cancel(first.job, 125)
    runUntil(engine, Infinity)
    expect(first.dueMs).toEqual([100, 110, 120])
    expect(second.dueMs).toEqual([225])
  })

  test('while it waits or prefills never gets a token', () => {
    const engine = new Engine({ ...plain, maxBatch: 1 })
    const [first, second] = [trace(2), trace(2)]
    engine.submit(first.job, 0)
    engine.submit(second.job, 0)
    engine.cancel(second.job, 1)
    engine.cancel(first.job, 2)
    runUntil(engine, Infinity)
    expect([first.dueMs, second.dueMs]).toEqual([[], []])
    expect([engine.running, engine.queued]).toEqual([0, 0])
  })

  test('amid its own last write frees its place only once', () => {
    const engine = new Engine({ ...plain, maxBatch: 1 })
    const job: Job = { promptTokens: 0, outputTokens: 1, emit: (_, dueMs) => engine.cancel(job, dueMs) }
    const others = [trace(2), trace(2)]
    engine.submit(job, 0)
    for (const { job: other } of others) engine.submit(other, 0)
    engine.advance(100)
    expect([engine.running, engine.queued]).toEqual([1, 1])
  })
})

describe('desync', () => {
  test('keeps the unloaded truth', () => {
    const engine = new Engine({ ...plain, desync: true })
    const { job, dueMs } = trace(4)
    engine.submit(job, 7)
    runUntil(engine, Infinity)
    expect(dueMs).toEqual([107, 117, 127, 137])
  })

  test('spreads streams that came at once evenly over the step, each with the beat of the step', () => {
    const engine = new Engine({ ...plain, desync: true, maxBatch: 50 })
    const traces = Array.from({ length: 50 }, () => trace(20))
    for (const { job } of traces) engine.submit(job, 0)
    runUntil(engine, Infinity)
    for (const { dueMs } of traces) {
      const [first = 0, ...others] = gaps(dueMs)
      expect(first).toBeGreaterThanOrEqual(10)
      expect(first).toBeLessThan(20)
      for (const gap of others) expect(gap).toBeCloseTo(10, 9)
    }
    const phases = traces.map(({ dueMs }) => (dueMs[5] ?? 0) % 10).sort((a, b) => a - b)
    expect(Math.max(...gaps(phases))).toBeLessThan(0.6)
  })
})

describe('time', () => {
  const load = fc.array(
    fc.record({ atMs: fc.integer({ min: 0, max: 300 }), tokens: fc.integer({ min: 1, max: 12 }) }),
    { minLength: 1, maxLength: 12 },
  )

  /** Due times of all jobs when the engine wakes up late by the given times, in turn. */
  const dueTimes = (
    jobs: readonly { atMs: number; tokens: number }[],
    desync: boolean,
    latenessMs: readonly number[],
  ): (readonly number[])[] => {
    const engine = new Engine({ ...plain, desync, batchScale: 3 })
    const arrivals = jobs.map(({ atMs, tokens }) => ({ atMs, ...trace(tokens) })).sort((a, b) => a.atMs - b.atMs)
    let wakeUps = 0
    const wakeUp = (): void => engine.advance(engine.nextDueMs + (latenessMs[wakeUps++ % latenessMs.length] ?? 0))
    for (const { job, atMs } of arrivals) {
      runUntil(engine, atMs)
      engine.submit(job, atMs)
    }
    while (engine.nextDueMs < Infinity) wakeUp()
    return arrivals.map(({ dueMs }) => dueMs)
  }

  test('a late wake-up is caught up, not accumulated: due times are the same however late we are', () => {
    const lateness = fc.array(fc.integer({ min: 0, max: 900 }), { minLength: 1, maxLength: 5 })
    fc.assert(
      fc.property(load, fc.boolean(), lateness, (jobs, desync, latenessMs) => {
        expect(dueTimes(jobs, desync, latenessMs)).toEqual(dueTimes(jobs, desync, [0]))
      }),
    )
  })

  test('every job gets exactly its tokens, in order of time', () => {
    fc.assert(
      fc.property(load, fc.boolean(), (jobs, desync) => {
        const sorted = [...jobs].sort((a, b) => a.atMs - b.atMs)
        for (const [index, times] of dueTimes(jobs, desync, [0]).entries()) {
          expect(times).toHaveLength(sorted[index]?.tokens ?? 0)
          for (const gap of gaps(times)) expect(gap).toBeGreaterThan(0)
        }
      }),
    )
  })

  test('time lost to a suspended machine is given up, not caught up in a burst', () => {
    const engine = new Engine(plain)
    const { job, dueMs } = trace(4)
    engine.submit(job, 0)
    runUntil(engine, 110)
    engine.advance(60_000)
    expect(dueMs).toEqual([100, 110, 120])
    runUntil(engine, Infinity)
    expect(dueMs.at(-1)).toBe(60_010)
  })
})
