import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { InFlight } from '../../src/stats/in-flight.ts'

type Times = readonly [sentUs: number, endUs: number]

const fold = (requests: readonly Times[]): InFlight => {
  const inFlight = new InFlight()
  for (const [sentUs, endUs] of requests) inFlight.add(sentUs, endUs)
  return inFlight
}

describe('worked cases', () => {
  // 0   10   20   30   40   50   60
  // |---------|                        one
  //      |----|                        two
  //           |---------|              three, as both end
  //                          |----|    four
  const inFlight = fold([
    [20, 40],
    [0, 20],
    [10, 20],
    [50, 60],
  ])

  test('mean and max run from the first sent to the last end', () => {
    expect([inFlight.firstUs, inFlight.lastUs]).toEqual([0, 60])
    expect(inFlight.mean).toBe((20 + 10 + 20 + 10) / 60)
    expect(inFlight.max).toBe(2)
  })

  test.each([
    [0, 10, 1],
    [10, 20, 2],
    [15, 25, 1.5],
    [40, 50, 0],
    [-10, 10, 0.5],
    [55, 75, 0.25],
    [20, 20, undefined],
    [20, 10, undefined],
  ])('from %i to %i there are %s in flight on average', (fromUs, toUs, mean) => {
    expect(inFlight.meanBetween(fromUs, toUs)).toBe(mean)
  })

  test('means of neighbouring steps', () => {
    expect(inFlight.meansBetween([0, 5, 15, 60, 70])).toEqual([1, 1.5, (10 + 20 + 10) / 45, 0])
  })

  test.each([
    [1, { fromUs: 0, toUs: 60 }],
    [2, { fromUs: 10, toUs: 20 }],
    [3, undefined],
  ])('at least %i are in flight within %j', (level, span) => {
    expect(inFlight.atLeast(level)).toEqual(span)
  })
})

test('nothing was in flight before the first request', () => {
  const none = new InFlight()
  expect([none.firstUs, none.lastUs, none.mean, none.max, none.atLeast(1)]).toEqual([
    undefined,
    undefined,
    undefined,
    0,
    undefined,
  ])
})

test('a slot that is refilled in the same microsecond never counts twice', () => {
  const chain = fold([
    [0, 5],
    [5, 9],
    [9, 12],
  ])
  expect([chain.mean, chain.max]).toEqual([1, 1])
})

test('a request that took no time was never in flight', () => {
  expect(fold([[5, 5]]).mean).toBeUndefined()
  const beside = fold([
    [5, 5],
    [7, 9],
    [8, 8],
  ])
  expect([beside.mean, beside.max, beside.atLeast(1)]).toEqual([0.5, 1, { fromUs: 7, toUs: 9 }])
})

test('it may be asked between requests', () => {
  const inFlight = fold([[10, 20]])
  expect(inFlight.max).toBe(1)
  inFlight.add(0, 15)
  expect([inFlight.firstUs, inFlight.max, inFlight.mean]).toEqual([0, 2, 25 / 20])
})

const requests = fc.array(
  fc.tuple(fc.nat(60), fc.nat(20)).map(([sentUs, runUs]): Times => [sentUs, sentUs + runUs]),
  { minLength: 1, maxLength: 90 },
)

test('counting on a grid gives the same', () => {
  fc.assert(
    fc.property(requests, fc.integer({ min: 1, max: 12 }), (given, level) => {
      const inFlight = fold(given)
      const [firstUs, lastUs] = [inFlight.firstUs as number, inFlight.lastUs as number]
      fc.pre(lastUs > firstUs)
      const grid = Array.from({ length: lastUs - firstUs }, (_, index) => {
        const atUs = firstUs + index + 0.5
        return given.filter(([sentUs, endUs]) => sentUs < atUs && atUs < endUs).length
      })
      expect(inFlight.max).toBe(Math.max(...grid))
      expect(inFlight.mean).toBe(grid.reduce((sum, count) => sum + count, 0) / grid.length)
      expect(inFlight.meansBetween(Array.from({ length: grid.length + 1 }, (_, i) => firstUs + i))).toEqual(grid)
      const [from, to] = [grid.findIndex(count => count >= level), grid.findLastIndex(count => count >= level)]
      const span = from < 0 ? undefined : { fromUs: firstUs + from, toUs: firstUs + to + 1 }
      expect(inFlight.atLeast(level)).toEqual(span)
    }),
  )
})

test('mean times span is the sum of all durations', () => {
  fc.assert(
    fc.property(requests, given => {
      const inFlight = fold(given)
      const spanUs = (inFlight.lastUs as number) - (inFlight.firstUs as number)
      fc.pre(spanUs > 0)
      const durations = given.reduce((sum, [sentUs, endUs]) => sum + endUs - sentUs, 0)
      expect((inFlight.mean as number) * spanUs).toBeCloseTo(durations, 6)
    }),
  )
})

test('any order and any split merges to the same', () => {
  fc.assert(
    fc.property(requests, fc.infiniteStream(fc.nat(2)), (given, draws) => {
      const shards = [new InFlight(), new InFlight(), new InFlight()] as const
      for (const [sentUs, endUs] of given) shards[draws.next().value as 0 | 1 | 2].add(sentUs, endUs)
      const merged = new InFlight()
      for (const shard of shards) merged.merge(shard)
      const of = (inFlight: InFlight) => [inFlight.mean, inFlight.max, inFlight.atLeast(2), inFlight.meanBetween(3, 50)]
      expect(of(merged)).toEqual(of(fold(given.toReversed())))
    }),
  )
})
