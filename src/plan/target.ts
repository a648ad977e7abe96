import { unescape as decodePercent } from 'node:querystring'
import type { Arguments } from '../arguments/arguments.ts'
import { apiKeyFor, completeUrl, type Environment, proxyFor, toCompletionsUrl } from '../arguments/endpoint.ts'
import { knownSecrets } from '../arguments/known-secrets.ts'
import type { HeaderMap, PromptKind } from '../model/conversation.ts'
import type { Sampling, TargetSettings, Task } from '../model/run-plan.ts'

/** What is known of the target beside the arguments. */
export interface TargetFacts {
  /** `--url` as given, or the address of the simulated server. */
  readonly url: string
  /** The API's part: URL endings and headers. Without a `headers` function a key goes as `Authorization: Bearer`. */
  readonly api: {
    readonly endpoints: readonly string[]
    readonly chatEndpoints?: readonly string[]
    readonly textAsMessage?: boolean
    readonly sends?: readonly PromptKind[]
    readonly unsent?: readonly (keyof Sampling)[]
    readonly task?: Task
    headers?(apiKey: string | undefined): HeaderMap
  }
  readonly env: Environment
}

/**
 * Where the requests of all runs go, and how. `plain` says that prompts are no chat messages, so that a chat URL is
 * exchanged for the plain one beside it.
 */
export const planTarget = (args: Arguments, facts: TargetFacts, plain: boolean): TargetSettings => {
  const { values } = args
  const url = new URL(completeUrl(facts.url, facts.api.endpoints))
  const credentials = basicCredentials(url)
  url.username = ''
  url.password = ''
  const { endpoints, chatEndpoints } = facts.api
  const href = plain ? toCompletionsUrl(url.href, endpoints, chatEndpoints) : url.href
  const readMs = toMs(values.readTimeout)
  const apiKey = apiKeyFor(href, values.apiKey, facts.env)
  const headers = planHeaders(args, facts, apiKey, credentials)
  const proxyUrl = proxyFor(href, facts.env)
  const bodies = [values.extraArgs, values.queryTemplate]
  return {
    url: href,
    headers,
    timeouts: {
      connectMs: values.connectTimeout === undefined ? readMs : toMs(values.connectTimeout),
      readMs,
      totalMs: toMs(values.totalTimeout),
    },
    keepAlive: !values.noKeepalive,
    verifyTls: !values.insecure,
    proxyUrl,
    secrets: knownSecrets({ apiKey, headers, urls: [facts.url, proxyUrl], bodies }),
  }
}

/** How long a server that starts is waited for, in ms. */
export const readyLimitMs = ({ readyTimeout, connectTimeout, readTimeout }: Arguments['values']): number =>
  toMs(readyTimeout ?? Math.min(usualReadySec, connectTimeout ?? readTimeout))

/** Enough for a server to be started beside us, and little for a wrong port. */
const usualReadySec = 30

/** A flag's seconds as whole ms, never fewer than one. */
export const toMs = (seconds: number): number => (seconds === 0 ? 0 : Math.max(1, Math.round(seconds * 1000)))

/** `user:password@host` as the header it stands for. */
const basicCredentials = ({ username, password }: URL): HeaderMap => {
  if (username === '' && password === '') return {}
  const pair = `${decodePercent(username)}:${decodePercent(password)}`
  return { authorization: `Basic ${Buffer.from(pair).toString('base64')}` }
}

/** Later ones win: ours, the URL's credentials, a key from the environment, `--headers`, `--api-key`. */
const planHeaders = (
  args: Arguments,
  facts: TargetFacts,
  key: string | undefined,
  credentials: HeaderMap,
): HeaderMap => {
  const bearer: HeaderMap = key === undefined ? {} : { authorization: `Bearer ${key}` }
  const fromApi = facts.api.headers ? facts.api.headers(key) : bearer
  const { headers } = args.values
  // Compressed answers would arrive in lumps that say nothing of the server's pace.
  const ours = { 'content-type': 'application/json', 'accept-encoding': 'identity', 'user-agent': 'evalscope' }
  const inOrder = args.isSet('apiKey') ? [headers, fromApi] : [fromApi, headers]
  return Object.fromEntries(
    [ours, credentials, ...inOrder].flatMap(some =>
      Object.entries(some).map(([name, value]) => [name.toLowerCase(), value] as const),
    ),
  )
}
