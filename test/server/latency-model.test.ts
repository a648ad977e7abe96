import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { explain } from '../../src/server/explain.ts'
import { defaultKnobs, resolveKnobs, type SimulationKnobs } from '../../src/server/knobs.ts'
import {
  decodeTokensPerSec,
  drawError,
  drawOutputTokens,
  knee,
  outputRange,
  phaseOfPlace,
  prefillMs,
  stepMs,
  unloadedLatencyMs,
} from '../../src/server/latency-model.ts'

const knobs = (chosen: Partial<SimulationKnobs>): SimulationKnobs => ({ ...defaultKnobs, ...chosen })

test.each([
  // itl, B, decoding, step
  [20, 100, 0, 20],
  [20, 100, 1, 20.2],
  [20, 100, 100, 40], // at B the step has doubled
  [20, Infinity, 200, 20], // the batch costs nothing
])('a step of %d ms base with B = %d and %d sequences lasts %d ms', (itlMs, batchScale, decoding, expected) => {
  expect(stepMs(knobs({ itlMs, batchScale }), decoding)).toBeCloseTo(expected, 9)
})

test.each([
  // base, rate, prompt tokens, TTFT
  [0, 1000, 500, 500],
  [20, 8000, 32, 24],
  [200, Infinity, 100_000, 200], // a TTFT that no prompt changes
])(
  'prefill of %d ms base at %d tok/s takes %d tokens %d ms',
  (prefillBaseMs, prefillTokensPerSec, tokens, expected) => {
    expect(prefillMs(knobs({ prefillBaseMs, prefillTokensPerSec }), tokens)).toBeCloseTo(expected, 9)
  },
)

test('an unloaded request takes its prefill and one step for every token after the first', () => {
  const engine = knobs({ prefillBaseMs: 200, prefillTokensPerSec: Infinity, itlMs: 20, batchScale: Infinity })
  expect(unloadedLatencyMs(engine, 7, 1)).toBe(200)
  expect(unloadedLatencyMs(engine, 7, 51)).toBe(1200)
})

test('throughput grows up to the knee and stays there', () => {
  const engine = fc.record({
    itlMs: fc.double({ min: 0.1, max: 1000, noNaN: true }),
    batchScale: fc.double({ min: 0.5, max: 1e6, noNaN: true }),
    maxBatch: fc.integer({ min: 2, max: 500 }),
  })
  fc.assert(
    fc.property(engine, fc.integer({ min: 1, max: 500 }), (chosen, concurrency) => {
      const model = knobs(chosen)
      const gain = decodeTokensPerSec(model, concurrency + 1) - decodeTokensPerSec(model, concurrency)
      if (concurrency < knee(model)) expect(gain).toBeGreaterThan(0)
      else expect(gain).toBe(0)
    }),
  )
})

describe('output lengths', () => {
  test.each([
    [32, 0, 32, 32],
    [32, 0.5, 16, 48],
    [10, 1, 1, 20], // never empty
  ])('%d tokens with spread %d lie in %d to %d', (outputTokens, outputSpread, min, max) => {
    expect(outputRange(knobs({ outputTokens, outputSpread }))).toEqual({ min, max })
  })

  test('are all drawn from the range, each length about equally often', () => {
    const model = knobs({ outputTokens: 5, outputSpread: 0.4 })
    const counts = new Map<number, number>()
    for (let ordinal = 0; ordinal < 3000; ordinal++) {
      const length = drawOutputTokens(model, ordinal)
      counts.set(length, (counts.get(length) ?? 0) + 1)
    }
    expect([...counts.keys()].sort((a, b) => a - b)).toEqual([3, 4, 5, 6, 7])
    for (const times of counts.values()) expect(times).toBeGreaterThan(500)
  })

  test('depend on the seed and the number of the request alone', () => {
    const lengths = (seed: number): number[] =>
      Array.from({ length: 20 }, (_, n) => drawOutputTokens(knobs({ seed }), n))
    expect(lengths(1)).toEqual(lengths(1))
    expect(lengths(1)).not.toEqual(lengths(2))
  })
})

