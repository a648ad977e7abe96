import { checkedRun } from '../pairs.mjs'
import { median } from '../statistics.mjs'
import { fixed, table } from '../table.mjs'

const fewRequests = 1000
/**
 * Before the measured run, so that the short one is not that of a cold process. With a single run before it, V8 would
 * compile much of ours anew: the second instance of a class has another hidden class than the first.
 */
const warm = { warmRuns: 3, warmRequests: 2500 }

/** µs a request in each part of the run. */
const partsUs = ({ client }, requests) =>
  client.marks.map((us, i) => (us - (client.marks[i - 1] ?? 0)) / (requests / client.marks.length))

const loadOf = requests => ({ kind: 'instant', streams: 32, requests, tokens: 8, ...warm })

const figuresOf = (requests, runs, heldMb) => {
  const parts = runs.map(run => partsUs(run, requests))
  return {
    requests,
    cpuUs: median(runs.map(({ client }) => client.load.cpuUs / requests)),
    quartersUs: parts[0].map((_, i) => median(parts.map(part => part[i]))),
    heldMb,
    endMs: median(runs.map(({ client, source }) => client.returnedMs - source.lastWriteMs)),
  }
}

/** Short and long runs by turns: what drifts, drifts for both. */
const measureBoth = async (context, numbers, rounds) => {
  const runs = numbers.map(() => [])
  for (let round = 0; round < rounds; round++) {
    for (const [i, requests] of numbers.entries()) runs[i].push(await checkedRun(context, 'ours', loadOf(requests)))
  }
  const figures = []
  for (const [i, requests] of numbers.entries()) {
    // A collection in the middle of a run would count as its cost, so memory has a run of its own.
    const holdAt = warm.warmRuns * warm.warmRequests + requests
    const { client } = await checkedRun(context, 'ours', { ...loadOf(requests), holdAt })
    figures.push(figuresOf(requests, runs[i], client.heldMb))
  }
  return figures
}

/** Whether a request costs as much in a long run as in a short one, and how long the end of a run takes. */
export const flat = {
  name: 'flat',
  title: 'Cost in long runs: streams of 8 tokens that come at once, 32 at a time',
  measure: async context => {
    const manyRequests = context.isFull ? 100_000 : context.isQuick ? 5000 : 20_000
    const [few, many] = await measureBoth(context, [fewRequests, manyRequests], context.isQuick ? 1 : 5)
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
      ['requests', 'µs/request', 'in each quarter of the run', 'MB held', 'ms from last answer to end'],
      runs.map(each => [
        String(each.requests),
        fixed(each.cpuUs, 1),
        each.quartersUs.map(us => fixed(us, 0)).join(' '),
        fixed(each.heldMb, 1),
        fixed(each.endMs, 0),
      ]),
    ),
    `CPU x ${fixed(cpuRatio, 2)}, memory ${grownMb < 0 ? '' : '+'}${fixed(grownMb, 1)} MB (heapUsed + external, run still on)`,
    `end of a run of 100000 requests ${fixed(endMsPer100kRequests, 0)} ms${runs[1].requests === 100_000 ? '' : ', extrapolated'}`,
  ],
}
