import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { floorNoteOf } from '../../../src/run/doctor/floor-of-run.ts'
import { keepFloor } from '../../../src/run/doctor/keep-floor.ts'
import { type FloorPlace, readFloor } from '../../../src/run/doctor/kept-floor.ts'
import { readMachine } from '../../../src/run/doctor/machine.ts'
import { Accumulator } from '../../../src/stats/accumulator.ts'
import { makeResult } from '../../../src/stats/result.ts'
import { planOf } from '../../report/results.ts'
import { k01Records, streamed } from '../../stats/records.ts'
import { distortedRung, heldRung, reportOf, serverRung } from './examples.ts'

let cache: string
const env = () => ({ EVALSCOPE_CACHE: cache })

beforeEach(() => {
  cache = mkdtempSync(join(tmpdir(), 'evalscope-floor-'))
})
afterEach(() => rmSync(cache, { recursive: true, force: true }))

const report = reportOf([
  { beat: 'own', rungs: [heldRung(1), heldRung(100), serverRung(500)], end: 'server' },
  { beat: 'common', rungs: [heldRung(10), distortedRung(50)], end: 'client' },
])

const here: FloorPlace = { hostname: 'here', cores: 2, cpuQuotaCores: 1.5, evalscope: '0.1.0', node: 'v20.20.0' }

describe('what the doctor found', () => {
  test('is read again by later runs, but for loads of which the client has no figure', () => {
    expect(keepFloor(report, env())).toContain(`kept in ${join(cache, 'doctor.json')}`)
    const floor = readFloor(env(), here)
    expect(floor?.date).toBe('2026-11-22')
    expect(
      floor?.rungs.map(({ streams, addedTtftMs, addedItlMs }) => [streams, addedTtftMs.p50, addedItlMs.p50]),
    ).toEqual([
      [1, 0.31, 0.05],
      [100, 0.31, 0.05],
      [10, 0.31, 0.05],
      [50, 0.31, 1.4],
    ])
    expect(readdirSync(cache)).toEqual(['doctor.json'])
  })

  test.each<[string, Partial<FloorPlace>]>([
    ['machine', { hostname: 'another' }],
    ['number of cores', { cores: 4 }],
    ['quota', { cpuQuotaCores: 1 }],
    ['quota, or none', { cpuQuotaCores: undefined }],
    ['version of ours', { evalscope: '0.2.0' }],
    ['version of Node', { node: 'v22.0.0' }],
  ])('is that of one %s', (_, change) => {
    keepFloor(report, env())
    expect(readFloor(env(), here)).toBeDefined()
    expect(readFloor(env(), { ...here, ...change })).toBeUndefined()
  })

  test.each([
    '',
    '{',
    'null',
    '[]',
    '{"format": 1}',
    '{"format": 0, "examined_at": "x", "machine": {"hostname": "here"}}',
  ])('is nothing where the file holds %j', text => {
    writeFileSync(join(cache, 'doctor.json'), text)
    expect(readFloor(env(), here)).toBeUndefined()
  })

  test('is nothing before it ever ran', () => {
    expect(readFloor(env(), here)).toBeUndefined()
  })

  test('that cannot be kept is told in a line, and no error', () => {
    writeFileSync(join(cache, 'file'), '')
    expect(keepFloor(report, { EVALSCOPE_CACHE: join(cache, 'file') })).toMatch(
      /^not kept for later runs: .*(EEXIST|ENOTDIR)/,
    )
  })
})

describe('a run', () => {
  const folded = () => {
    const accumulator = new Accumulator()
    for (const record of k01Records) accumulator.write(record)
    return accumulator
  }

  const notesOf = (accumulator: Accumulator): readonly string[] => {
    const floorNote = floorNoteOf(planOf(2, 5), accumulator, env())
    return makeResult(planOf(2, 5), accumulator, { interrupted: false, floorNote }).notes
  }

  test('that is far above the floor says nothing of it, one that is near has one note', async () => {
    const before = notesOf(folded())
    const found = { ...report, machine: await readMachine('better-sqlite3') }
    keepFloor(found, env())
    expect(notesOf(folded())).toEqual(before)
    const slow = heldRung(10, { addedTtftMs: { p50: 100, p99: 200, count: 700 } })
    keepFloor({ ...found, ladders: [{ beat: 'own', rungs: [slow], end: 'top' }] }, env())
    const added = notesOf(folded()).filter(note => !before.includes(note))
    expect(added).toEqual([expect.stringMatching(/^TTFT p50 .* of which up to 100 ms .*\(doctor, 2026-11-22\)\.$/)])
  })

  test('is measured by the gaps above 0 where most chunks shared a read', async () => {
    keepFloor({ ...report, machine: await readMachine('better-sqlite3') }, env())
    const noteWithGaps = (gaps: readonly number[]): string | undefined => {
      const accumulator = new Accumulator()
      accumulator.write(streamed({ start: 0, end: 9, ttft: 5, gaps, input: 1, output: gaps.length + 1 }))
      return floorNoteOf(planOf(1, 1), accumulator, env())
    }
    expect(noteWithGaps([0, 0, 0, 0.0005])).toMatch(/^ITL p50 0\.5 ms of gaps above 0, by which/)
    expect(noteWithGaps([0.0005])).toMatch(/^ITL p50 0\.5 ms, by which/)
    expect(noteWithGaps([0, 0, 0, 1])).toBeUndefined()
    expect(noteWithGaps([0, 0])).toBeUndefined()
  })
})
