import { describe, expect, test } from 'vitest'
import type { HealthSample } from '../../src/model/health.ts'
import { Health } from '../../src/stats/health.ts'
import { otherNotes, planOf, resultOf } from '../report/results.ts'
import { sampleOf } from './health-samples.ts'
import { stream } from './verdict-cases.ts'

describe('what nobody observed is told', () => {
  const notesWith = (samples: readonly Partial<HealthSample>[], seconds = 3) => {
    const health = new Health()
    for (const sample of samples) health.add(sampleOf(sample))
    const records = Array.from({ length: seconds }, (_, second) => stream(100 + second))
    return otherNotes(resultOf(planOf(1, records.length), records, { interrupted: false, health }))
  }

  test('where the system does not tell how long threads wait for a core', () => {
    expect(notesWith([{ thread: 1, runQueueUs: undefined }])).toEqual([
      'This system does not tell how long threads wait for a core: whether other programs disturbed this run is not known.',
    ])
    expect(notesWith([{ thread: 1, runQueueUs: undefined }, { thread: 2 }])).toEqual([])
  })

  test('where there is no sample at all', () => {
    expect(notesWith([])).toEqual([
      'What this client did meanwhile was not observed: whether it, or other programs, disturbed this run is not known.',
    ])
  })

  test('but not of a run too short to be judged', () => {
    expect(notesWith([], 1)).toEqual([])
  })
})
