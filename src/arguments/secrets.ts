import { unescape as decodePercent } from 'node:querystring'
import type { HeaderMap } from '../model/conversation.ts'
import { isJsonObject, type JsonObject, type JsonValue } from '../model/json.ts'

/** What stands in place of a secret, as in the original's files. */
export const secretMask = '**********'

/**
 * Names whose text is a secret: Authorization, api-key, X-API-Key, Cookie, access_token, sig and the like; not those of
 * tokens that a model has, nor of its tokenizer.
 */
const secretName = new RegExp(
  [
    'auth(?!or(?!i[sz]))',
    '(?<!(?:^|[_-])(?:bos|eos|pad|unk|sep|cls|mask|stop|end)[_-]?)token(?!iz|s|[_-]?id)',
    'cookie|secret|passw|passphrase|^pass$|pwd|credential|signature|session|bearer|jwt|^sig$|keys?$',
  ].join('|'),
  'i',
)

/** Whether text under this name is a secret, be it a header, a parameter or a key of JSON. */
export const isSecretName = (name: string): boolean => secretName.test(name)

/** Headers with secret-looking values masked, and `secrets` in all others; names are compared without regard to case. */
export const maskHeaders = (headers: HeaderMap, secrets: readonly string[] = []): HeaderMap =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, isSecretName(name) ? secretMask : maskText(value, secrets)]),
  )

/** A URL, also a broken one, with its user-info and the values of secret-looking query parameters masked. */
export const maskUrl = (url: string): string => {
  // Of one that cannot be read nobody knows where the user-info ends: a password may hold any sign.
  const userInfo = readableUrl(url) === undefined ? /^(\s*[a-z][a-z\d+.-]*:\/\/|).*@/is : /(^|\/\/)[^/?#]*@/
  return maskQuery(url.replace(userInfo, `$1${secretMask}@`))
}

/** An http or https URL as it would be understood, also without `http://` before it; undefined where it cannot be. */
export const readableUrl = (text: string): URL | undefined => {
  const url = /^\s*[a-z][a-z\d+.-]*:\/\//i.test(text) ? text : `http://${text}`
  return /^\s*https?:/i.test(url) && URL.canParse(url) ? new URL(url) : undefined
}

const maskQuery = (url: string): string => {
  const start = url.search(/[?#]/)
  if (start < 0) return url
  const pairs = url.slice(start).split(/(?=[&#])/)
  return url.slice(0, start) + pairs.map(maskPair).join('')
}

/** A `;` may stand between two pairs, or in a value. */
const maskPair = (pair: string): string => {
  const parts = pair.split(';')
  const at = parts.findIndex(isSecretPair)
  const hidden = parts[at]
  if (hidden === undefined) return pair
  return [...parts.slice(0, at), `${hidden.slice(0, hidden.indexOf('='))}=${secretMask}`].join(';')
}

const isSecretPair = (part: string): boolean => {
  const equals = part.indexOf('=')
  return equals > 0 && isSecretParameter(decodePercent(part.slice(0, equals).replace(/^[?&#]/, '')))
}

/** A parameter of a URL: some clouds take the key as `code`. */
export const isSecretParameter = (name: string): boolean => isSecretName(name) || /^code$/i.test(name)

/**
 * A copy of a JSON value fit for files and logs: text under secret-looking names, credentials in URLs, and each of
 * `secrets` wherever it stands, are masked.
 */
export const maskJson = (value: JsonValue, secrets: readonly string[] = []): JsonValue => {
  if (typeof value === 'string') return maskText(value, secrets)
  if (Array.isArray(value)) return value.map((item: JsonValue) => maskJson(item, secrets))
  return isJsonObject(value) ? maskObject(value, secrets) : value
}

/** The same of an object. */
export const maskObject = (object: JsonObject, secrets: readonly string[]): JsonObject =>
  Object.fromEntries(
    Object.entries(object).map(([name, value]) => {
      if (value === undefined) return [name, undefined]
      return [name, isSecretName(name) ? maskAll(value) : maskJson(value, secrets)]
    }),
  )

/** All text in a value that stands under a secret-looking name. */
const maskAll = (value: JsonValue): JsonValue => {
  if (typeof value === 'string') return secretMask
  if (Array.isArray(value)) return value.map(maskAll)
  if (!isJsonObject(value)) return value
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, inner && maskAll(inner)]))
}

/** A text in which credentials of a URL at its start, and each of `secrets`, are masked. */
export const maskText = (text: string, secrets: readonly string[]): string =>
  maskKnown(/^\s*[a-z][a-z\d+.-]*:\/\//i.test(text) ? maskUrl(text) : text, secrets)

/** A text in which each of `secrets` is masked, and nothing else: what it costs is one search for each. */
export const maskKnown = (text: string, secrets: readonly string[]): string =>
  secrets.reduce((rest, secret) => (secret.length > 2 ? rest.replaceAll(secret, secretMask) : rest), text)

/** A text in which each of `secrets` is masked, also one whose end was cut off with that of the text. */
export const maskQuoted = (text: string, secrets: readonly string[]): string =>
  secrets.reduce(maskCutEnd, maskKnown(text, secrets))

/** Words that somebody else wrote: each of `secrets` is masked, cut or not, and the credentials of every URL in them. */
export const maskWords = (text: string, secrets: readonly string[]): string =>
  maskQuoted(text, secrets).replace(/[^\s"'<>]+/g, maskWord)

const maskWord = (word: string): string => maskQuery(word.replace(/\/\/[^/?#]*@/g, `//${secretMask}@`))

/** So much of a secret tells that it is one. */
const tellingChars = 6

const maskCutEnd = (text: string, secret: string): string => {
  if (secret.length <= tellingChars) return text
  const [mark = ''] = /(…|\.\.\.)?["')\]]*$/.exec(text.slice(-5)) ?? []
  const end = text.length - mark.length
  const start = secret.slice(0, tellingChars)
  for (let at = text.indexOf(start, end - secret.length); at >= 0; at = text.indexOf(start, at + 1)) {
    if (secret.startsWith(text.slice(at, end))) return text.slice(0, at) + secretMask + mark
  }
  return text
}
