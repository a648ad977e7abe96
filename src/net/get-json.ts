import type { RequestFailure } from '../model/record.ts'
import type { TargetSettings } from '../model/run-plan.ts'
import { openDispatcher } from './dispatcher.ts'
import { failureOf, statusKind, transportFailure } from './failure.ts'
import { pageText } from './page-text.ts'
import { routeTo } from './route.ts'

const maxAnswerBytes = 16 * 1024 * 1024

/** Asks one JSON document of the target's host, outside any measurement; redirects are not followed. */
export const getJson = async (
  url: string,
  target: TargetSettings,
  signal: AbortSignal,
): Promise<{ readonly value: unknown } | { readonly failure: RequestFailure }> => {
  const route = routeTo(new URL(url), target.proxyUrl)
  const { verifyTls, timeouts } = target
  const dispatcher = await openDispatcher(route, { verifyTls, connectMs: timeouts.connectMs, maxAnswerBytes })
  const waits = { headersTimeout: timeouts.readMs, bodyTimeout: timeouts.readMs }
  const { 'content-type': _, ...headers } = { ...target.headers, ...route.headers }
  try {
    const { origin, path } = route
    const { statusCode, body } = await dispatcher.request({ origin, path, method: 'GET', headers, signal, ...waits })
    const text = await body.text()
    if (statusCode < 200 || statusCode > 299) {
      const words = pageText(text).slice(0, 300)
      return { failure: failureOf(statusKind(statusCode), `HTTP ${statusCode}${words === '' ? '' : `: ${words}`}`) }
    }
    return { value: JSON.parse(text) }
  } catch (error) {
    if (error instanceof SyntaxError) return { failure: failureOf('protocol', 'the answer is not JSON') }
    return { failure: transportFailure(error as Error, false) }
  } finally {
    void dispatcher.destroy()
  }
}
