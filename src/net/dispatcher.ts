import type { Dispatcher } from 'undici'
import type { Route } from './route.ts'

/** How a connection outside the measurement is made. */
export interface DispatcherOptions {
  readonly verifyTls: boolean
  readonly connectMs: number
  /** Longest body, in bytes; any when absent. */
  readonly maxAnswerBytes?: number
  /** How long a connection is kept for another request; 4 s when absent. */
  readonly keepAliveMs?: number
}

/** A dispatcher for one request along `route`; whoever asked for it destroys it. */
export const openDispatcher = async (
  { origin, tunnelUrl }: Route,
  { verifyTls, connectMs, maxAnswerBytes = -1, keepAliveMs = 4000 }: DispatcherOptions,
): Promise<Dispatcher> => {
  const { Client, ProxyAgent } = await import('undici')
  const connect = { rejectUnauthorized: verifyTls, timeout: connectMs }
  const limits = { maxResponseSize: maxAnswerBytes, keepAliveTimeout: keepAliveMs }
  if (tunnelUrl === undefined) return new Client(origin, { connect, ...limits })
  return new ProxyAgent({ uri: tunnelUrl, requestTls: connect, proxyTls: connect, ...limits })
}

/** What `work` gives, unless `signal` fires first: undici hears of that only once it has a connection, or a tunnel. */
export const unlessAborted = <T>(work: Promise<T>, signal: AbortSignal): Promise<T> =>
  new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason as Error)
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
    if (signal.aborted) abort()
    else signal.addEventListener('abort', abort, { once: true })
  })
