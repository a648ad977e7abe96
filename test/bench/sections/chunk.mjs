import { costs, runRounds } from '../pairs.mjs'
import { fixed, table } from '../table.mjs'

const streams = 300
const ratePerSec = 100

/** CPU time per streamed chunk of ours and of bare undici, in alternating pairs, one chunk per read. */
export const chunk = {
  name: 'chunk',
  title: `CPU per streamed chunk: ${streams} streams x ${ratePerSec}/s, a chunk per read`,
  measure: async ({ source, isQuick, pace }) => {
    const rounds = isQuick ? 3 : 5
    const load = { kind: 'stream', pace, streams, requests: isQuick ? streams : 2 * streams, tokens: 400, ratePerSec }
    const runs = await runRounds(source, ['ours', 'bare'], load, rounds)
    const shared = runs.ours.map(({ client }) => client.sharedReads / client.chunks)
    return {
      pace,
      pairs: rounds,
      chunksPerRun: load.requests * load.tokens,
      mostSharedReads: Math.max(...shared),
      clients: costs(runs, 'bare', run => run.source.chunks).map(each => ({ ...each, chunksPerSec: 1e6 / each.cpuUs })),
    }
  },
  lines: ({ pairs, mostSharedReads, clients }) => [
    ...table(
      [
        'client',
        'µs/chunk',
        'load only',
        'whole process',
        'chunks/s a core',
        `ratio of ${pairs} pairs`,
        'loop busy',
        '',
      ],
      clients.map(({ name, cpuUs, loadCpuUs, processCpuUs, chunksPerSec, ratio, utilization, sourceWasLimit }) => [
        name,
        fixed(cpuUs, 2),
        fixed(loadCpuUs, 2),
        fixed(processCpuUs, 2),
        fixed(chunksPerSec, 0),
        `${fixed(ratio.median, 2)} (${fixed(ratio.least, 2)}-${fixed(ratio.most, 2)})`,
        `${fixed(100 * utilization, 0)} %`,
        sourceWasLimit > 0 ? `the source was the limit in ${sourceWasLimit}` : '',
      ]),
    ),
    `chunks that shared a read: at most ${fixed(100 * mostSharedReads, 2)} %`,
  ],
}
