import { expect, test } from 'vitest'
import type { SimulationKnobs } from '../../src/server/knobs.ts'
import { startSimulatedServer } from '../../src/server/simulated.ts'
import { createCli, words } from '../support/cli.ts'

const cli = createCli()
const limitMs = 600_000

/** Slow enough that what else a machine does is little beside it. */
const knobs = { itlMs: 40, prefillBaseMs: 100, outputTokens: 10 }
const slower = { itlMs: 44, prefillBaseMs: 110 }

const closed = '--parallel 8 --number 500'
const open = '--open-loop --rate 12 --number 400 --seed 3'

interface Compared {
  readonly metrics: Readonly<Record<string, { readonly verdict: string; readonly change: number | null }>>
  readonly baseline: { readonly verdict: { readonly verdict: string } }
  readonly value: { readonly verdict: { readonly verdict: string } }
}

/** Runs the same load against two servers, one after the other. */
const compareServers = async (load: string, other: Partial<SimulationKnobs>): Promise<Compared> => {
  const directory = cli.freshDirectory()
  for (const [name, own] of [
    ['a', {}],
    ['b', other],
  ] as const) {
    const server = await startSimulatedServer({ knobs: { ...knobs, ...own } })
    const line = `perf --url ${server.url} --model m --no-timestamp --name ${name} ${load}`
    const { code, stderr } = await cli.run(words(line), { directory, limitMs })
    await server.close()
    expect(code, stderr).toBe(0)
  }
  const line = 'compare outputs/a outputs/b --json --no-write'
  const { stdout, stderr } = await cli.run(words(line), { directory, limitMs })
  expect(stderr).toBe('')
  return JSON.parse(stdout).comparisons[0].runs[0]
}

/** What is called of B against A, by metric: where both runs are VALID, for which a busy machine gets three attempts. */
const calledIn = async (load: string, other: Partial<SimulationKnobs>): Promise<Readonly<Record<string, string>>> => {
  for (let attempt = 1; attempt <= 3; attempt++) {
    const { metrics, baseline, value } = await compareServers(load, other)
    const found = Object.entries(metrics)
    const lines = found.map(([name, { verdict, change }]) => `${name} ${change?.toFixed(1)} ${verdict}`)
    const levels = [baseline, value].map(({ verdict }) => verdict.verdict)
    console.log([...levels, ...lines].join('\n'))
    if (levels.every(level => level === 'VALID'))
      return Object.fromEntries(found.map(([name, { verdict }]) => [name, verdict]))
  }
  throw new Error('three times a run was not VALID: these pairs take a quieter machine')
}

const changed = (found: Readonly<Record<string, string>>): readonly string[] =>
  Object.entries(found).flatMap(([name, verdict]) =>
    ['better', 'worse'].includes(verdict) ? [`${name} ${verdict}`] : [],
  )

test.each([
  ['a closed loop', closed],
  ['an open loop', open],
])('%s against the same server twice differs in nothing', { timeout: limitMs }, async (_, load) => {
  expect(changed(await calledIn(load, {}))).toEqual([])
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
