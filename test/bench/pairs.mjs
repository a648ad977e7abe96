import { runClient } from './processes.mjs'
import { median } from './statistics.mjs'

/** Whether the client got all that was sent; a comparison of less would be none. */
const checkCounts = (name, { client, source }, load) => {
  if (client.requests !== load.requests)
    throw new Error(`${name}: ${client.requests} of ${load.requests} requests succeeded`)
  if (load.kind === 'stream' && client.chunks !== undefined && client.chunks !== source.chunks) {
    throw new Error(`${name} counted ${client.chunks} chunks, the source sent ${source.chunks}`)
  }
}

/** One run of a client, its counts checked. */
export const checkedRun = async (source, name, load) => {
  const run = await runClient(source, name, load)
  checkCounts(name, run, load)
  return run
}

/** Runs each of `names` once a round, the order turned round every other round: what drifts, drifts for all. */
export const runRounds = async (source, names, load, rounds) => {
  const runs = Object.fromEntries(names.map(name => [name, []]))
  for (let round = 0; round < rounds; round++) {
    for (const name of round % 2 === 0 ? names : names.toReversed()) {
      runs[name].push(await checkedRun(source, name, load))
    }
  }
  return runs
}

/** Medians of a client's cost per unit of `unitsOf`, and its ratio to `base` in the same rounds: median, least and most. */
export const costs = (runs, base, unitsOf) => {
  const costUs = run => run.client.cpuUs / unitsOf(run)
  return Object.entries(runs).map(([name, ofName]) => {
    const ratios = ofName.map((run, round) => costUs(run) / costUs(runs[base][round]))
    return {
      name,
      cpuUs: median(ofName.map(costUs)),
      loadCpuUs: median(ofName.map(run => run.client.load.cpuUs / unitsOf(run))),
      processCpuUs: median(ofName.map(run => run.client.processCpuUs / unitsOf(run))),
      ratio: { median: median(ratios), least: Math.min(...ratios), most: Math.max(...ratios) },
      utilization: median(ofName.map(run => run.client.utilization)),
      endMb: median(ofName.map(run => run.client.endMb)),
      sourceWasLimit: ofName.filter(run => run.source.wasLimit).length,
    }
  })
}
