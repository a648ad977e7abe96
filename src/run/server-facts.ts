import { toModelsUrl } from '../arguments/endpoint.ts'
import { maskJson } from '../arguments/secrets.ts'
import { isJsonObject, type JsonObject, type JsonValue } from '../model/json.ts'
import type { TargetSettings } from '../model/run-plan.ts'
import { getJson } from '../net/get-json.ts'
import { joinSignals } from '../net/join-signals.ts'
import { modelsIn } from './model-list.ts'

/** A server that takes longer says nothing: it is asked for the record's sake. */
const patienceMs = 1000

/** Longer lists and entries are a catalogue, not what this server runs. */
const mostModels = 20
const mostEntryCharacters = 2000

/** Where engines tell their version, and under which keys: vLLM and SGLang's gateway, Ollama, TGI. */
const versionPages: readonly (readonly [path: string, keys: readonly string[]])[] = [
  ['/version', ['version']],
  ['/api/version', ['version']],
  ['/info', ['version', 'sha', 'model_id', 'model_sha', 'model_dtype']],
]

/** Whom to ask for what. */
export interface ServerQuestion {
  readonly target: TargetSettings
  readonly api: { readonly endpoints: readonly string[]; readonly modelsPath?: string | null }
  readonly model: string
  readonly signal: AbortSignal
}

/**
 * What the server says of itself, before anything is measured: the models it lists, what it tells of the one that is
 * tested, and its version. All at once, and for a second at most; undefined where it says nothing.
 */
export const serverFacts = async (question: ServerQuestion): Promise<JsonObject | undefined> => {
  const { target, api } = question
  const modelsUrl = toModelsUrl(target.url, api.endpoints, api.modelsPath ?? undefined)
  const base = modelsUrl.replace(/(\/v1|\/api)?\/\w+(?=$|\?)/, '')
  const [models, ...versions] = await Promise.all([
    api.modelsPath === null ? undefined : ask(modelsUrl, question),
    ...versionPages.map(async ([path, keys]) => versionIn(await ask(withPath(base, path), question), keys)),
  ])
  const version = versions.find(found => found !== undefined)
  const facts = { ...modelFacts(models, question.model), ...(version && { version }) }
  return Object.keys(facts).length === 0 ? undefined : (maskJson(facts, target.secrets) as JsonObject)
}

const withPath = (base: string, path: string): string => {
  const url = new URL(base)
  url.pathname = url.pathname.replace(/\/$/, '') + path
  return url.href
}

const ask = async (url: string, { target, signal }: ServerQuestion): Promise<unknown> => {
  const timeouts = { ...target.timeouts, connectMs: patienceMs, readMs: patienceMs }
  // In the server's log these are told from requests by it.
  const headers = { ...target.headers, 'x-request-id': 'server-facts' }
  const patience = joinSignals([signal], patienceMs)
  const answer = await getJson(url, { ...target, headers, timeouts }, patience.signal).finally(() => patience.release())
  return 'value' in answer ? answer.value : undefined
}

const versionIn = (answer: unknown, keys: readonly string[]): JsonObject | undefined => {
  if (!isJsonObject(answer) || typeof answer.version !== 'string') return undefined
  return Object.fromEntries(keys.filter(key => isScalar(answer[key])).map(key => [key, answer[key]]))
}

const isScalar = (value: JsonValue | undefined): boolean =>
  typeof value === 'string' ? value.length <= 200 : typeof value === 'number' || typeof value === 'boolean'

const modelFacts = (answer: unknown, model: string): JsonObject => {
  const models = modelsIn(answer)
  const own = models.get(model)
  if (models.size === 0) return {}
  const names = models.size <= mostModels ? [...models.keys()] : `${models.size} models`
  return { models: names, ...(own && withoutChance(own)) }
}

/** vLLM makes up a time and a permission for each answer. */
const withoutChance = ({ created: _, permission: __, ...rest }: JsonObject): JsonObject =>
  JSON.stringify(rest).length <= mostEntryCharacters ? { model: rest } : {}
