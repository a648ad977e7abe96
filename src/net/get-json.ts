import type { RequestFailure } from '../model/record.ts'
import type { TargetSettings } from '../model/run-plan.ts'
import { failureOf, transportFailure } from './failure.ts'

/** Asks one JSON document of the target's host, outside any measurement; redirects are not followed. */
export const getJson = async (
  url: string,
  target: TargetSettings,
  signal: AbortSignal,
): Promise<{ readonly value: unknown } | { readonly failure: RequestFailure }> => {
  const { Agent, ProxyAgent, request } = await import('undici')
  const connect = { rejectUnauthorized: target.verifyTls, timeout: target.timeouts.connectMs }
  const dispatcher =
    target.proxyUrl === undefined
      ? new Agent({ connect })
      : new ProxyAgent({ uri: target.proxyUrl, requestTls: connect, proxyTls: connect })
  const waits = { headersTimeout: target.timeouts.readMs, bodyTimeout: target.timeouts.readMs }
  const { 'content-type': _, ...headers } = target.headers
  try {
    const { statusCode, body } = await request(url, { dispatcher, headers, signal, ...waits })
    const text = await body.text()
    if (statusCode < 200 || statusCode > 299) {
      const kind =
        statusCode === 429 ? 'http_429' : statusCode < 400 ? 'http_3xx' : statusCode < 500 ? 'http_4xx' : 'http_5xx'
      return { failure: failureOf(kind, `HTTP ${statusCode}: ${text.slice(0, 300)}`) }
    }
    return { value: JSON.parse(text) }
  } catch (error) {
    if (error instanceof SyntaxError) return { failure: failureOf('protocol', 'the answer is not JSON') }
    return { failure: transportFailure(error as Error, false) }
  } finally {
    void dispatcher.destroy()
  }
}
