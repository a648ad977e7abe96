import { costLines, costs, runRounds } from '../pairs.mjs'

const streams = 300
const ratePerSec = 100

/** CPU time per streamed chunk of ours and of bare undici, in alternating pairs. */
export const chunk = {
  name: 'chunk',
  title: `CPU per streamed chunk, ${streams} streams x ${ratePerSec}/s, a chunk per read`,
  measure: async context => {
    const { isQuick, pace } = context
    const rounds = isQuick ? 3 : 5
    const requests = (isQuick ? 1 : 3) * streams
    const load = { kind: 'stream', pace, streams, requests, tokens: isQuick ? 150 : 400, ratePerSec }
    const { runs, repeated } = await runRounds(context, ['ours', 'bare'], load, { rounds, spare: isQuick ? 0 : rounds })
    return {
      pace,
      pairs: rounds,
      repeated,
      chunksPerRun: load.requests * load.tokens,
      mostSharedReads: Math.max(...runs.ours.map(({ client }) => client.sharedReads / client.chunks)),
      clients: costs(runs, run => run.source.chunks),
    }
  },
  lines: ({ pace, pairs, repeated, mostSharedReads, clients }) => [
    ...costLines(clients, 'chunk'),
    `${pairs} alternating pairs, ${repeated} more were disturbed; ${pace}; chunks that shared a read: ${(100 * mostSharedReads).toFixed(2)} %`,
  ],
}
