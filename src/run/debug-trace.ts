import { maskText } from '../arguments/secrets.ts'
import type { ExchangeTrace } from '../load/exchange.ts'
import type { Log } from './log.ts'

/** `--debug`: what goes over the wire, cut to its two ends; never headers, nor what a server repeats of `secrets`. */
export const createTrace = (log: Log, secrets: readonly string[]): ExchangeTrace => ({
  sent: (requestId, body) => log.debug(`${requestId} sent: ${ends(body, 100)}`),
  received: (requestId, bytes) =>
    log.debug(`${requestId} received: ${ends(maskText(bytes.toString('utf8'), secrets), 200)}`),
  ended: ({ requestId, failure, statusCode }) =>
    log.debug(
      `${requestId} ended: ${failure === undefined ? `ok (${statusCode})` : `${failure.kind}: ${failure.message}`}`,
    ),
})

const ends = (text: string, chars: number): string =>
  JSON.stringify(text.length <= 2 * chars ? text : `${text.slice(0, chars)} … ${text.slice(-chars)}`)
