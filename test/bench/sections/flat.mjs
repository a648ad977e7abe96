import { checkedRun } from '../pairs.mjs'
import { median } from '../statistics.mjs'
import { fixed, table } from '../table.mjs'

const fewRequests = 1000
/** A run before the measured one, so that the short run is not that of a cold process. */
const warmRequests = 5000

const measureOne = async (context, requests, rounds) => {
  const load = { kind: 'instant', streams: 32, requests, tokens: 8, warmRequests }
  const runs = []
  for (let round = 0; round < rounds; round++) runs.push(await checkedRun(context, 'ours', load))
  const held = await checkedRun(context, 'ours', { ...load, holdAt: warmRequests + requests })
  return {
    requests,
    cpuUs: median(runs.map(({ client }) => client.load.cpuUs / requests)),
    heldMb: held.client.heldMb,
    endMs: median(runs.map(({ client, source }) => client.returnedMs - source.lastWriteMs)),
  }
}

/** Whether a request costs as much in a long run as in a short one, and how long the end of a run takes. */
export const flat = {
  name: 'flat',
  title: 'Cost in long runs: streams of 8 tokens that come at once',
  measure: async context => {
    const manyRequests = context.isFull ? 100_000 : context.isQuick ? 10_000 : 20_000
    const few = await measureOne(context, fewRequests, context.isQuick ? 1 : 5)
    const many = await measureOne(context, manyRequests, context.isQuick ? 1 : 3)
    const endMsPerRequest = (many.endMs - few.endMs) / (many.requests - few.requests)
    return {
      runs: [few, many],
      cpuRatio: many.cpuUs / few.cpuUs,
      grownMb: many.heldMb - few.heldMb,
      endMsPer100kRequests: few.endMs + endMsPerRequest * (100_000 - few.requests),
    }
  },
  lines: ({ runs, cpuRatio, grownMb, endMsPer100kRequests }) => [
    ...table(
      ['requests', 'µs/request', 'MB held in the run', 'ms from last answer to result'],
      runs.map(each => [String(each.requests), fixed(each.cpuUs, 1), fixed(each.heldMb, 1), fixed(each.endMs, 0)]),
    ),
    `CPU x ${fixed(cpuRatio, 2)}, memory ${grownMb < 0 ? '' : '+'}${fixed(grownMb, 1)} MB (heapUsed + external), end of a run of 100000 requests ${fixed(endMsPer100kRequests, 0)} ms`,
  ],
}
