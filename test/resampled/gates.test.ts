import { expect, test } from 'vitest'
import { startSimulatedServer } from '../../src/server/simulated.ts'
import { tryPairs } from '../stats/gate-pairs.ts'
import { recordKinds } from '../stats/record-sets.ts'
import { createCli, words } from '../support/cli.ts'

const cli = createCli()
const limitMs = 600_000

test('the default tolerances of a baseline hold for a thousand pairs of recorded runs', { timeout: limitMs }, () => {
  const kinds = Object.entries(recordKinds)
  const outcomes = kinds.map(([name, kind]) => {
    const outcome = tryPairs(kind, Math.ceil(1000 / kinds.length))
    console.log(`${name}: ${JSON.stringify(outcome)}`)
    return outcome
  })
  const [pairs, equal, slower] = (['pairs', 'failingEqual', 'failingSlower'] as const).map(count =>
    outcomes.reduce((sum, outcome) => sum + outcome[count], 0),
  ) as [number, number, number]
  expect(pairs).toBeGreaterThanOrEqual(1000)
  expect(equal / pairs).toBeLessThanOrEqual(0.01)
  expect(slower / pairs).toBeGreaterThanOrEqual(0.95)
})

const knobs = { prefillBaseMs: 100, itlMs: 20, outputTokens: 16 }
const slowerKnobs = { prefillBaseMs: 120, itlMs: 24, outputTokens: 16 }

/** Exit code and gates of a run against such a server. */
const measure = async (more: string, { directory, own }: { directory: string; own: typeof knobs }) => {
  const server = await startSimulatedServer({ knobs: own })
  const line = `perf --url ${server.url} --model m --no-timestamp --parallel 4 --number 80 ${more} --json`
  const { code, stdout } = await cli.run(words(line), { directory, limitMs })
  await server.close()
  const { gates } = JSON.parse(stdout)
  return { code, reasons: gates?.checks.map(({ reason }: { reason: string }) => reason) }
}

test.each([1, 2, 3])(
  'live pair %i: the same server passes, one that is a fifth slower fails',
  { timeout: limitMs },
  async () => {
    const directory = cli.freshDirectory()
    const baseline = await measure('--name base', { directory, own: knobs })
    const equal = await measure('--name equal --baseline outputs/base', { directory, own: knobs })
    const slower = await measure('--name slower --baseline outputs/base', { directory, own: slowerKnobs })
    console.log(JSON.stringify({ equal, slower }, null, 1))
    expect([baseline.code, equal.code, slower.code]).toEqual([0, 0, 1])
  },
)
