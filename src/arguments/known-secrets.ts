import { unescape as decodePercent } from 'node:querystring'
import type { HeaderMap } from '../model/conversation.ts'
import { isJsonObject, type JsonValue } from '../model/json.ts'
import { isSecretName, isSecretParameter, readableUrl } from './secrets.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** Where secrets stand that a user has told us. */
export interface SecretPlaces {
  readonly apiKey?: string | undefined
  readonly headers?: HeaderMap
  /** With user-info, or secrets among their parameters. */
  readonly urls?: readonly (string | undefined)[]
  /** JSON with secrets under names that say so. */
  readonly bodies?: readonly (JsonValue | undefined)[]
}

/** What people give where a key is asked for and none is needed: words of any text. */
const placeholder = /^(none|null|empty|dummy|fake|test|token|key|api-?key|ollama|vllm|local|placeholder|your-key)$/i

/** Shorter text in cookies, bodies and the environment is a setting, and a word of any text. */
const leastLength = 8

/**
 * Every secret in these places, in every form in which a server or a file may repeat it: as it is, percent-encoded, in
 * base64, within JSON. The longest come first, as others may be parts of them.
 */
export const knownSecrets = (places: SecretPlaces): readonly string[] => inAllForms(secretsIn(places))

/** The secrets that environment variables hold: HF_TOKEN, AWS_SECRET_ACCESS_KEY and the like. */
export const environmentSecrets = (env: Environment): readonly string[] =>
  Object.entries(env).flatMap(([name, value]) =>
    value !== undefined && value.length >= leastLength && /(token|key|secret|passw(or)?d|credentials?)$/i.test(name)
      ? [value]
      : [],
  )

/** What a command line, and the environment it is read in, hold of secrets: for lines that tell why it failed. */
export const commandLineSecrets = (argv: readonly string[], env: Environment): readonly string[] => {
  const values = argv.flatMap((token, position) => valuesIn(token, argv[position - 1]))
  const named = values.filter(({ name }) => isSecretName(name)).flatMap(({ value }) => headerSecrets(value))
  const urls = [...values.map(({ value }) => value), ...Object.values(env)].filter(text => text?.includes('://'))
  const bodies = values.flatMap(({ value }) => parseObject(value))
  return inAllForms([...secretsIn({ urls, bodies }), ...named, ...environmentSecrets(env)])
}

const secretsIn = ({ apiKey, headers = {}, urls = [], bodies = [] }: SecretPlaces): readonly string[] => [
  ...(apiKey === undefined ? [] : [apiKey]),
  ...Object.entries(headers).flatMap(([name, value]) => (isSecretName(name) ? headerSecrets(value) : [])),
  ...urls.flatMap(url => (url === undefined ? [] : urlSecrets(url))),
  ...bodies.flatMap(body => (body === undefined ? [] : bodySecrets(body, false))),
]

interface NamedValue {
  readonly name: string
  readonly value: string
}

/** `--api-key=value`, `--headers=Cookie=value`, `Cookie=value`, `Cookie: value`, or a value behind its flag. */
const valuesIn = (token: string, before = ''): readonly NamedValue[] => {
  const own = { name: nameBefore(before), value: token }
  const [, name, value] = /^([^\s=:]+)\s*[=:]\s*(.+)$/s.exec(token) ?? []
  if (name === undefined || value === undefined) return [own]
  return [own, { name, value }, ...(name.startsWith('--') ? valuesIn(value) : [])]
}

/** A blank that somebody forgot to quote makes `Authorization=Bearer` and the key two values. */
const nameBefore = (token: string): string => {
  if (/(^|[=:\s])(bearer|basic)$/i.test(token)) return 'authorization'
  return token.startsWith('--') && !token.includes('=') ? token : ''
}

const parseObject = (text: string): readonly JsonValue[] => {
  if (!text.trimStart().startsWith('{')) return []
  try {
    return [JSON.parse(text) as JsonValue]
  } catch {
    return []
  }
}

/** The value of a header, without `Bearer` or `Basic` before it; of cookies each; of a user and password both forms. */
const headerSecrets = (value: string): readonly string[] => {
  const [, scheme, credentials] = /^(\w+) +(?=\S)(.*)$/s.exec(value) ?? []
  const cookies = value.split(/;\s*/).map(cookie => cookie.replace(/^[^=]*=?/, ''))
  const found = [credentials ?? value, ...cookies.filter(cookie => cookie.length >= leastLength)]
  if (credentials === undefined || !/^basic$/i.test(scheme ?? '')) return found
  return [...found, ...pairSecrets(Buffer.from(credentials, 'base64').toString())]
}

/** Of `user:password` the pair and the password; a user without one is the secret itself. */
const pairSecrets = (pair: string): readonly string[] => {
  const [, user = '', password = ''] = /^([^:]*):?(.*)$/s.exec(pair) ?? []
  return password === '' ? [user, pair] : [pair, password]
}

const urlSecrets = (text: string): readonly string[] => {
  const { username = '', password = '', search = '' } = readableUrl(text) ?? {}
  const pair = username === '' && password === '' ? [] : pairSecrets(`${username}:${password}`)
  const values = search
    .slice(1)
    .split('&')
    .flatMap(parameter => {
      const [name = '', ...value] = parameter.split('=')
      return isSecretParameter(decodePercent(name)) ? [value.join('=')] : []
    })
  return [...pair, ...values].flatMap(value => [value, decodePercent(value)])
}

const bodySecrets = (value: JsonValue, isNamed: boolean): readonly string[] => {
  if (typeof value === 'string') return isNamed && value.length >= leastLength ? [value] : []
  if (Array.isArray(value)) return value.flatMap((item: JsonValue) => bodySecrets(item, isNamed))
  if (!isJsonObject(value)) return []
  return Object.entries(value).flatMap(([name, inner]) =>
    inner === undefined ? [] : bodySecrets(inner, isNamed || isSecretName(name)),
  )
}

const inAllForms = (secrets: readonly string[]): readonly string[] => {
  const meant = secrets.filter(secret => secret.length > 2 && !placeholder.test(secret))
  return [...new Set(meant.flatMap(formsOf))].toSorted((a, b) => b.length - a.length)
}

const formsOf = (secret: string): readonly string[] => {
  const bytes = Buffer.from(secret)
  // What is no UTF-8 has no percent-encoded form.
  const encoded = encodeURIComponent(bytes.toString())
  const base64 = bytes.toString('base64').replace(/=+$/, '')
  return [secret, encoded, JSON.stringify(secret).slice(1, -1), base64, bytes.toString('base64url')]
}
