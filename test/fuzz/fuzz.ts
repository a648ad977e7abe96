import { performance } from 'node:perf_hooks'
import { Worker } from 'node:worker_threads'
import fc from 'fast-check'
import { test } from 'vitest'
import { askedCases, seed } from './seed.ts'

/** Cases of each target beside the other tests; `npm run test:fuzz` asks for more. */
const casesBeside = 150

/** A case that takes longer has met something that grows with more than its input; a machine may well be busy. */
const mostCaseMs = 5000
/** A case that takes this long will not end. */
const hangMs = 30_000

/** How many cases a target has, and what failed once. */
export interface FuzzOptions<Case extends readonly unknown[]> {
  /** Of `casesBeside`, where a case takes long: 0.5 is half as many. */
  readonly share?: number
  /** Cases that failed once, tried before all others. */
  readonly kept?: readonly Case[]
}

/**
 * A target as a test: `check` is to throw for a case that goes wrong. What failed is told with its seed and made small;
 * a case that hangs is told, too, and ends the process. `FUZZ_CASES` and `FUZZ_SEED` set how many there are and which.
 */
export const fuzz = <Case extends [unknown, ...unknown[]]>(
  target: string,
  arbitraries: { [Position in keyof Case]: fc.Arbitrary<Case[Position]> },
  check: (...given: Case) => unknown,
  { share = 1, kept = [] }: FuzzOptions<Case> = {},
): void => {
  const cases = askedCases ?? Math.ceil(casesBeside * share)
  const limitMs = askedCases === undefined ? 60_000 : 3_600_000
  test(
    `${target} (seed ${seed})`,
    async () => {
      const watch = watchFor(target)
      const startMs = performance.now()
      let slowestMs = 0
      const timed = async (...given: Case): Promise<void> => {
        watch.begin()
        const fromMs = performance.now()
        await check(...given)
        const tookMs = performance.now() - fromMs
        slowestMs = Math.max(slowestMs, tookMs)
        if (tookMs > mostCaseMs) throw new Error(`took ${Math.round(tookMs)} ms`)
        const stain = pollution()
        if (stain !== undefined) throw new Error(`a prototype has a new key: ${stain}`)
      }
      try {
        const property = fc.asyncProperty(...(arbitraries as [fc.Arbitrary<unknown>]), timed as never)
        await fc.assert(property, { numRuns: cases, seed, examples: kept as never, endOnFailure: false })
      } finally {
        await watch.end()
        const seconds = (performance.now() - startMs) / 1000
        tell({ target, cases: cases + kept.length, seconds, slowestMs })
      }
    },
    limitMs,
  )
}

interface Told {
  readonly target: string
  readonly cases: number
  readonly seconds: number
  readonly slowestMs: number
}

const tell = ({ target, cases, seconds, slowestMs }: Told): void => {
  if (askedCases === undefined) return
  const figures = `${cases} cases, ${seconds.toFixed(1)} s, slowest ${slowestMs.toFixed(0)} ms`
  const mostMb = Math.round(process.resourceUsage().maxRSS / 1024)
  process.stderr.write(`fuzz: ${target}: ${figures}, seed ${seed}; the process had at most ${mostMb} MB so far\n`)
}

/** A key that a case has put where all objects find it. */
const pollution = (): string | undefined => {
  for (const key in {}) return key
  for (const key in []) return key
  return Object.hasOwn(Object.prototype, 'polluted') ? 'polluted' : undefined
}

/** Code that never gives back the thread can only be seen from another one. */
const watchFor = (target: string) => {
  const counts = new Int32Array(new SharedArrayBuffer(8))
  const worker = new Worker(watchCode, { eval: true, workerData: { counts, target, seed, hangMs } })
  worker.unref()
  return {
    begin: () => Atomics.add(counts, 0, 1),
    end: async () => {
      Atomics.store(counts, 1, 1)
      await worker.terminate()
    },
  }
}

const watchCode = `
const { workerData: { counts, target, seed, hangMs } } = require('node:worker_threads')
const { writeSync } = require('node:fs')
let last = 0
let since = Date.now()
setInterval(() => {
  const now = Atomics.load(counts, 0)
  if (now !== last) since = Date.now()
  last = now
  if (Date.now() - since < hangMs || Atomics.load(counts, 1) === 1) return
  writeSync(2, 'fuzz: ' + target + ': case ' + now + ' of seed ' + seed + ' does not end\\n')
  process.kill(process.pid, 'SIGKILL')
}, 1000)
`
