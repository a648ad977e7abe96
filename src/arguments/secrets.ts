import { unescape as decodePercent } from 'node:querystring'
import type { HeaderMap } from '../model/conversation.ts'
import { isJsonObject, type JsonObject, type JsonValue } from '../model/json.ts'
import type { RunPlan } from '../model/run-plan.ts'
import type { Arguments } from './arguments.ts'
import { flagRows, snakeCase } from './flags.ts'

/** What stands in place of a secret, as in the original's files. */
export const secretMask = '**********'

/** Names whose text is a secret: Authorization, api-key, X-API-Key, Cookie, access_token, sig and the like. */
const secretName = /auth|cookie|token|secret|passw|credential|signature|session|^sig$|key$/i

/** Headers with secret-looking values masked, and `secrets` in all others; names are compared without regard to case. */
export const maskHeaders = (headers: HeaderMap, secrets: readonly string[] = []): HeaderMap =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name,
      secretName.test(name) ? secretMask : maskText(value, secrets),
    ]),
  )

/** A URL, also a broken one, with its user-info and the values of secret-looking query parameters masked. */
export const maskUrl = (url: string): string =>
  url
    .replace(/(^|\/\/)[^/?#]*@/, `$1${secretMask}@`)
    .replace(/([?&;])([^=&;#]*)=([^&;#]*)/g, (pair, mark: string, name: string) =>
      secretName.test(decodePercent(name)) ? `${mark}${name}=${secretMask}` : pair,
    )

/**
 * A copy of a JSON value fit for files and logs: text under secret-looking names, credentials in URLs, and each of
 * `secrets` wherever it stands, are masked.
 */
export const maskJson = (value: JsonValue, secrets: readonly string[] = []): JsonValue => {
  if (typeof value === 'string') return maskText(value, secrets)
  if (isJsonObject(value)) return maskObject(value, secrets)
  return Array.isArray(value) ? value.map((item: JsonValue) => maskJson(item, secrets)) : value
}

/** The secrets that headers carry, without the `Bearer` or `Basic` before them. */
export const secretsOf = (headers: HeaderMap): readonly string[] =>
  Object.entries(headers)
    .filter(([name]) => secretName.test(name))
    .map(([, value]) => value.replace(/^\w+ +(?=\S)/, ''))

/** The secrets that environment variables hold: HF_TOKEN, AWS_SECRET_ACCESS_KEY and the like. */
export const environmentSecrets = (env: Readonly<Record<string, string | undefined>>): readonly string[] =>
  Object.entries(env).flatMap(([name, value]) =>
    // Shorter ones are settings, and words of any text.
    value !== undefined && value.length >= 8 && /(token|key|secret|passw(or)?d|credentials?)$/i.test(name)
      ? [value]
      : [],
  )

/** A text in which credentials of a URL at its start, and each of `secrets`, are masked. */
export const maskText = (text: string, secrets: readonly string[]): string => {
  const visible = /^\s*[a-z][a-z\d+.-]*:\/\//i.test(text) ? maskUrl(text) : text
  // A key of one or two letters is a placeholder, and stands in every word.
  const hidden = secrets.filter(secret => secret.length > 2)
  return hidden.reduce((rest, secret) => rest.replaceAll(secret, secretMask), visible)
}

const maskObject = (object: JsonObject, secrets: readonly string[]): JsonObject =>
  Object.fromEntries(
    Object.entries(object).map(([name, value]) => {
      if (value === undefined) return [name, undefined]
      return [name, typeof value === 'string' && secretName.test(name) ? secretMask : maskJson(value, secrets)]
    }),
  )

/**
 * All arguments as `benchmark_args.json` holds them: names with underscores, `null` for what was not given, the seed
 * that was used, secrets masked. `secrets` are further keys that must not appear, such as one from the environment.
 */
export const maskArguments = (args: Arguments, secrets: readonly string[] = []): JsonObject => {
  const { apiKey, headers, maxTokens } = args.values
  const hidden = apiKey === undefined ? secrets : [apiKey, ...secrets]
  const shown = {
    ...args.values,
    ...(apiKey === undefined ? {} : { apiKey: secretMask }),
    headers: maskHeaders(headers, hidden),
    maxTokens: maxTokens.min === maxTokens.max ? maxTokens.min : [maxTokens.min, maxTokens.max],
    seed: args.runSeed,
  }
  return Object.fromEntries(
    flagRows().map(([field]) => [snakeCase(field), maskJson(shown[field] ?? null, hidden)] as const),
  )
}

/** A plan fit for the store: headers, URLs and bodies without secrets. */
export const maskPlan = (plan: RunPlan, secrets: readonly string[] = []): RunPlan => {
  const { target, request, dataset } = plan
  const proxyUrl = target.proxyUrl === undefined ? undefined : maskUrl(target.proxyUrl)
  return {
    ...plan,
    target: { ...target, url: maskText(target.url, secrets), headers: maskHeaders(target.headers, secrets), proxyUrl },
    request: {
      ...request,
      extraArgs: maskObject(request.extraArgs, secrets),
      queryTemplate: request.queryTemplate && maskObject(request.queryTemplate, secrets),
    },
    dataset: { ...dataset, prompt: dataset.prompt && maskText(dataset.prompt, secrets) },
  }
}
