import type { HeaderMap } from '../../model/conversation.ts'
import { isJsonObject, type JsonObject, type JsonValue } from '../../model/json.ts'
import { scanObject, scanSpace } from './json-scan.ts'
import { bodyOf, fieldProblem, type TraceField, timestampSec, traceFields } from './trace-fields.ts'

/** One recorded request. */
export interface TraceRecord {
  readonly timestampSec: number
  readonly body: JsonObject
  /** The body's JSON to the byte as it was recorded; undefined where it cannot be told from the rest of the line. */
  readonly text: string | undefined
  readonly headers: HeaderMap
  readonly requestId: string | undefined
  readonly completionTokens: number | undefined
}

/** Reads one line of a trace; a text says in a few words what is wrong with it. */
export const readTraceLine = (bytes: Buffer): TraceRecord | string => {
  const line = parse(bytes)
  if (!isJsonObject(line)) return line === undefined ? 'no JSON' : 'no JSON object'
  const unknown = Object.keys(line).find(key => !(traceFields as readonly string[]).includes(key))
  if (unknown !== undefined) return `unknown field ${JSON.stringify(unknown.slice(0, 40))}`
  for (const field of traceFields) {
    const problem = fieldProblem(field, line[field])
    if (problem !== undefined) return problem
  }
  return {
    timestampSec: timestampSec(line.timestamp as JsonValue) as number,
    body: bodyOf(line.body as JsonValue) as JsonObject,
    text: typeof line.body === 'string' ? line.body : fieldText(bytes, 'body'),
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

/** A field's JSON as it stands in the line. */
const fieldText = (bytes: Buffer, field: TraceField): string | undefined => {
  let text: string | undefined
  scanObject(bytes, scanSpace(bytes, 0, bytes.length), bytes.length, 0, (keyFrom, keyEnd, from, end) => {
    // Of a field that stands there twice the last one counts, as with `JSON.parse`.
    if (JSON.parse(bytes.toString('utf8', keyFrom, keyEnd)) === field) text = bytes.toString('utf8', from, end)
  })
  return text
}
