import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, expect, test } from 'vitest'
import type { RunPlan } from '../../src/model/run-plan.ts'
import { type FollowedMoment, FollowedRun, type Follower } from '../../src/run/following.ts'
import { openProgressFile } from '../../src/run/progress-file.ts'
import { planOf } from '../report/results.ts'
import { k01Records } from '../stats/records.ts'
import { waitUntil } from '../support/wait.ts'

const root = mkdtempSync(join(tmpdir(), 'evalscope-progress-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

let directory: string
let said: string[]
let lastActs: Set<() => void>
beforeEach(() => {
  directory = mkdtempSync(join(root, 'run-'))
  said = []
  lastActs = new Set()
})

const open = (plans: readonly RunPlan[], path = join(directory, 'progress.json')): Follower =>
  openProgressFile({ path, plans, say: line => said.push(line), lastActs })

/** A run with five requests that are over. */
const runOf = (plan: RunPlan): FollowedRun => {
  const run = new FollowedRun(plan)
  for (const record of k01Records) run.write(record)
  return run
}

const moment = (more: Partial<FollowedMoment> = {}): FollowedMoment => ({
  epochMs: Date.UTC(2026, 0, 2, 3, 4, 5, 678),
  run: undefined,
  endedRuns: 0,
  overBefore: 0,
  ...more,
})

const stored = () => JSON.parse(readFileSync(join(directory, 'progress.json'), 'utf8'))

/** What stands in the file after this tick. */
const afterTick = async (follower: Follower, told: FollowedMoment) => {
  rmSync(join(directory, 'progress.json'), { force: true })
  follower.tick(told)
  await waitUntil(() => readdirSync(directory).includes('progress.json'))
  return stored()
}

test('has the keys of the original, indented by two, and nothing beside it', async () => {
  const follower = open([planOf(1, 5), planOf(2, 15)])
  const told = await afterTick(follower, moment({ run: runOf(planOf(2, 15)), endedRuns: 1, overBefore: 5 }))
  expect(told).toMatchObject({ status: 'running', pipeline: 'perf', total_count: 20, processed_count: 10, percent: 50 })
  expect(Object.keys(told)).toEqual(['status', 'pipeline', 'total_count', 'processed_count', 'percent', 'updated_at'])
  expect(told.updated_at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.678000[+-]\d\d:\d\d$/)
  expect(Date.parse(told.updated_at)).toBe(moment().epochMs)
  expect(readFileSync(join(directory, 'progress.json'), 'utf8')).toMatch(/^\{\n {2}"status"/)
  expect(readdirSync(directory)).toEqual(['progress.json'])
})

test('without a number it goes by runs and their time', async () => {
  const timed: RunPlan = { ...planOf(1, 1), number: undefined, durationMs: 10_000 }
  const run = runOf(timed)
  run.start()
  const follower = open([timed, timed])
  const halfway = moment({ run, endedRuns: 1, overBefore: 7, epochMs: (run.startedMs ?? 0) + 5000 })
  expect(await afterTick(follower, halfway)).toMatchObject({ total_count: null, processed_count: 12, percent: 75 })
})

test('where time may end a run before its number, it is over by whichever is further', async () => {
  const timed: RunPlan = { ...planOf(1, 20), durationMs: 10_000 }
  const run = runOf(timed)
  run.start()
  const follower = open([timed])
  const at = (ms: number) => afterTick(follower, moment({ run, epochMs: (run.startedMs ?? 0) + ms }))
  expect(await at(1000)).toMatchObject({ total_count: 20, percent: 25 })
  expect(await at(8000)).toMatchObject({ percent: 80 })
  expect(await at(99_000)).toMatchObject({ percent: 100 })
})

test.each([
  [true, 'completed', 100],
  [false, 'error', 25],
] as const)('its last state is always written: complete %s is %s', async (isComplete, status, percent) => {
  const follower = open([planOf(1, 20)])
  follower.tick(moment())
  await follower.close(isComplete, moment({ run: runOf(planOf(1, 20)) }))
  expect(stored()).toMatchObject({ status, percent, processed_count: 5 })
  expect(readdirSync(directory)).toEqual(['progress.json'])
  expect(lastActs.size).toBe(0)
})

test('who leaves at once leaves an error behind', () => {
  const follower = open([planOf(1, 20)])
  follower.tick(moment({ run: runOf(planOf(1, 20)) }))
  for (const act of lastActs) act()
  expect(stored()).toMatchObject({ status: 'error', processed_count: 5 })
})

test('a file that cannot be written costs one line', async () => {
  writeFileSync(join(directory, 'file'), '')
  const follower = open([planOf(1, 20)], join(directory, 'file', 'progress.json'))
  follower.tick(moment())
  await waitUntil(() => said.length > 0)
  follower.tick(moment())
  await follower.close(true, moment())
  expect(said).toEqual([expect.stringMatching(/^progress\.json is not written: ENOTDIR/)])
})
