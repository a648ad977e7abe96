import type { ExchangeTrace } from '../load/exchange.ts'
import type { Log } from './log.ts'

/** `--debug`: what goes over the wire, cut to its two ends; bodies as sent, never headers. */
export const createTrace = (log: Log): ExchangeTrace => ({
  sent: (requestId, body) => log.debug(`${requestId} sent: ${ends(body, 100)}`),
  received: (requestId, bytes) => log.debug(`${requestId} received: ${ends(bytes.toString('utf8'), 200)}`),
  ended: ({ requestId, failure, statusCode }) =>
    log.debug(
      `${requestId} ended: ${failure === undefined ? `ok (${statusCode})` : `${failure.kind}: ${failure.message}`}`,
    ),
})

const ends = (text: string, chars: number): string =>
  JSON.stringify(text.length <= 2 * chars ? text : `${text.slice(0, chars)} … ${text.slice(-chars)}`)
