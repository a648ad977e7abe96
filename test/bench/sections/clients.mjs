import { costLines, costs, runRounds } from '../pairs.mjs'

const streams = 150
const ratePerSec = 100

/** CPU time per streamed chunk of all clients, at a rate that the slowest of them can take. */
export const clients = {
  name: 'clients',
  title: `CPU per streamed chunk of all clients, ${streams} streams x ${ratePerSec}/s`,
  measure: async context => {
    const { isQuick, pace } = context
    const load = { kind: 'stream', pace, streams, requests: streams, tokens: isQuick ? 100 : 300, ratePerSec }
    const { runs } = await runRounds(context, context.clientNames, load, { rounds: isQuick ? 1 : 3, spare: 0 })
    return { clients: costs(runs, run => run.source.chunks) }
  },
  lines: result => [
    ...costLines(result.clients, 'chunk'),
    'bare: undici dispatch, eventsource-parser, JSON.parse; unparsed and autocannon parse no events',
  ],
}
