import type { RequestFailure } from '../model/record.ts'
import type { TargetSettings } from '../model/run-plan.ts'
import { openDispatcher, unlessAborted } from './dispatcher.ts'
import { failureOf, statusKind, transportFailure } from './failure.ts'
import { joinSignals } from './join-signals.ts'
import { pageText } from './page-text.ts'
import { routeTo } from './route.ts'

const maxAnswerBytes = 16 * 1024 * 1024

/** Nobody takes longer to say which models there are, or never will. */
const longestMs = 30_000

/**
 * Asks one JSON document of the target's host, outside any measurement; redirects are not followed. Takes 30 s at most.
 */
export const getJson = async (
  url: string,
  target: TargetSettings,
  signal: AbortSignal,
): Promise<{ readonly value: unknown } | { readonly failure: RequestFailure; readonly hasAnswered: boolean }> => {
  const route = routeTo(new URL(url), target.proxyUrl)
  const { verifyTls, timeouts } = target
  const dispatcher = await openDispatcher(route, { verifyTls, connectMs: timeouts.connectMs, maxAnswerBytes })
  const waits = { headersTimeout: timeouts.readMs, bodyTimeout: timeouts.readMs }
  const limited = joinSignals([signal], longestMs)
  const { 'content-type': _, ...headers } = { ...target.headers, ...route.headers }
  let hasAnswered = false
  try {
    const { origin, path } = route
    const asked = { origin, path, method: 'GET', headers, signal: limited.signal, ...waits } as const
    const { statusCode, body } = await unlessAborted(dispatcher.request(asked), limited.signal)
    hasAnswered = true
    const text = await body.text()
    if (statusCode < 200 || statusCode > 299) {
      const words = pageText(text).slice(0, 300)
      const message = `HTTP ${statusCode}${words === '' ? '' : `: ${words}`}`
      return { failure: failureOf(statusKind(statusCode), message), hasAnswered }
    }
    return { value: JSON.parse(text) }
  } catch (error) {
    if (error instanceof SyntaxError) return { failure: failureOf('protocol', 'the answer is not JSON'), hasAnswered }
    if (/^UND_ERR_(HEADERS|BODY)_TIMEOUT$/.test((error as { code?: string }).code ?? '')) {
      return { failure: failureOf('timeout_first_byte', `silent for ${timeouts.readMs / 1000} s`), hasAnswered }
    }
    if (limited.signal.aborted) {
      return { failure: failureOf('timeout_total', `no whole answer within ${longestMs / 1000} s`), hasAnswered }
    }
    return { failure: transportFailure(error as Error, hasAnswered), hasAnswered }
  } finally {
    limited.release()
    void dispatcher.destroy().catch(() => undefined)
  }
}
