import { readFile } from 'node:fs/promises'
import { ArgumentsError, reasonOf } from '../../errors.ts'
import { isJsonObject, type JsonValue, parseJson } from '../../model/json.ts'
import { isMessage, type TurnMessages } from './conversations.ts'

/**
 * The conversations of a JSON file as evalscope's `build_swe_smith_dataset.py` writes it: `conversations` is a list of
 * lists of turns, each an object whose `messages` are what the turn adds. Those of the assistant are left out, and turns
 * that are empty without them.
 */
export const readPrepared = async (file: string): Promise<readonly (readonly TurnMessages[])[]> => {
  const value = await parseFile(file)
  const conversations = isJsonObject(value) ? value.conversations : undefined
  if (!Array.isArray(conversations)) {
    throw new ArgumentsError(
      `${file} is no JSON object with a list "conversations"; give what build_swe_smith_dataset.py writes, ` +
        'or rows of SWE-smith-trajectories as a file that ends in .jsonl',
    )
  }
  const read = conversations.map((turns: JsonValue, index) => readTurns(turns, `${file}: conversation ${index + 1}`))
  return read.filter(turns => turns.length > 0)
}

const parseFile = async (file: string): Promise<JsonValue> => {
  try {
    // Unlike `readFile` itself, refuses what is not UTF-8 and takes a byte-order mark away.
    return parseJson(new TextDecoder('utf-8', { fatal: true }).decode(await readFile(file)))
  } catch (error) {
    throw new ArgumentsError(`${file} cannot be read as JSON (${reasonOf(error)}); give another file`, { cause: error })
  }
}

const readTurns = (turns: JsonValue, place: string): readonly TurnMessages[] => {
  if (!Array.isArray(turns)) throw new ArgumentsError(`${place} is no list of turns; correct or remove it`)
  const read = turns.map((turn: JsonValue, index) => {
    const messages = isJsonObject(turn) ? turn.messages : undefined
    if (Array.isArray(messages) && messages.every(isMessage)) return messages.filter(({ role }) => role !== 'assistant')
    throw new ArgumentsError(
      `${place}, turn ${index + 1}: "messages" is no list of objects with "role" and "content"; correct or remove it`,
    )
  })
  return read.filter(messages => messages.length > 0)
}
