import type { Dispatcher } from 'undici'
import { type Environment, proxyFor } from '../arguments/endpoint.ts'
import type { HeaderMap } from '../model/conversation.ts'
import { openDispatcher, unlessAborted } from '../net/dispatcher.ts'
import { transportFailure } from '../net/failure.ts'
import { pageText } from '../net/page-text.ts'
import { routeTo } from '../net/route.ts'
import { ServiceRefusal } from './visualizer.ts'

/** One request to a service. */
export interface ServiceRequest {
  readonly url: string
  readonly method?: 'GET' | 'POST' | 'PUT'
  readonly headers: HeaderMap
  readonly body: string | undefined
  readonly signal: AbortSignal
  /** Statuses that are no failure, beside those of 2xx. */
  readonly accepted?: readonly number[]
}

const connectMs = 10_000
/** Seconds may pass in which no request ends. */
const keepAliveMs = 60_000
const maxAnswerBytes = 4 * 1024 * 1024

/** Statuses that may pass: the service is busy, or restarts. */
const isPassing = (statusCode: number): boolean => statusCode >= 500 || [408, 425, 429].includes(statusCode)

/** Connections to the hosts of a service, kept for further requests: a handshake takes time from the load. */
export class ServiceConnection {
  readonly #env: Environment
  readonly #dispatchers = new Map<string, Promise<Dispatcher>>()

  constructor(env: Environment) {
    this.#env = env
  }

  /** Asks, and follows no redirect. Throws `ServiceRefusal` for a status that asking again would not change. */
  async ask({ url, method = 'POST', headers, body, signal, accepted = [] }: ServiceRequest): Promise<string> {
    signal.throwIfAborted()
    const route = routeTo(new URL(url), proxyFor(url, this.#env))
    const dispatcher = await this.#dispatcherFor(route)
    const { origin, path } = route
    const asked = {
      origin,
      path,
      method,
      headers: { ...headers, ...route.headers },
      body: body ?? null,
      signal,
    } as const
    const answer = await unlessAborted(dispatcher.request(asked), signal).catch((error: Error) => {
      signal.throwIfAborted()
      throw new Error(transportFailure(error, false).message, { cause: error })
    })
    const text = await answer.body.text()
    const { statusCode } = answer
    if ((statusCode >= 200 && statusCode < 300) || accepted.includes(statusCode)) return text
    const message = `HTTP ${statusCode}${saidIn(text)}`
    throw isPassing(statusCode) ? new Error(message) : new ServiceRefusal(message)
  }

  /** The same, with JSON both ways. */
  async askJson(request: Omit<ServiceRequest, 'body'> & { readonly body: unknown }): Promise<unknown> {
    const headers = { 'content-type': 'application/json', ...request.headers }
    const body = request.body === undefined ? undefined : JSON.stringify(request.body)
    const text = await this.ask({ ...request, headers, body })
    try {
      // Some have nothing to say.
      return text.trim() === '' ? undefined : JSON.parse(text)
    } catch {
      throw new Error(`the answer is not JSON${saidIn(text)}`)
    }
  }

  close(): void {
    for (const dispatcher of this.#dispatchers.values()) {
      void dispatcher.then(opened => opened.destroy()).catch(() => undefined)
    }
    this.#dispatchers.clear()
  }

  #dispatcherFor(route: ReturnType<typeof routeTo>): Promise<Dispatcher> {
    const key = `${route.origin.origin} ${route.tunnelUrl ?? ''}`
    const known = this.#dispatchers.get(key)
    if (known !== undefined) return known
    const opened = openDispatcher(route, { verifyTls: true, connectMs, maxAnswerBytes, keepAliveMs })
    this.#dispatchers.set(key, opened)
    return opened
  }
}

const saidIn = (text: string): string => {
  // Of these the first are shown, after secrets are masked in them all.
  const words = pageText(text).slice(0, 2000).trim()
  return words === '' ? '' : `: ${words}`
}
