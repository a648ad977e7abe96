import { costLines, costs, runRounds } from '../pairs.mjs'

const streams = 50

/** CPU time per plain request of all clients. */
export const request = {
  name: 'request',
  title: `CPU per plain request, ${streams} at a time, one small JSON each`,
  measure: async context => {
    const load = { kind: 'plain', streams, requests: context.isQuick ? 4000 : 20_000, tokens: 8 }
    const rounds = context.isQuick ? 1 : 3
    const { runs } = await runRounds(context, context.clientNames, load, { rounds, spare: 0 })
    return { requestsPerRun: load.requests, clients: costs(runs, () => load.requests) }
  },
  lines: ({ requestsPerRun, clients }) => [
    ...costLines(clients, 'request'),
    `${requestsPerRun} requests a run; ours stores each, the others keep nothing`,
  ],
}
