import { runClient } from './processes.mjs'
import { median } from './statistics.mjs'
import { fixed, percent, table } from './table.mjs'

/** A comparison of less than all that was sent would be none. */
const checkCounts = (name, { client, source }, load) => {
  const { requests, chunks = source.chunks } = client
  if (requests !== load.requests) throw new Error(`${name}: ${requests} of ${load.requests} requests succeeded`)
  if (load.kind === 'stream' && chunks !== source.chunks) {
    throw new Error(`${name} counted ${chunks} chunks, the source sent ${source.chunks}`)
  }
}

/** One run of one client, its counts checked. */
export const checkedRun = async ({ source, clientOptions, oursOptions }, name, load) => {
  const run = await runClient(source, name, { ...load, ...(name === 'ours' ? oursOptions : {}) }, clientOptions)
  checkCounts(name, run, load)
  return run
}

/**
 * A client that waits longer for a core gets several chunks with a read, at less cost each. On two idle cores it is up to
 * 16 %: the system likes to wake the client on the core of the source.
 */
const mostWaitedShare = 0.2

const isDisturbed = ({ client, source }) => source.wasLimit || client.waitedShare > mostWaitedShare

/**
 * Runs each of `names` once a round, every other round backwards: what drifts, drifts for all. Up to `spare` rounds in
 * which the machine was busy with something else are run again; gives the runs that count, and how many rounds do not.
 */
export const runRounds = async (context, names, load, { rounds, spare }) => {
  const runs = Object.fromEntries(names.map(name => [name, []]))
  let repeated = 0
  for (let round = 0; round < rounds; ) {
    const ofRound = []
    for (const name of (round + repeated) % 2 === 0 ? names : names.toReversed()) {
      ofRound.push([name, await checkedRun(context, name, load)])
    }
    if (repeated < spare && ofRound.some(([, run]) => isDisturbed(run))) {
      repeated++
      continue
    }
    for (const [name, run] of ofRound) runs[name].push(run)
    round++
  }
  return { runs, repeated }
}

/** Each client's cost per unit, medians of its runs, and its ratio to the bare client of the same round. */
export const costs = (runs, unitsOf) => {
  const costUs = run => run.client.cpuUs / unitsOf(run)
  return Object.entries(runs).map(([name, ofName]) => {
    const ratios = ofName.map((run, round) => costUs(run) / costUs(runs.bare[round]))
    const medianOf = figure => median(ofName.map(figure))
    const cpuUs = medianOf(costUs)
    return {
      name,
      cpuUs,
      loadCpuUs: medianOf(run => run.client.load.cpuUs / unitsOf(run)),
      processCpuUs: medianOf(run => run.client.processCpuUs / unitsOf(run)),
      perSecPerCore: 1e6 / cpuUs,
      ratio: { median: median(ratios), least: Math.min(...ratios), most: Math.max(...ratios) },
      utilization: medianOf(run => run.client.utilization),
      waitedShare: medianOf(run => run.client.waitedShare),
      maxRssMb: medianOf(run => run.client.maxRssMb),
      sourceWasLimit: ofName.filter(run => run.source.wasLimit).length,
    }
  })
}

/** A table of `costs`; `unit` is what the cost is of. */
export const costLines = (clients, unit) =>
  table(
    [
      'client',
      `µs/${unit}`,
      'load alone',
      'process',
      `${unit}s/s a core`,
      'x bare',
      '(range)',
      'busy',
      'waited',
      'RSS MB',
      '',
    ],
    clients.map(({ name, ratio, ...each }) => [
      name,
      fixed(each.cpuUs, 1),
      fixed(each.loadCpuUs, 1),
      fixed(each.processCpuUs, 1),
      fixed(each.perSecPerCore, 0),
      fixed(ratio.median, 2),
      `${fixed(ratio.least, 2)}-${fixed(ratio.most, 2)}`,
      percent(each.utilization),
      percent(each.waitedShare),
      fixed(each.maxRssMb, 0),
      doubts(each),
    ]),
  )

/** What speaks against a row: runs in which the source could not keep its times, or the client had no core. */
export const doubts = ({ sourceWasLimit, waitedShare }) =>
  [
    sourceWasLimit > 0 ? `the source was the limit in ${sourceWasLimit}` : '',
    waitedShare > mostWaitedShare ? 'the machine was busy' : '',
  ]
    .filter(doubt => doubt !== '')
    .join('; ')
