import { isJsonObject, type JsonObject, type JsonValue } from '../../model/json.ts'

/** Adds the tool calls of a message, or of a delta, whose pieces of the same `index` follow one another, to `calls`. */
export const addToolCalls = (calls: JsonObject[], pieces: JsonValue | undefined): void => {
  if (!Array.isArray(pieces)) return
  for (const [position, piece] of pieces.entries()) {
    if (!isJsonObject(piece)) continue
    const { index, ...call } = piece
    const begun = begunCall(calls, call, Number.isSafeInteger(index) ? (index as number) : position)
    if (begun === undefined) calls.push(call)
    else calls[begun] = joined(calls[begun] as JsonObject, call)
  }
}

/**
 * Place of the call that a piece goes on with; undefined where it begins one. Servers number calls from 0, from 1, all
 * with 0, or not at all, and some give every piece a new id: a call begins with a function's name, and an id or a number
 * of its own.
 */
const begunCall = (calls: readonly JsonObject[], piece: JsonObject, index: number): number | undefined => {
  const namesFunction = isJsonObject(piece.function) && isText(piece.function.name)
  const begun = calls[index]
  if (begun === undefined) return namesFunction || calls.length === 0 ? undefined : calls.length - 1
  return namesFunction && isText(piece.id) && piece.id !== begun.id ? undefined : index
}

const joined = (begun: JsonObject, more: JsonObject): JsonObject => {
  const [left, right] = [begun.function, more.function]
  if (!isJsonObject(left) || !isJsonObject(right)) return { ...more, ...begun }
  return { ...more, ...begun, function: { ...right, ...left, arguments: textOf(left) + textOf(right) } }
}

const textOf = ({ arguments: text }: JsonObject): string => (typeof text === 'string' ? text : '')

const isText = (value: JsonValue | undefined): boolean => typeof value === 'string' && value !== ''
