import type { Message } from '../../model/conversation.ts'
import { isJsonObject, type JsonValue } from '../../model/json.ts'

/** Whether an element of a recorded body's `messages` is one. */
export const isMessage = (value: JsonValue): value is Message => isJsonObject(value) && typeof value.role === 'string'
