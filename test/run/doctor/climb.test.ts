import { describe, expect, test } from 'vitest'
import type { Rung } from '../../../src/model/machine-floor.ts'
import { climb } from '../../../src/run/doctor/climb.ts'
import { distortedRung, heldRung, serverRung } from './examples.ts'

/** Climbs with rungs as `rungAt` gives them for streams and try, from 1; gives the streams that were run, too. */
const climbed = async (
  rungAt: (streams: number, tries: number) => Rung,
  rungsInTime = Number.POSITIVE_INFINITY,
  counts = [1, 10, 50],
) => {
  const run: number[] = []
  const ladder = await climb({
    beat: 'own',
    counts,
    measure: async streams => {
      run.push(streams)
      return rungAt(streams, run.filter(other => other === streams).length)
    },
    hasTime: () => run.length < rungsInTime,
  })
  return { run, end: ladder.end, results: ladder.rungs.map(({ kind, streams }) => [streams, kind]) }
}

const always = (streams: number): Rung => heldRung(streams)

const failed: Rung = { kind: 'failed', streams: 10, reason: 'connect: refused' }

describe('a ladder', () => {
  test('is climbed to the top where all rungs hold', async () => {
    const { run, end } = await climbed(always)
    expect(end).toBe('top')
    expect(run).toEqual([1, 10, 50])
  })

  test.each([
    ['server', serverRung(10)],
    ['client', distortedRung(10)],
    ['failed', failed],
  ])('ends where the limit is the %s, after three tries', async (expected, broken) => {
    const { run, end, results } = await climbed(streams => (streams < 10 ? heldRung(streams) : broken))
    expect(end).toBe(expected)
    expect(run).toEqual([1, 10, 10, 10])
    expect(results).toEqual([
      [1, 'measured'],
      [10, broken.kind],
    ])
  })

  test('goes on where a rung holds at another try', async () => {
    const { run, end, results } = await climbed((streams, tries) =>
      tries < 3 ? serverRung(streams) : heldRung(streams),
    )
    expect(end).toBe('top')
    expect(run).toEqual([1, 1, 1, 10, 10, 10, 50, 50, 50])
    expect(results.map(([, kind]) => kind)).toEqual(['measured', 'measured', 'measured'])
  })

  test('ends when time is up, also between two tries', async () => {
    expect(await climbed(always, 2)).toMatchObject({ run: [1, 10], end: 'time' })
    expect(await climbed(always, 0)).toMatchObject({ run: [], end: 'time' })
    expect(await climbed(serverRung, 2)).toMatchObject({ run: [1, 1], end: 'server' })
  })
})
