import type { HubFile } from '../../model/hub-file.ts'
import { isJsonObject, type JsonValue } from '../../model/json.ts'
import { readJsonLines } from './json-lines.ts'
import { lineError } from './lines.ts'

/** A question of a conversation in ShareGPT, and what was answered. */
export interface Exchange {
  /** Stripped, never empty. */
  readonly human: string
  /** Stripped; may be empty. */
  readonly assistant: string
}

/** The file with conversations in Chinese, as hubs name it. */
export const chineseFile = 'common_zh_70k.jsonl'

/** The file with conversations in English, as hubs name it. */
export const englishFile = 'common_en_70k.jsonl'

/** Where hubs have such a file. */
export const shareGptHubFile = (fileName: string): HubFile['places'] => ({
  modelscope: { repository: 'swift/sharegpt', path: fileName },
  huggingface: { repository: 'shareAI/ShareGPT-Chinese-English-90k', path: `sharegpt_jsonl/${fileName}` },
})

/** The conversations of a file, those without a question left out; a broken line is an error that names it. */
export async function* readExchanges(file: string): AsyncGenerator<readonly Exchange[]> {
  for await (const { number, value } of readJsonLines(file)) {
    const { conversation } = value
    if (!Array.isArray(conversation)) throw lineError(file, number, 'no field "conversation" with a list in it')
    const exchanges = conversation.flatMap(readExchange)
    if (exchanges.length > 0) yield exchanges
  }
}

/** One exchange; none where the question is empty. */
const readExchange = (value: JsonValue): readonly Exchange[] => {
  if (!isJsonObject(value)) return []
  const human = textOf(value.human)
  return human === '' ? [] : [{ human, assistant: textOf(value.assistant) }]
}

const textOf = (value: JsonValue | undefined): string => (typeof value === 'string' ? value.trim() : '')
