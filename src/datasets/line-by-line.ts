import { ArgumentsError } from '../errors.ts'
import type { Message, Prompt } from '../model/conversation.ts'
import { isJsonObject, type JsonObject, type JsonValue, parseJson } from '../model/json.ts'
import type { Dataset, DatasetContext } from './dataset.ts'
import type { FileItem } from './support/file-items.ts'
import { requirePath, resolveFile } from './support/file-path.ts'
import { lengthOptions } from './support/length-options.ts'
import { ownValueOptions, readOwnValues } from './support/own-values.ts'
import { usablePrompts } from './support/prompts.ts'
import { createObjectHint } from './support/sent-objects.ts'

/**
 * Each line is a prompt: a JSON array holds chat messages, a JSON object is a complete request body, everything else is
 * text. So is each value in a column of a CSV or Parquet file, or in a field of JSON objects. Blank ones are skipped; the
 * length limits concern texts, and `target_input_len` takes nothing else.
 */
export const lineByLine: Dataset = {
  names: ['line_by_line'],
  isMultiTurn: false,
  options: { ...lengthOptions, ...ownValueOptions },
  async *open(context) {
    const content =
      'a file with one prompt per line: text, a JSON array of messages, or a JSON request body; or a .csv, .tsv, .parquet or ' +
      '.json file'
    const file = await resolveFile(requirePath(context, content))
    yield* usablePrompts(readPrompts(context, file), context, file)
  },
}

async function* readPrompts(context: DatasetContext, file: string): AsyncGenerator<string | Prompt> {
  const textsAlone = context.settings.args.target_input_len !== undefined
  const hint = createObjectHint(context, file, 'body')
  for await (const item of readOwnValues(context, file)) {
    const prompt = readPrompt(item)
    if (textsAlone && typeof prompt !== 'string') throw mistake(item, jsonWithTarget)
    hint(item)
    if (prompt !== '') yield prompt
  }
}

const jsonWithTarget =
  'a JSON line cannot be brought to "target_input_len"; give texts, or leave it out of --dataset-args'

const readPrompt = (item: FileItem): string | Prompt => {
  const value = typeof item.value === 'string' ? jsonOrText(item.value.trim()) : item.value
  if (typeof value === 'string') return value.trim()
  if (Array.isArray(value)) return { kind: 'messages', messages: readMessages(value, item) }
  if (isJsonObject(value)) return { kind: 'body', body: value }
  return typeof item.value === 'string' ? item.value.trim() : JSON.stringify(value)
}

/** The parsed value; text that is no JSON is a prompt as it stands. */
const jsonOrText = (text: string): JsonValue => {
  try {
    return parseJson(text)
  } catch {
    return text
  }
}

const readMessages = (values: readonly JsonValue[], item: FileItem): readonly Message[] => {
  if (values.length === 0) throw mistake(item, 'the array holds no messages')
  return values.map((value, index) => {
    if (isMessage(value)) return value
    throw mistake(item, `message ${index + 1} of the array is no object with a "role" such as "user"`)
  })
}

const isMessage = (value: JsonValue): value is JsonObject & Message =>
  isJsonObject(value) && typeof value.role === 'string'

const mistake = ({ place }: FileItem, problem: string): ArgumentsError => new ArgumentsError(`${place}: ${problem}`)
