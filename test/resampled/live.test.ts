import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { SimulationKnobs } from '../../src/server/knobs.ts'
import { startSimulatedServer } from '../../src/server/simulated.ts'
import { createCli, words } from '../support/cli.ts'

const cli = createCli()
const limitMs = 300_000

const knobs = { itlMs: 8, prefillBaseMs: 20, outputTokens: 24 }
const slower = { itlMs: 8.8, prefillBaseMs: 22, outputTokens: 24 }

const closed = '--parallel 8 --number 700'
const open = '--open-loop --rate 20 --number 600 --seed 3'

/** What is called of B against A, by metric. */
const calledIn = async (load: string, other: Partial<SimulationKnobs>): Promise<Readonly<Record<string, string>>> => {
  const directory = mkdtempSync(join(tmpdir(), 'evalscope-live-'))
  for (const [name, own] of [
    ['a', knobs],
    ['b', other],
  ] as const) {
    const server = await startSimulatedServer({ knobs: { ...knobs, ...own } })
    const line = `perf --url ${server.url} --model m --no-timestamp --name ${name} ${load}`
    const { code, stderr } = await cli.run(words(line), { directory, limitMs })
    await server.close()
    expect(code, stderr).toBe(0)
  }
  const { stdout, stderr } = await cli.run(words('compare outputs/a outputs/b --json --no-write'), {
    directory,
    limitMs,
  })
  expect(stderr).toBe('')
  const { metrics } = JSON.parse(stdout).comparisons[0].runs[0]
  const found = Object.entries(metrics as Record<string, { verdict: string; change: number }>)
  console.log(found.map(([name, { verdict, change }]) => `${name} ${change?.toFixed(1)} ${verdict}`).join('\n'))
  return Object.fromEntries(found.map(([name, { verdict }]) => [name, verdict]))
}

const changed = (found: Readonly<Record<string, string>>): readonly string[] =>
  Object.entries(found).flatMap(([name, verdict]) =>
    ['better', 'worse'].includes(verdict) ? [`${name} ${verdict}`] : [],
  )

test.each([
  ['a closed loop', closed],
  ['an open loop', open],
])('%s against the same server twice differs in nothing', { timeout: limitMs }, async (_, load) => {
  expect(changed(await calledIn(load, knobs))).toEqual([])
})

test('a server that is 10 % slower is worse, and better in nothing', { timeout: limitMs }, async () => {
  const found = await calledIn(closed, slower)
  expect(found).toMatchObject({
    avg_itl: 'worse',
    avg_tpot: 'worse',
    avg_latency: 'worse',
    tps: 'worse',
  })
  expect(changed(found).filter(name => name.endsWith('better'))).toEqual([])
})