describe('errors', () => {
  const fates = (errorRate: number, stream: boolean): (string | undefined)[] =>
    Array.from({ length: 2000 }, (_, ordinal) => drawError(knobs({ errorRate }), ordinal, stream))

  test('hit the asked share of requests, half of the streams midway', () => {
    const drawn = fates(0.2, true)
    // Four standard deviations of a binomial draw.
    expect(Math.abs(drawn.filter(fate => fate !== undefined).length - 400)).toBeLessThan(72)
    expect(Math.abs(drawn.filter(fate => fate === 'inband').length - 200)).toBeLessThan(54)
  })

  test('hit the same requests whether they stream or not, but an answer in one piece never breaks midway', () => {
    const failing = (stream: boolean): boolean[] => fates(0.2, stream).map(fate => fate !== undefined)
    expect(failing(false)).toEqual(failing(true))
    expect(fates(0.2, false)).not.toContain('inband')
  })

  test('are none at 0 and all at 1', () => {
    expect(new Set(fates(0, true))).toEqual(new Set([undefined]))
    expect(fates(1, true)).not.toContain(undefined)
  })
})

test('the beats of any first places are spread over the step, and place 0 is on the step itself', () => {
  expect(phaseOfPlace(0)).toBe(0)
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 400 }), places => {
      const phases = Array.from({ length: places }, (_, place) => phaseOfPlace(place)).sort((a, b) => a - b)
      const gaps = phases.map((phase, index) => (phases[index + 1] ?? 1) - phase)
      // An even spread has gaps of 1/places; the golden ratio never leaves one of three times that.
      expect(Math.max(...gaps)).toBeLessThan(3 / places)
    }),
  )
})

describe('knobs', () => {
  test('fall back to the defaults one by one', () => {
    expect(resolveKnobs({ itlMs: 3 })).toEqual({ ...defaultKnobs, itlMs: 3 })
  })

  test.each([
    [{ itlMs: 0 }, '--itl must be a time above 0 ms, got 0'],
    [{ itlMs: Number.NaN }, '--itl must be a time above 0 ms, got NaN'],
    [{ batchScale: 0 }, '--batch-scale must be a number above 0 (or Infinity), got 0'],
    [{ maxBatch: 1.5 }, '--max-batch must be a whole number from 1, got 1.5'],
    [{ prefillBaseMs: -1 }, '--prefill-base must be a time from 0 ms, got -1'],
    [{ prefillTokensPerSec: 0 }, '--prefill-rate must be a rate above 0 tok/s (or Infinity), got 0'],
    [{ outputTokens: 0 }, '--output-tokens must be a whole number from 1, got 0'],
    [{ outputSpread: 1.1 }, '--output-spread must be a share from 0 to 1, got 1.1'],
    [{ errorRate: -0.1 }, '--error-rate must be a share from 0 to 1, got -0.1'],
    [{ seed: 0.5 }, '--seed must be a whole number, got 0.5'],
  ])('that make no engine are refused in one line: %j', (chosen, message) => {
    expect(() => resolveKnobs(chosen)).toThrow(message)
  })
})

test('the explanation states the truth that the formulas give', () => {
  const text = explain(
    knobs({ prefillBaseMs: 200, prefillTokensPerSec: 4000, itlMs: 20, batchScale: 40, maxBatch: 40, errorRate: 0.01 }),
  ).join('\n')
  expect(text).toMatch(/TTFT +200 ms \+ 0\.25 ms per prompt token/)
  expect(text).toMatch(/32 prompt tokens +208 ms/)
  expect(text).toMatch(/ITL +20\.5 ms/)
  expect(text).toMatch(/Failures +1 %/)
  expect(text).toMatch(/Knee +40 requests/)
  expect(text).toMatch(/^ +40 +40 ms +1000 tok\/s$/m)
  expect(text).toMatch(/^ +80 +40 ms +1000 tok\/s$/m)
})
