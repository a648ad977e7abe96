// Percentiles over a very long run: the counters that hold its gaps between chunks.
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { fileURLToPath } from 'node:url'
import { heldMb } from './meter.mjs'

const percents = [1, 5, 10, 25, 50, 66, 75, 80, 90, 95, 98, 99]

/** Counts `load.samples` gaps of about 20 ms with a long tail, and takes every percentile of the tables. */
export const run = async (load, meter) => {
  const dist = load.dist ?? fileURLToPath(new URL('../../../dist/', import.meta.url))
  const { Tally } = await import(join(dist, 'stats/tally.js'))
  const beforeMb = heldMb()
  const tally = new Tally()
  let random = 1
  meter.begin()
  for (let i = 0; i < load.samples; i++) {
    random = (Math.imul(random, 1664525) + 1013904223) >>> 0
    // One in 64 thousand took seconds.
    tally.add(random < 65_536 ? 2_000_000 + (random << 4) : 15_000 + (random >>> 16))
  }
  meter.end()
  const startMs = performance.now()
  const figures = percents.map(percent => tally.percentile(percent))
  const percentilesMs = performance.now() - startMs
  return { percentilesMs, tallyMb: heldMb() - beforeMb, samples: tally.count, p50Us: figures[4] }
}
