import { isJsonObject, type JsonObject, type JsonValue } from '../../model/json.ts'

/** A tool call in the form in which chat messages repeat it; `text` is the JSON of its arguments. */
export const toolCall = (id: JsonValue | undefined, name: JsonValue | undefined, text: string): JsonObject => ({
  ...(typeof id === 'string' && { id }),
  type: 'function',
  function: { name: typeof name === 'string' ? name : '', arguments: text },
})

/** Begins a call; until its end it holds the `index` of its item or block, by which its pieces find it. */
export const beginCall = (calls: JsonObject[], index: JsonValue | undefined, call: JsonObject): void => {
  calls.push({ ...call, index: asIndex(index) })
}

/** Adds a piece of arguments to the call begun under `index`; false where there is none. */
export const extendCall = (calls: JsonObject[], index: JsonValue | undefined, piece: string): boolean => {
  const at = openCall(calls, index)
  const call = calls[at]
  if (call === undefined) return false
  calls[at] = { ...call, function: { ...functionOf(call), arguments: argumentsOf(call) + piece } }
  return true
}

/** Ends the call begun under `index`, with its whole arguments where they are told once more; false without one. */
export const endCall = (calls: JsonObject[], index: JsonValue | undefined, whole?: string): boolean => {
  const at = openCall(calls, index)
  const call = calls[at]
  if (call === undefined) return false
  const { index: _, ...rest } = call
  // A function without parameters may have been called without a single piece.
  calls[at] = { ...rest, function: { ...functionOf(call), arguments: (whole ?? argumentsOf(call)) || '{}' } }
  return true
}

/** Ends all calls whose end was not told. */
export const endCalls = (calls: JsonObject[]): void => {
  for (const { index } of [...calls]) if (index !== undefined) endCall(calls, index)
}

const openCall = (calls: readonly JsonObject[], index: JsonValue | undefined): number =>
  calls.findLastIndex(call => call.index === asIndex(index))

/** A server that leaves it out has one call at a time. */
const asIndex = (index: JsonValue | undefined): number => (typeof index === 'number' ? index : 0)

const functionOf = (call: JsonObject): JsonObject => (isJsonObject(call.function) ? call.function : {})

const argumentsOf = (call: JsonObject): string => {
  const { arguments: text } = functionOf(call)
  return typeof text === 'string' ? text : ''
}
