import type { HeaderMap } from '../../model/conversation.ts'
import { isJsonObject, type JsonObject, type JsonValue } from '../../model/json.ts'
import type { LineProblem } from './bad-lines.ts'
import { deepest, type FieldVisitor, scanObject, scanSpace } from './json-scan.ts'
import { bodyOf, fieldProblem, glimpse, type TraceField, timestampSec, traceFields } from './trace-fields.ts'

/** One recorded request. */
export interface TraceRecord {
  readonly timestampSec: number
  readonly body: JsonObject
  /** The body's JSON to the byte as it was recorded. */
  readonly text: string
  readonly headers: HeaderMap
  readonly requestId: string | undefined
  readonly completionTokens: number | undefined
}

/** Reads one line of a trace, or says what is wrong with it. */
export const readTraceLine = (bytes: Buffer): TraceRecord | LineProblem => {
  const line = parse(bytes)
  if (line === undefined) return { what: 'no JSON' }
  if (!isJsonObject(line)) return { what: 'no JSON object', has: glimpse(line) }
  const unknown = Object.keys(line).find(key => !(traceFields as readonly string[]).includes(key))
  if (unknown !== undefined) return { what: `unknown field ${glimpse(unknown)}, known are ${traceFields.join(', ')}` }
  for (const field of traceFields) {
    const problem = fieldProblem(field, line[field])
    if (problem !== undefined) return problem
  }
  const text = typeof line.body === 'string' ? shallowText(line.body) : fieldText(bytes, 'body')
  if (text === undefined) return { what: `"body" is nested more than ${deepest - 1} levels deep` }
  return {
    timestampSec: timestampSec(line.timestamp as JsonValue) as number,
    body: bodyOf(line.body as JsonValue) as JsonObject,
    text,
    headers: (line.headers ?? {}) as HeaderMap,
    requestId: (line.request_id ?? undefined) as string | undefined,
    completionTokens: (line.completion_tokens ?? undefined) as number | undefined,
  }
}

const parse = (bytes: Buffer): JsonValue | undefined => {
  try {
    return JSON.parse(bytes.toString())
  } catch {
    return undefined
  }
}

/** A body's JSON; undefined where it is too deep, so that `JSON.stringify` would run out of stack. */
const shallowText = (text: string): string | undefined => {
  const bytes = Buffer.from(text)
  return scanObject(bytes, scanSpace(bytes, 0, bytes.length), bytes.length, 1) === -1 ? undefined : text
}

/** A field's JSON as it stands in the line; undefined where the line is too deep. */
const fieldText = (bytes: Buffer, field: TraceField): string | undefined => {
  let text: string | undefined
  const visit: FieldVisitor = (keyFrom, keyEnd, from, end) => {
    // Of a field that stands there twice the last one counts, as with `JSON.parse`.
    if (JSON.parse(bytes.toString('utf8', keyFrom, keyEnd)) === field) text = bytes.toString('utf8', from, end)
  }
  return scanObject(bytes, scanSpace(bytes, 0, bytes.length), bytes.length, 0, visit) === -1 ? undefined : text
}
