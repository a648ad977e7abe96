import { describe, expect, test } from 'vitest'
import type { JsonObject } from '../../src/model/json.ts'
import type { Ladder, Rung } from '../../src/model/machine-floor.ts'
import { doctorConclusions, hasAnyHeld } from '../../src/report/doctor-conclusions.ts'
import { doctorJson } from '../../src/report/doctor-json.ts'
import { doctorText } from '../../src/report/doctor-table.ts'
import { distortedRung, heldRung, reportOf, serverRung } from '../run/doctor/examples.ts'

const held = [heldRung(1), heldRung(1000, { addedTtftMs: { p50: 1.25, p99: 8, count: 900 } })]
const failed: Rung = { kind: 'failed', streams: 2000, reason: 'connect: too many open files' }

const ladders = {
  server: { beat: 'own', rungs: [...held, serverRung(2000)], end: 'server' },
  client: { beat: 'common', rungs: [...held, distortedRung(2000)], end: 'client' },
  failed: { beat: 'own', rungs: [...held, failed], end: 'failed' },
  time: { beat: 'own', rungs: held, end: 'time' },
  top: { beat: 'own', rungs: held, end: 'top' },
} as const satisfies Readonly<Record<string, Ladder>>

const sentence = (ladder: Ladder): string => doctorConclusions(reportOf([ladder])).join(' ')

describe('the conclusions', () => {
  test('say how far the client can be relied on, and by how much it is off', () => {
    expect(sentence(ladders.top)).toBe(
      'Streams on beats of their own: up to 1000 streams (48,200 chunks/s) this client adds at most 1.25 ms to TTFT and 0.05 ms to ITL (p50), less than 5 % of either. More was not tried.',
    )
  })

  test('say that the server was the limit, and claim nothing of the client there', () => {
    const text = sentence(ladders.server)
    expect(text).toContain(
      'At 2000 the server was the limit: its own writes were 3.14 ms late (p99), more than 2 ms. What this client can do there is not known.',
    )
    expect(text).toContain('up to 1000 streams')
  })

  test.each([
    [
      'client',
      'At 2000 it distorts: 0.31 ms (p50) and 0.92 ms (p99) in a TTFT of 50.6 ms, 1.4 ms and 9.1 ms in an ITL of 20 ms. Spread such loads over threads with --workers.',
    ],
    ['failed', 'At 2000 requests failed (connect: too many open files).'],
    ['time', 'Time was up after 1000.'],
  ] as const)('say what ended a ladder: %s', (name, expected) => {
    expect(sentence(ladders[name])).toContain(expected)
  })

  test('say so where nothing came through', () => {
    const nothing: Ladder = { beat: 'own', rungs: [serverRung(1)], end: 'server' }
    expect(sentence(nothing)).toMatch(/no load came through undistorted\. At 1 the server was the limit/)
    expect(hasAnyHeld(reportOf([nothing]))).toBe(false)
    expect(hasAnyHeld(reportOf([nothing, ladders.client]))).toBe(true)
  })

  test('warn of a machine that was busy, and of no other', () => {
    const { machine } = reportOf([])
    expect(doctorConclusions(reportOf([], { machine: { ...machine, loadAverage: 4.5 } }))).toEqual([
      'The machine was busy before: load 4.5 on 2 cores. Its floor is lower when nothing else runs.',
    ])
    expect(doctorConclusions(reportOf([]))).toEqual([])
  })
})

describe('the text', () => {
  const text = doctorText(reportOf([ladders.server, ladders.client, ladders.failed]))

  test('fits into 80 columns', () => {
    expect(text.split('\n').filter(line => line.length > 80)).toEqual([])
  })

  test('shows no figure of the client where the server was the limit', () => {
    expect(text.replaceAll(' ', '')).toContain('│2000│—│—│—│—│—│—│3.14│server│')
    expect(text.replaceAll(' ', '')).toContain('│2000│—│—│—│—│—│—│—│failed│')
  })

  test('marks a p99 of too few samples, and says what the mark means', () => {
    expect(text.replaceAll(' ', '')).toContain('│1│48│0.31│0.92*│0.05│1.1*│0%│0.41*│held│')
    expect(text.replaceAll(' ', '')).toContain('│1000│48,200│1.25│8│0.05│1.1│67%│0.41│held│')
    expect(text).toContain('\n* fewer samples than the 662')
    expect(doctorText(reportOf([{ ...ladders.top, rungs: [heldRung(1000)] }]))).not.toContain('*')
  })

  test('tells limits and quota, or that there are none', () => {
    expect(text).toMatch(/CPU quota +│ 1\.5 cores/)
    expect(text).toMatch(/Open files +│ 1048576, 25 in use/)
    const { machine } = reportOf([])
    const unknown = {
      cpuQuotaCores: undefined,
      openFiles: undefined,
      localPorts: undefined,
      closedPortReuse: undefined,
    }
    const bare = doctorText(reportOf([], { machine: { ...machine, ...unknown } }))
    expect(bare).toMatch(/CPU quota +│ none/)
    expect(bare).toMatch(/Local ports +│ — /)
  })
})

describe('the document', () => {
  const rungs = (ladder: Ladder): readonly JsonObject[] => {
    const found = doctorJson(reportOf([ladder])).ladders as readonly { readonly rungs: readonly JsonObject[] }[]
    return found.flatMap(each => each.rungs)
  }

  test('says of each load what came of it', () => {
    const results = (ladder: Ladder) => rungs(ladder).map(({ streams, result }) => [streams, result])
    expect(results(ladders.server).at(-1)).toEqual([2000, 'server was the limit'])
    expect(results(ladders.client)).toEqual([
      [1, 'held'],
      [1000, 'held'],
      [2000, 'distorted'],
    ])
    expect(results(ladders.failed).at(-1)).toEqual([2000, 'failed'])
  })

  test('has no key for the client where the server was the limit', () => {
    expect(Object.keys(rungs(ladders.server).at(-1) ?? {})).toEqual(['streams', 'result', 'server_lateness_p99_ms'])
  })

  test('survives JSON as it is', () => {
    const document = doctorJson(reportOf(Object.values(ladders)))
    expect(JSON.parse(JSON.stringify(document))).toEqual(document)
  })
})
