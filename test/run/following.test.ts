import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { type FollowedMoment, type Follower, Following } from '../../src/run/following.ts'
import { VisualizerFollower } from '../../src/run/visualizer-follower.ts'
import type { Logged, LoggedRow } from '../../src/visualizers/visualizer.ts'
import { planOf, resultOf } from '../report/results.ts'
import { k01Records } from '../stats/records.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const plan = planOf(2, 5)
const result = resultOf(plan, k01Records)

test('where nobody follows, nothing takes records', async () => {
  const following = new Following(() => undefined)
  expect(following.begin(plan)).toBeUndefined()
  following.ended(result)
  await following.close()
  expect(vi.getTimerCount()).toBe(0)
})

test('followers hear of each second, of each run and of the end, whatever they make of it', async () => {
  const said: string[] = []
  const heard: string[] = []
  const note = ({ run, endedRuns, overBefore }: FollowedMoment): string =>
    `${run?.plan.name ?? 'no run'}, ${overBefore} before, ${endedRuns} ended`
  const follower: Follower = {
    tick: moment => void heard.push(note(moment)),
    runEnded: ended => void heard.push(`over: ${ended.plan.name}`),
    close: (isComplete, moment) => void heard.push(`complete ${isComplete}: ${note(moment)}`),
  }
  const broken: Follower = {
    tick: () => {
      throw new Error('no tick')
    },
    runEnded: () => undefined,
    close: async () => {
      throw new Error('no end')
    },
  }
  const following = new Following(line => said.push(line))
  following.add(broken)
  following.add(follower)
  const run = following.begin(plan)
  vi.advanceTimersByTime(1000)
  for (const record of k01Records) run?.write(record)
  following.ended(result)
  vi.advanceTimersByTime(1000)
  following.complete()
  await following.close()
  await following.close()
  expect(heard).toEqual([
    'no run, 0 before, 0 ended',
    'parallel_2_number_5, 0 before, 0 ended',
    'over: parallel_2_number_5',
    'no run, 5 before, 1 ended',
    'complete true: no run, 5 before, 1 ended',
  ])
  expect(new Set(said)).toEqual(
    new Set(['no tick', 'no end'].map(text => `what follows the benchmark failed: ${text}`)),
  )
})

test('a service gets a row a second where something has ended, then the final figures and tables', () => {
  const logged: Logged[] = []
  const follower = new VisualizerFollower({
    put: (...items) => void logged.push(...items),
    close: async () => undefined,
  })
  const following = new Following(() => undefined)
  following.add(follower)
  for (const number of [1, 2]) {
    const run = following.begin(planOf(2, 5))
    vi.advanceTimersByTime(3000)
    for (const record of k01Records.slice(0, 2)) run?.write(record)
    vi.advanceTimersByTime(3000)
    for (const record of k01Records.slice(2)) run?.write(record)
    following.ended(result)
    expect(logged.filter(({ kind }) => kind === 'row')).toHaveLength(2 * number)
    vi.advanceTimersByTime(5000)
  }
  void following.close()
  expect(logged.map(({ kind }) => kind)).toEqual(
    [1, 2].flatMap(() => ['row', 'row', 'summary', 'table', 'table'] as const),
  )
  const rows = logged.filter((item): item is LoggedRow => item.kind === 'row')
  // The steps go on.
  expect(rows.map(({ step }) => step)).toEqual([0, 1, 2, 3])
  expect(rows.map(({ figures }) => figures['Total Requests'])).toEqual([2, 5, 2, 5])
  expect(Object.keys(rows[1]?.figures ?? {})).toEqual(expect.arrayContaining(Object.keys(rows[0]?.figures ?? {})))
  expect(logged[2]).toMatchObject({ run: 'parallel_2_number_5', figures: { 'Avg TTFT (ms)': expect.any(Number) } })
  const [summary, percentiles] = logged.filter(item => item.kind === 'table')
  expect(summary).toMatchObject({ title: 'Summary', columns: ['Metric', 'Value'] })
  expect(summary?.rows.at(-1)).toEqual(['Verdict', expect.any(String)])
  expect(percentiles?.title).toBe('Percentiles')
  expect(percentiles?.rows).toHaveLength(11)
  expect(percentiles?.columns.slice(0, 2)).toEqual(['Percentiles', 'Latency (s)'])
})
