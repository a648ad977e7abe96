import { reasonOf } from '../errors.ts'
import type { Message } from '../model/conversation.ts'
import { type JsonValue, parseJson } from '../model/json.ts'
import type { Dataset } from './dataset.ts'
import { isMessage, type TurnMessages, usableConversations } from './support/conversations.ts'
import { requirePath, resolveFile } from './support/file-path.ts'
import { lineError, readLines } from './support/lines.ts'
import { createSkippedLines } from './support/skipped-lines.ts'

/**
 * Each line is a conversation, a JSON array of messages. The assistant's end a turn and are left out, since the model's
 * own take their place; all others between two of them are one turn. Bad lines are skipped.
 */
export const customMultiTurn: Dataset = {
  names: ['custom_multi_turn'],
  isMultiTurn: true,
  ignores: ['minTurns'],
  async *open(context) {
    const content = 'a file with one conversation per line: a JSON array of messages, each with "role" and "content"'
    const file = await resolveFile(requirePath(context, content))
    yield* usableConversations(readConversations(file, context.say), context, file)
  },
}

async function* readConversations(file: string, say: (line: string) => void): AsyncGenerator<readonly TurnMessages[]> {
  const skipped = createSkippedLines(file, say)
  let usedCount = 0
  try {
    for await (const { number, text } of readLines(file)) {
      if (text.trim() === '') continue
      const turns = readTurns(text)
      if (typeof turns === 'string') {
        skipped.skip(number, turns)
        continue
      }
      usedCount++
      yield turns
    }
  } finally {
    skipped.end()
  }
  if (usedCount > 0 || skipped.first === undefined) return
  const { number, problem } = skipped.first
  throw lineError(file, number, `${problem}; no line of the file is a conversation (lines read: ${skipped.count})`)
}

/** The turns of one line, or what is wrong with it. */
const readTurns = (text: string): readonly TurnMessages[] | string => {
  let value: JsonValue
  try {
    value = parseJson(text)
  } catch (error) {
    return `not valid JSON (${reasonOf(error)})`
  }
  if (!Array.isArray(value)) return 'not a JSON array of messages'
  if (value.length === 0) return 'the array is empty'
  const badIndex = value.findIndex(item => !isMessage(item))
  if (badIndex !== -1) return `message ${badIndex + 1} of the array is no object with a text "role" and a "content"`
  const turns = splitTurns(value as readonly Message[])
  return turns.length === 0 ? 'the array has no message but those of the assistant' : turns
}

const splitTurns = (messages: readonly Message[]): readonly TurnMessages[] => {
  const turns: Message[][] = [[]]
  for (const message of messages) {
    if (message.role === 'assistant') turns.push([])
    else turns.at(-1)?.push(message)
  }
  return turns.filter(turn => turn.length > 0)
}
