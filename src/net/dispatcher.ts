import type { Dispatcher } from 'undici'
import type { Route } from './route.ts'

/** How a connection outside the measurement is made. */
export interface DispatcherOptions {
  readonly verifyTls: boolean
  readonly connectMs: number
  /** Longest body, in bytes; any when absent. */
  readonly maxAnswerBytes?: number
}

/** A dispatcher for one request along `route`; whoever asked for it destroys it. */
export const openDispatcher = async (
  { origin, tunnelUrl }: Route,
  { verifyTls, connectMs, maxAnswerBytes = -1 }: DispatcherOptions,
): Promise<Dispatcher> => {
  const { Client, ProxyAgent } = await import('undici')
  const connect = { rejectUnauthorized: verifyTls, timeout: connectMs }
  if (tunnelUrl === undefined) return new Client(origin, { connect, maxResponseSize: maxAnswerBytes })
  return new ProxyAgent({ uri: tunnelUrl, requestTls: connect, proxyTls: connect, maxResponseSize: maxAnswerBytes })
}

/** What `work` gives, unless `signal` fires first: undici hears of that only once it has a connection, or a tunnel. */
export const unlessAborted = <T>(work: Promise<T>, signal: AbortSignal): Promise<T> =>
  new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason as Error)
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
    if (signal.aborted) abort()
    else signal.addEventListener('abort', abort, { once: true })
  })
