import { isJsonObject, type JsonObject, type JsonValue } from '../../model/json.ts'

/** Adds the tool calls of a message, or of a delta, whose pieces of the same `index` follow one another, to `calls`. */
export const addToolCalls = (calls: JsonObject[], pieces: JsonValue | undefined): void => {
  if (!Array.isArray(pieces)) return
  for (const [position, piece] of pieces.entries()) {
    if (!isJsonObject(piece)) continue
    const { index, ...call } = piece
    const at = Number.isSafeInteger(index) ? (index as number) : position
    // A server that numbers its calls from anywhere does not make us fill a list of millions.
    if (at < 0 || at > calls.length) continue
    const begun = calls[at]
    calls[at] = begun === undefined ? call : joined(begun, call)
  }
}

const joined = (begun: JsonObject, more: JsonObject): JsonObject => {
  const [left, right] = [begun.function, more.function]
  if (!isJsonObject(left) || !isJsonObject(right)) return { ...more, ...begun }
  return { ...more, ...begun, function: { ...right, ...left, arguments: textOf(left) + textOf(right) } }
}

const textOf = ({ arguments: text }: JsonObject): string => (typeof text === 'string' ? text : '')
