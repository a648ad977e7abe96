import { unescape as decodePercent } from 'node:querystring'
import type { HeaderMap } from '../model/conversation.ts'

/** How a request gets to its target. */
export interface Route {
  /** Whom to connect to: the target, or the proxy that forwards to it. */
  readonly origin: URL
  /** What to ask for there. */
  readonly path: string
  /** Headers that the way needs. */
  readonly headers: HeaderMap
  /** Proxy that is asked for a tunnel to `origin` first. */
  readonly tunnelUrl: string | undefined
}

/**
 * The way to a URL. Proxies forward http and open tunnels for https, as curl asks them to: many refuse a tunnel to any
 * port but 443.
 */
export const routeTo = (url: URL, proxyUrl: string | undefined): Route => {
  const path = `${url.pathname}${url.search}`
  if (proxyUrl === undefined || url.protocol === 'https:') {
    return { origin: new URL(url.origin), path, headers: {}, tunnelUrl: proxyUrl }
  }
  const proxy = new URL(proxyUrl)
  return {
    origin: new URL(proxy.origin),
    path: `${url.origin}${path}`,
    headers: { host: url.host, ...proxyAuthorization(proxy) },
    tunnelUrl: undefined,
  }
}

const proxyAuthorization = ({ username, password }: URL): HeaderMap => {
  if (username === '' && password === '') return {}
  const pair = `${decodePercent(username)}:${decodePercent(password)}`
  return { 'proxy-authorization': `Basic ${Buffer.from(pair).toString('base64')}` }
}
