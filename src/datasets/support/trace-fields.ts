import type { HeaderMap } from '../../model/conversation.ts'
import { isJsonObject, type JsonObject, type JsonValue } from '../../model/json.ts'

/** The fields that a line of a trace may have. */
export const traceFields = ['body', 'timestamp', 'headers', 'request_id', 'completion_tokens'] as const

/** One of them. */
export type TraceField = (typeof traceFields)[number]

/** What is wrong with a field's value; undefined where nothing is. `null` stands for a field that is not there. */
export const fieldProblem = (field: TraceField, value: JsonValue | undefined): string | undefined => {
  switch (field) {
    case 'body':
      if (value === undefined || value === null) return 'no "body"'
      return bodyOf(value) === undefined ? '"body" is no JSON object, nor a text that holds one' : undefined
    case 'timestamp':
      if (value === undefined || value === null) return 'no "timestamp"'
      return timestampSec(value) === undefined ? '"timestamp" is neither seconds nor an ISO 8601 time' : undefined
    case 'headers':
      return value === undefined || value === null || isHeaders(value)
        ? undefined
        : '"headers" is no object of HTTP header names and texts'
    case 'request_id':
      return value === undefined || value === null || isRequestId(value)
        ? undefined
        : '"request_id" is no text that fits into a header'
    case 'completion_tokens':
      return value === undefined || value === null || (Number.isSafeInteger(value) && (value as number) > 0)
        ? undefined
        : '"completion_tokens" is no whole number above 0'
  }
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
  isJsonObject(value) &&
  Object.entries(value).every(
    ([name, text]) => headerName.test(name) && typeof text === 'string' && headerValue.test(text),
  )

const isRequestId = (value: JsonValue): boolean =>
  typeof value === 'string' && value.trim() !== '' && headerValue.test(value)
