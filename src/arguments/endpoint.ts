import { ArgumentsError } from '../errors.ts'
import { maskUrl } from './secrets.ts'
import { endingsByApi, knownEnding, pageEnding } from './url-endings.ts'

/** `--api simulated`: our own server is started, and needs no URL. */
export const simulatedApi = 'simulated'

/** Those for which a server is started on this machine: they need no URL, and speak OpenAI's protocol. */
export const servedApis: readonly string[] = [simulatedApi, 'local', 'local_vllm']

/** Environment variables, as `process.env` has them. */
export type Environment = Readonly<Record<string, string | undefined>>

/** Endings of the OpenAI family, whatever API they belong to. They stand below `/v1` on a host of their own. */
const versionedEndings = [
  ...['/chat/completions', '/completions', '/responses', '/messages'],
  ...['/embeddings', '/rerank', '/reranks'],
]
/** What is pasted out of habit, and no other API can mean. */
const habitualEndings = ['/chat/completions', '/completions']
/** Below it OpenAI's protocol stands; that of DashScope is beside its own. */
const versionPath = /(\/compatible-mode)?\/v1$/

/**
 * The URL the user gave, with `http://` before a bare `host:port`.
 * Throws `ArgumentsError` when it is no http or https URL.
 */
export const parseEndpoint = (given: string): URL => {
  const text = given.trim()
  const isHostAndPort = /^(\[[\da-f:.]+\]|[\w.-]+):\d+([/?#]|$)/i.test(text)
  const url = httpUrl(isHostAndPort ? `http://${text}` : text)
  if (url) return url
  throw new ArgumentsError(`--url must be like http://host:8000/v1 or https://host/v1, got ${maskUrl(text) || '""'}`)
}

const httpUrl = (text: string): URL | undefined => {
  const url = URL.canParse(text) ? new URL(text) : undefined
  return url && /^https?:$/.test(url.protocol) ? url : undefined
}

const withoutSlashes = (path: string): string => path.replace(/\/+$/, '')

/**
 * The address requests go to. A URL that ends in none of the API's `endpoints`, nor in a known one of another API,
 * gets the first of them, or what it lacks of it; a path-less one gets `/v1` before. A chat or completions ending makes
 * way for that of an API that has neither. Query strings stay, slashes at the end of the path go. Throws
 * `ArgumentsError` for the address of a page that takes no prompts.
 */
export const completeUrl = (given: string, endpoints: readonly string[]): string => {
  const url = parseEndpoint(given)
  url.hash = ''
  const [ending] = endpoints
  if (ending === undefined) return url.href
  const path = withoutSlashes(url.pathname)
  const page = endpoints.some(own => path.endsWith(own)) ? undefined : pageEnding(path)
  if (page !== undefined) {
    url.pathname = path.slice(0, path.length - page.length)
    throw new ArgumentsError(`--url ends in ${page}, which takes no prompts; give ${maskUrl(url.href)}`)
  }
  url.pathname = completePath(path, ending, endpoints)
  return url.href
}

const completePath = (path: string, ending: string, endpoints: readonly string[]): string => {
  if (endpoints.some(own => path.endsWith(own))) return path
  const isVersioned = versionedEndings.includes(ending)
  const habit = habitualEndings.find(known => path.endsWith(known))
  if (habit !== undefined && isVersioned) return path.slice(0, path.length - habit.length) + ending
  // Pasted out of the same habit, for an API that stands beside /v1, as Ollama's does.
  const base = path.slice(0, path.length - (habit?.length ?? 0)).replace(versionPath, '')
  if (ending.startsWith('/api/') && (habit !== undefined || base === '')) return base + ending
  if (knownEnding(path) !== undefined) return path
  if (path === '') return isVersioned ? `/v1${ending}` : ending
  return path + ending.slice(overlap(path, ending))
}

/** How many characters of `ending`, up to a slash, the path already ends in: `/api` of `/api/chat`. */
const overlap = (path: string, ending: string): number => {
  for (let at = ending.lastIndexOf('/'); at > 0; at = ending.lastIndexOf('/', at - 1)) {
    if (path.endsWith(ending.slice(0, at))) return at
  }
  return 0
}

/** Whether requests to this URL carry chat messages: its path has one of these endings. */
export const isChatUrl = (url: string, chatEndpoints: readonly string[] = openaiChatEndpoints): boolean => {
  const path = withoutSlashes(new URL(url).pathname)
  return chatEndpoints.some(ending => path.endsWith(ending))
}

/** Where OpenAI's own protocol, and a plugin that does not say otherwise, takes chat messages. */
export const openaiChatEndpoints: readonly string[] = ['/chat/completions']

/** The endpoint for bare prompts beside a chat endpoint, where there is one; any other URL as it is. */
export const toCompletionsUrl = (
  url: string,
  endpoints: readonly string[] = [],
  chatEndpoints: readonly string[] = openaiChatEndpoints,
): string => {
  const plain = new URL(url)
  const path = withoutSlashes(plain.pathname)
  const chat = chatEndpoints.find(ending => path.endsWith(ending))
  const bare =
    endpoints.find(ending => !chatEndpoints.some(known => ending.endsWith(known))) ??
    (chat === '/chat/completions' ? '/completions' : undefined)
  if (chat === undefined || bare === undefined) return url
  plain.pathname = path.slice(0, path.length - chat.length) + bare
  return plain.href
}

/** Where the models are listed, beside a completed endpoint: `…/v1/models`. */
export const toModelsUrl = (completed: string, endpoints: readonly string[], modelsPath = '/models'): string => {
  const url = new URL(completed)
  const path = withoutSlashes(url.pathname)
  const ending = [...endpoints, ...Object.values(endingsByApi).flat()].find(known => path.endsWith(known)) ?? ''
  url.pathname = `${path.slice(0, path.length - ending.length)}${modelsPath}`
  return url.href
}

/**
 * The key to send: `--api-key`, else EVALSCOPE_API_KEY. OPENAI_API_KEY goes to api.openai.com over https only, so that
 * testing another host never hands it out. Throws `ArgumentsError` for a key that no header can hold.
 */
export const apiKeyFor = (url: string, given: string | undefined, env: Environment): string | undefined => {
  const { protocol, host } = new URL(url)
  const isOpenai = protocol === 'https:' && host === 'api.openai.com'
  const key = (given || env.EVALSCOPE_API_KEY || (isOpenai && env.OPENAI_API_KEY) || '').trim()
  if (!/^[\x20-\x7e]*$/.test(key))
    throw new ArgumentsError('the API key must be one line of ASCII text; check its source')
  return key || undefined
}

/**
 * The proxy for a URL, from HTTP_PROXY, HTTPS_PROXY and NO_PROXY; lower-case names win, as with curl.
 * This machine itself is never asked for through a proxy. Throws `ArgumentsError` for a proxy that is no http URL.
 */
export const proxyFor = (url: string, env: Environment): string | undefined => {
  const target = new URL(url)
  const name = target.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY'
  const given = (env[name.toLowerCase()] || env[name])?.trim()
  if (!given || isLoopback(target.hostname) || isExempt(target, env.no_proxy || env.NO_PROXY || '')) return undefined
  const proxy = httpUrl(given.includes('://') ? given : `http://${given}`)
  if (proxy) return proxy.href
  throw new ArgumentsError(`${name} must be like http://proxy:3128, got ${maskUrl(given)}; correct or unset it`)
}

const isLoopback = (hostname: string): boolean =>
  /^(localhost|.+\.localhost|127(\.\d+){3}|\[::1\])$/.test(hostname.toLowerCase())

/** Entries: `*`, `host` and all below it, `.suffix`, `*.suffix`, each with or without `:port`. */
const isExempt = (target: URL, noProxy: string): boolean => {
  const port = target.port || (target.protocol === 'https:' ? '443' : '80')
  return noProxy
    .toLowerCase()
    .split(/[\s,]+/)
    .filter(entry => entry !== '')
    .some(entry => {
      if (entry === '*') return true
      const [, name = '', wantedPort = port] = /^(.*?)(?::(\d+))?$/.exec(entry) ?? []
      const suffix = name.replace(/^\*?\./, '')
      return wantedPort === port && (target.hostname === suffix || target.hostname.endsWith(`.${suffix}`))
    })
}
