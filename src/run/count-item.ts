import { reasonOf } from '../errors.ts'
import { isJsonObject, type JsonObject } from '../model/json.ts'
import type { AnswerText } from '../model/record.ts'
import type { Task } from '../model/run-plan.ts'
import type { Tokenizer } from '../tokenizers/tokenizer.ts'
import { imageTokens } from './image-tokens.ts'
import { isMoreThanTextAndImages, promptTokens, promptTokensWithoutTemplate } from './prompt-tokens.ts'

/** What a tokenizer is to count of one request. */
export interface CountItem {
  /** JSON text of the body as sent; absent where its prompt is not to be counted. */
  readonly body?: string | undefined
  /** Absent where it is not to be counted. */
  readonly answer?: AnswerText | undefined
  /** Counts the prompt without the chat template, too. */
  readonly withoutTemplate?: boolean
}

/** How it is counted. */
export interface CountSettings {
  readonly task: Task
  /** Side of the square of an image that is one token. */
  readonly patchPx: number
}

/** What it counted; undefined where it could not, or was not asked to. */
export interface ItemCounts {
  readonly promptTokens: number | undefined
  /** Of the prompt's text without the chat template. */
  readonly textTokens: number | undefined
  readonly answerTokens: number | undefined
  /** The prompt has images, whose tokens are an estimate. */
  readonly hasImages: boolean
  /** The prompt has tools, images elsewhere or their like, of which no token is counted. */
  readonly isPartialPrompt: boolean
  /** Why something could not be counted: a template may refuse messages that the server took. */
  readonly problem: string | undefined
}

/** Counts one request; what cannot be counted is told as its problem. */
export const countItem = (item: CountItem, settings: CountSettings, tokenizer: Tokenizer): ItemCounts => {
  const problems: string[] = []
  const attempt = (count: () => number | undefined): number | undefined => {
    try {
      return count()
    } catch (error) {
      problems.push(reasonOf(error))
      return undefined
    }
  }
  const { answer, withoutTemplate = false } = item
  const { task, patchPx } = settings
  const body = bodyOf(item)
  const images = imageTokens(body, patchPx)
  const text = attempt(() => promptTokens(body, task, tokenizer))
  return {
    promptTokens: text === undefined ? undefined : text + images.tokens,
    textTokens: withoutTemplate ? attempt(() => promptTokensWithoutTemplate(body, task, tokenizer)) : undefined,
    answerTokens: answer && attempt(() => answerTokens(answer, tokenizer)),
    hasImages: images.tokens > 0,
    isPartialPrompt: images.unknownCount > 0 || isMoreThanTextAndImages(body),
    problem: problems[0],
  }
}

/** Without a body there is no prompt to be counted, as in an empty one. */
const bodyOf = ({ body = '{}' }: CountItem): JsonObject => {
  const value: unknown = JSON.parse(body)
  return isJsonObject(value) ? value : {}
}

/**
 * Reasoning is output as well as text is, and so are tool calls, as models write them: name and arguments. Of several
 * answers each counts, by itself.
 */
const answerTokens = ({ text, reasoning, toolCalls = [], others = [] }: AnswerText, tokenizer: Tokenizer): number =>
  [reasoning, text, ...toolCalls.map(callText)].reduce((sum, part) => sum + tokenizer.encode(part).length, 0) +
  others.reduce((sum, other) => sum + answerTokens(other, tokenizer), 0)

const callText = ({ function: called }: JsonObject): string => {
  const { name, arguments: given } = isJsonObject(called) ? called : {}
  // As text, but for Ollama's.
  return `{"name": ${JSON.stringify(name)}, "arguments": ${typeof given === 'string' ? given : JSON.stringify(given)}}`
}
