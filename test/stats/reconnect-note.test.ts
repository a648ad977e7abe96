import { expect, test } from 'vitest'
import type { RunSummary } from '../../src/model/result.ts'
import type { RunPlan } from '../../src/model/run-plan.ts'
import { reconnectNote } from '../../src/stats/notes-load.ts'
import { planOf, resultOf } from '../report/results.ts'
import { quietHealth } from './health-samples.ts'

/** The note on a run of 100 requests in which so many connections were opened. */
const noteFor = (connectionsOpened: number, plan: Partial<RunPlan> = {}, counts: Partial<RunSummary> = {}) => {
  const { summary } = resultOf(planOf(10, 100), [])
  const health = quietHealth().summary
  if (health === undefined) throw new Error('nothing was observed')
  return reconnectNote(
    { ...planOf(10, 100), ...plan },
    { ...summary, totalRequests: 100, ...counts },
    { ...health, connectionsOpened },
  )
}

const { target } = planOf(10, 100)

test('connections that are opened again and again are told, and nobody is blamed', () => {
  expect(noteFor(90)).toBe(
    '90 connections were opened while requests were measured, not all before: a server or a proxy may close them, and this client does after 4 s without a request. Connecting is part of TTFT and latency.',
  )
})

test.each<[string, Parameters<typeof noteFor>]>([
  ['there were none', [0]],
  ['there were few', [1]],
  ['failures took theirs with them', [20, {}, { failedRequests: 15, cutOffRequests: 5 }]],
  ['each is a tunnel of its own', [90, { target: { ...target, url: 'https://h/v1', proxyUrl: 'http://proxy:1' } }]],
  ['none is kept', [90, { target: { ...target, keepAlive: false } }]],
  ['requests have times of their own', [90, { load: { kind: 'open', pacing: { ratePerSec: 1, arrival: 'poisson' } } }]],
])('nothing is said where %s', (_, given) => {
  expect(noteFor(...given)).toBeUndefined()
})

test.each<[string, number, Partial<RunPlan>, Partial<RunSummary>]>([
  ['of a proxy that forwards http', 90, { target: { ...target, proxyUrl: 'http://proxy:1' } }, {}],
  ['beyond those of failures', 90, {}, { failedRequests: 20 }],
])('they are told all the same %s', (_, opened, plan, counts) => {
  expect(noteFor(opened, plan, counts)).toMatch(counts.failedRequests === undefined ? /^90 / : /^70 /)
})
