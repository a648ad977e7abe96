import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { RequestRecord } from '../../src/model/record.ts'
import { readResults } from '../../src/run/stored-benchmark.ts'
import { startSimulatedServer } from '../../src/server/simulated.ts'
import { compareRecords } from '../stats/comparisons.ts'
import { dealPair, drawRecords, recordKinds, slowedDown } from '../stats/record-sets.ts'
import { createCli, words } from '../support/cli.ts'

/** Half of the pairs are made up, half are dealt from recorded runs. */
const pairs = Number(process.env.STATS_PAIRS ?? 1000)
const limitMs = 3_600_000

type Pair = readonly [readonly RequestRecord[], readonly RequestRecord[]]

/** How often something was called in pairs of equals, and in the same pairs with one 10 % slower. */
class Score {
  #pairs = 0
  #alarms = 0
  #found = 0
  #mistaken = 0

  add([a, b]: Pair): void {
    const verdicts = (other: readonly RequestRecord[]) => compareRecords(a, other).map(({ verdict }) => verdict)
    const equal = verdicts(b)
    const slower = verdicts(slowedDown(b, 1.1))
    this.#pairs++
    if (equal.includes('better') || equal.includes('worse')) this.#alarms++
    if (slower.includes('worse')) this.#found++
    if (slower.includes('better')) this.#mistaken++
  }

  merge(other: Score): void {
    this.#pairs += other.#pairs
    this.#alarms += other.#alarms
    this.#found += other.#found
    this.#mistaken += other.#mistaken
  }

  /** 1 % of all pairs, and three standard errors of a share of so many: with few of them one alarm is no finding. */
  get mostAlarms(): number {
    return 0.01 * this.#pairs + 3 * Math.sqrt(0.01 * 0.99 * this.#pairs)
  }

  get alarms(): number {
    return this.#alarms
  }

  get falseAlarmPercent(): number {
    return (100 * this.#alarms) / this.#pairs
  }

  get foundPercent(): number {
    return (100 * this.#found) / this.#pairs
  }

  toString(): string {
    const { falseAlarmPercent, foundPercent } = this
    return `${this.#pairs} pairs: ${falseAlarmPercent.toFixed(1)} % false alarms, ${foundPercent.toFixed(1)} % of changes by 10 % found, ${this.#mistaken} taken for the opposite`
  }
}

const all = new Score()

const score = (name: string, list: Iterable<Pair>): void => {
  const own = new Score()
  for (const pair of list) own.add(pair)
  console.log(`${name}: ${own}`)
  all.merge(own)
}

test.each(Object.entries(recordKinds))('made up: %s', { timeout: limitMs }, (name, kind) => {
  const count = Math.ceil(pairs / 2 / Object.keys(recordKinds).length)
  const draw = (seed: number) => drawRecords({ ...kind, seed })
  score(
    name,
    Array.from({ length: count }, (_, index) => index).map(index => [draw(2 * index + 1), draw(2 * index + 2)]),
  )
})

const recordings = [
  ['in step', {}, '--parallel 10 --number 3000'],
  ['each at its own beat', { desync: true, outputSpread: 0.8 }, '--parallel 10 --number 3000'],
  ['with failures', { errorRate: 0.02 }, '--parallel 16 --number 4000'],
] as const

const cli = createCli()

/** A run of a few minutes. */
const record = async (knobs: object, load: string): Promise<readonly RequestRecord[]> => {
  const server = await startSimulatedServer({ knobs: { outputTokens: 12, itlMs: 4, ...knobs } })
  const line = `perf --url ${server.url} --model m --no-timestamp --name r --save-responses none ${load}`
  const { directory, stderr, code } = await cli.run(words(line), { limitMs })
  await server.close()
  expect(code, stderr).toBe(0)
  const { runs } = await readResults(join(directory, 'outputs/r'))
  const records: RequestRecord[] = []
  for (const run of runs) for await (const each of run.records()) records.push(each)
  return records
}

test.each(recordings)('recorded: %s', { timeout: limitMs }, async (name, knobs, load) => {
  const records = await record(knobs, load)
  const count = Math.ceil(pairs / 2 / recordings.length)
  score(
    name,
    Array.from({ length: count }, (_, seed) => dealPair(records, { seed, requests: 1000 })),
  )
})

test('of all pairs hardly more than 1 % are false alarms, and at least 95 % of changes by 10 % are found', () => {
  console.log(`all: ${all}`)
  expect(all.alarms).toBeLessThanOrEqual(all.mostAlarms)
  expect(all.foundPercent).toBeGreaterThanOrEqual(95)
})
