import { maskKnown } from '../arguments/secrets.ts'
import type { ExchangeTrace } from '../load/exchange.ts'
import type { RunPlan } from '../model/run-plan.ts'
import { plainText } from '../plain-text.ts'
import type { Log } from './log.ts'

/**
 * `--debug`: what goes over the wire, cut to its two ends; never headers, nor a secret of the target, sent or repeated.
 * Of what the database is not to keep it shows the size alone.
 */
export const createTrace = (log: Log, { target, saveResponses }: RunPlan, showsRequests: boolean): ExchangeTrace => {
  const ends = (text: string, chars: number): string => endsOf(maskKnown(text, target.secrets), chars)
  // Ids of requests may be recorded ones.
  const debug = (line: string): void => log.debug(plainText(line))
  return {
    sent: (requestId, body) =>
      debug(`${requestId} sent: ${showsRequests ? ends(body, 100) : `${body.length} characters`}`),
    received: (requestId, bytes) => {
      const shown = saveResponses === 'none' ? `${bytes.length} bytes` : ends(bytes.toString('utf8'), 200)
      debug(`${requestId} received: ${shown}`)
    },
    ended: ({ requestId, failure, statusCode }) =>
      debug(
        `${requestId} ended: ${failure === undefined ? `ok (${statusCode})` : `${failure.kind}: ${failure.message}`}`,
      ),
  }
}

const endsOf = (text: string, chars: number): string =>
  JSON.stringify(text.length <= 2 * chars ? text : `${text.slice(0, chars)} … ${text.slice(-chars)}`)
