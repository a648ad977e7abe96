import { describe, expect, test } from 'vitest'
import type { RunResult } from '../../../src/model/result.ts'
import { Accumulator } from '../../../src/stats/accumulator.ts'
import { makeResult } from '../../../src/stats/result.ts'
import { poolRuns } from '../../../src/stats/sla/pooled-runs.ts'
import { planOf } from '../../report/results.ts'
import { quietHealth } from '../health-samples.ts'
import { streamed } from '../records.ts'

interface Run {
  readonly seconds: number
  readonly interrupted?: boolean
}

const resultOf = ({ seconds, interrupted = false }: Run): { result: RunResult; accumulator: Accumulator } => {
  const accumulator = new Accumulator()
  accumulator.write(streamed({ start: 0, end: seconds, ttft: 0.1, output: 2 }))
  return { accumulator, result: makeResult(planOf(1, 1), accumulator, { interrupted, health: quietHealth() }) }
}

/** The verdict of these runs as one. */
const verdictOf = (first: Run, ...others: readonly Run[]) => {
  const { result, accumulator } = resultOf(first)
  const rest = others.map(resultOf)
  for (const other of rest) accumulator.merge(other.accumulator)
  return poolRuns('parallel_1', [result, ...rest.map(one => one.result)], accumulator).verdict
}

describe('the verdict of several runs', () => {
  test('has nothing against one that was over too soon, beside others', () => {
    expect(verdictOf({ seconds: 0.998 }, { seconds: 1.2 })).toEqual({
      level: 'VALID',
      reasons: [],
      statement: undefined,
    })
  })

  test('is none where each was over too soon, and says how long the longest took', () => {
    const statement = 'the longest of its runs took 0.998 s, and below 1 s there is too little to judge'
    expect(verdictOf({ seconds: 0.5 }, { seconds: 0.998 })).toMatchObject({ level: undefined, statement })
    expect(verdictOf({ seconds: 0.5 }).statement).toMatch(/^the run took 0\.5 s/)
  })

  test('is none where one was interrupted', () => {
    const { level, statement } = verdictOf({ seconds: 0.5 }, { seconds: 2 }, { seconds: 2, interrupted: true })
    expect(level).toBeUndefined()
    expect(statement).toContain('the run was interrupted')
  })
})
