import type { HeaderMap } from '../../model/conversation.ts'
import { isJsonObject, type JsonObject, type JsonValue } from '../../model/json.ts'
import type { LineProblem } from './bad-lines.ts'

/** The fields that a line of a trace may have. */
export const traceFields = ['body', 'timestamp', 'headers', 'request_id', 'completion_tokens'] as const

/** One of them. */
export type TraceField = (typeof traceFields)[number]

/** What is wrong with a field's value; undefined where nothing is. `null` stands for a field that is not there. */
export const fieldProblem = (field: TraceField, value: JsonValue | undefined): LineProblem | undefined => {
  if (value === undefined || value === null) {
    return field === 'body' || field === 'timestamp' ? { what: `no "${field}"` } : undefined
  }
  const what = problemOf[field](value)
  return what === undefined ? undefined : { what, has: field === 'headers' ? badHeader(value) : glimpse(value) }
}

/** What is wrong with a value that is there. */
const problemOf: Readonly<Record<TraceField, (value: JsonValue) => string | undefined>> = {
  body: value => (bodyOf(value) ? undefined : '"body" is no JSON object, nor a text that holds one'),
  timestamp: value => {
    if (timestampSec(value) === undefined) return '"timestamp" is neither seconds nor an ISO 8601 time'
    return isTooLarge(value) ? '"timestamp" is too large for seconds: divide milliseconds by 1000' : undefined
  },
  headers: value => (isHeaders(value) ? undefined : '"headers" is no object of HTTP header names and texts'),
  request_id: value => (isRequestId(value) ? undefined : '"request_id" is no text that fits into a header'),
  completion_tokens: value =>
    Number.isSafeInteger(value) && (value as number) > 0 ? undefined : '"completion_tokens" is no whole number above 0',
}

/** A value as a message shows it: its beginning, or no more than its kind. */
export const glimpse = (value: JsonValue): string => {
  if (Array.isArray(value)) return 'a list'
  if (isJsonObject(value)) return 'an object'
  // JSON has no infinity but its parser gives one.
  const text = typeof value === 'number' ? String(value) : JSON.stringify(value)
  return text.length > 40 ? `${text.slice(0, 40)} …` : text
}

/** A body, given as an object or as a text that holds one; undefined where it is neither. */
export const bodyOf = (value: JsonValue): JsonObject | undefined => {
  if (typeof value !== 'string') return isJsonObject(value) ? value : undefined
  try {
    const body: JsonValue = JSON.parse(value)
    return isJsonObject(body) ? body : undefined
  } catch {
    return undefined
  }
}

const number = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i
const iso = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(?::(\d\d)(?:[.,](\d+))?)?)?(Z|[+-]\d\d(?::?\d\d)?)?$/i

/** From here on numbers are no seconds: that would be the year 5138, and in milliseconds it was 1973. */
export const tooLargeSec = 1e11

const isTooLarge = (value: JsonValue): boolean =>
  (typeof value === 'number' || (typeof value === 'string' && number.test(value.trim()))) &&
  Number(value) >= tooLargeSec

/** A time in seconds: a number, a text that holds one, or ISO 8601, which without a zone is UTC. */
export const timestampSec = (value: JsonValue): number | undefined => {
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined
  if (typeof value !== 'string') return undefined
  const text = value.trim()
  if (number.test(text)) return timestampSec(Number(text))
  const [, date, minutes = '00:00', seconds = '00', fraction = '0', zone = 'Z'] = iso.exec(text) ?? []
  if (date === undefined || !isDate(date)) return undefined
  const ms = Date.parse(`${date}T${minutes}:${seconds}${zoneText(zone)}`)
  // `Date` would drop what is below a millisecond.
  return Number.isNaN(ms) ? undefined : ms / 1000 + Number(`0.${fraction}`)
}

/** `+0100` and `+01` as `Date` wants them. */
const zoneText = (zone: string): string => {
  if (/^z$/i.test(zone)) return 'Z'
  return `${zone.slice(0, 3)}:${zone.slice(3).replace(':', '') || '00'}`
}

/** `Date` takes the 30th of February for the 1st or 2nd of March. */
const isDate = (date: string): boolean => {
  const ms = Date.parse(`${date}T00:00:00Z`)
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(date)
}

const headerName = /^[!#$%&'*+.^_`|~\dA-Za-z-]+$/
const headerValue = /^[\t\x20-\x7e\x80-\xff]*$/

const isHeaders = (value: JsonValue): value is HeaderMap & JsonObject =>
  isJsonObject(value) && Object.entries(value).every(([name, text]) => isHeader(name, text))

const isHeader = (name: string, text: JsonValue | undefined): boolean =>
  headerName.test(name) && typeof text === 'string' && headerValue.test(text)

/** What is wrong in headers; names them, but shows no values, which may be secrets. */
const badHeader = (value: JsonValue): string => {
  if (!isJsonObject(value)) return glimpse(value)
  const [name = '', text] = Object.entries(value).find(([key, held]) => !isHeader(key, held)) ?? []
  if (!headerName.test(name)) return `the name ${glimpse(name)}`
  const held = typeof text === 'string' ? 'a text with a character that no header may have' : kindText(text)
  return `${held} under ${glimpse(name)}`
}

const kindText = (value: JsonValue | undefined): string =>
  typeof value === 'object' && value !== null ? glimpse(value) : value === null ? 'null' : `a ${typeof value}`

const isRequestId = (value: JsonValue): boolean =>
  typeof value === 'string' && value.trim() !== '' && headerValue.test(value)
