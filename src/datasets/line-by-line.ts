import type { Message, Prompt } from '../model/conversation.ts'
import { isJsonObject, type JsonObject, type JsonValue } from '../model/json.ts'
import type { Dataset } from './dataset.ts'
import { requirePath, resolveFile } from './support/file-path.ts'
import { lengthOptions } from './support/length-options.ts'
import { lineError, readLines } from './support/lines.ts'
import { usablePrompts } from './support/prompts.ts'

/**
 * Each line is a prompt: a JSON array holds chat messages, a JSON object is a complete request body, everything else is
 * text. Blank lines are skipped; the length limits concern texts, and `target_input_len` takes nothing else.
 */
export const lineByLine: Dataset = {
  names: ['line_by_line'],
  isMultiTurn: false,
  options: lengthOptions,
  async *open(context) {
    const content = 'a file with one prompt per line: text, a JSON array of messages, or a JSON request body'
    const file = await resolveFile(requirePath(context, content))
    const prompts = readPrompts(file, context.settings.args.target_input_len !== undefined)
    yield* usablePrompts(prompts, context, file)
  },
}

async function* readPrompts(file: string, textsAlone: boolean): AsyncGenerator<string | Prompt> {
  for await (const { number, text } of readLines(file)) {
    const prompt = readPrompt(text.trim(), file, number)
    if (textsAlone && typeof prompt !== 'string') throw lineError(file, number, jsonWithTarget)
    if (prompt !== '') yield prompt
  }
}

const jsonWithTarget =
  'a JSON line cannot be brought to "target_input_len"; give texts, or leave it out of --dataset-args'

const readPrompt = (text: string, file: string, number: number): string | Prompt => {
  const value = parseJson(text)
  if (typeof value === 'string') return value.trim()
  if (Array.isArray(value)) return { kind: 'messages', messages: readMessages(value, file, number) }
  return isJsonObject(value) ? { kind: 'body', body: value } : text
}

/** The parsed value; text that is no JSON is a prompt as it stands. */
const parseJson = (text: string): JsonValue => {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

const readMessages = (values: readonly JsonValue[], file: string, number: number): readonly Message[] => {
  if (values.length === 0) throw lineError(file, number, 'the array holds no messages')
  return values.map((value, index) => {
    if (isMessage(value)) return value
    throw lineError(file, number, `message ${index + 1} of the array is no object with a "role" such as "user"`)
  })
}

const isMessage = (value: JsonValue): value is JsonObject & Message =>
  isJsonObject(value) && typeof value.role === 'string'
