import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { planOf } from '../report/results.ts'
import { makeRun } from '../run/make-run.ts'
import { drawRecords } from '../stats/record-sets.ts'
import { createCli, type Finished, words } from '../support/cli.ts'

const cli = createCli()
const limitMs = 60_000

let directory: string
beforeAll(async () => {
  directory = cli.freshDirectory()
  for (const [name, slowdown] of [
    ['before', 1],
    ['after', 1.2],
  ] as const) {
    const records = drawRecords({ seed: 1, requests: 200, concurrency: 4, slowdown, tokens: 8 })
    const plan = { ...planOf(4, 200), name: 'parallel_4_number_200', model: '羊驼' }
    await makeRun(join(directory, name), plan.name, { facts: { plan }, records })
  }
})

const compare = (line: string): Promise<Finished> => cli.run(['compare', ...words(line)], { directory, limitMs })

describe('evalscope compare', { timeout: limitMs }, () => {
  test('prints tables to stdout and makes pictures, which it never overwrites', async () => {
    const first = await compare('before after --output plots')
    expect(first.code, first.stderr).toBe(0)
    expect(first.stdout).toMatch(/^A is before, model 羊驼\nB is after, model 羊驼\n/)
    expect(first.stdout).toMatch(/│ ITL mean \(ms\) .* │ worse +│\n/)
    expect(first.stderr).toContain('picture: plots/comparison.svg')
    const svg = readFileSync(join(directory, 'plots/comparison.svg'), 'utf8')
    expect(svg).toContain('A: before')
    const second = await compare('before after --output plots')
    expect(second.stdout).toBe(first.stdout)
    expect(second.stderr).toContain('picture: plots/comparison_2.svg')
    expect(readFileSync(join(directory, 'plots/comparison.svg'), 'utf8')).toBe(svg)
  })

  test('is one JSON document for programs, and no picture where none is wanted', async () => {
    const { code, stdout, stderr } = await compare('before after --json --no-write')
    expect([code, stderr]).toEqual([0, ''])
    const document = JSON.parse(stdout)
    expect(document.baseline).toMatchObject({ path: 'before', model: '羊驼', made_by: 'evalscope for Node' })
    const { avg_itl, p99_latency } = document.comparisons[0].runs[0].metrics
    expect(avg_itl).toMatchObject({ unit: 'ms', verdict: 'worse', change_unit: '%' })
    expect(avg_itl.change).toBeCloseTo(20, -1)
    expect(avg_itl.interval[0]).toBeGreaterThan(0)
    expect(p99_latency).toMatchObject({ interval: null, verdict: 'too few samples' })
    expect(existsSync(join(directory, 'comparison.svg'))).toBe(false)
  })

  test.each([
    ['before', "error: missing required argument 'others'", ''],
    ['before nowhere', 'cannot read nowhere: ENOENT', 'give the directory of a benchmark'],
    ['before after --output file', 'cannot make file: it is not a directory', ''],
    ['before after --output file/below', 'cannot make file/below: ENOTDIR', ''],
    // Node's own recursive mkdir never returns from here.
    ['before after --output /proc/x', 'cannot make /proc/x: ENOENT', ''],
  ])('%s: one line says what is wrong', async (line, what, wayOn) => {
    writeFileSync(join(directory, 'file'), '')
    const { code, stderr } = await compare(line)
    expect(code).not.toBe(0)
    expect(stderr.trim().split('\n')).toHaveLength(1)
    expect(stderr).toContain(what.replace('error: ', ''))
    expect(stderr).toContain(wayOn)
  })
})
