import { isJsonObject, type JsonObject } from '../model/json.ts'
import type { Tokenizer } from './tokenizer.ts'

/** What a request asks of the chat template, beside the messages. */
export interface ChatOptions {
  /** Variables of the template, such as `enable_thinking`. */
  readonly variables: JsonObject
  /** Whether the prompt ends with the beginning of an answer. */
  readonly addsGenerationPrompt: boolean
  /** Whether it ends with the last message, which the model is to go on with. */
  readonly continuesFinalMessage: boolean
}

/** What servers do where nothing is asked. */
export const defaultChatOptions: ChatOptions = {
  variables: {},
  addsGenerationPrompt: true,
  continuesFinalMessage: false,
}

/** What a body asks of the chat template, in the words of vLLM and SGLang; undefined where it asks nothing. */
export const readChatOptions = (body: JsonObject): ChatOptions | undefined => {
  const { chat_template_kwargs: given, reasoning_effort: effort } = body
  const { add_generation_prompt: adds, continue_final_message: continues } = body
  const variables = {
    ...(typeof effort === 'string' ? { reasoning_effort: effort } : {}),
    ...(isJsonObject(given) ? given : {}),
  }
  const isNothing = Object.keys(variables).length === 0 && adds !== false && continues !== true
  if (isNothing) return undefined
  return { variables, addsGenerationPrompt: adds !== false, continuesFinalMessage: continues === true }
}

/** A tokenizer whose chats are rendered with these options. */
export const withChatOptions = (tokenizer: Tokenizer, options: ChatOptions | undefined): Tokenizer =>
  options === undefined
    ? tokenizer
    : {
        encode: (text, addSpecialTokens, pair) => tokenizer.encode(text, addSpecialTokens, pair),
        decode: ids => tokenizer.decode(ids),
        encodeChat: (messages, own = options) => tokenizer.encodeChat(messages, own),
        hasChatTemplate: tokenizer.hasChatTemplate,
        ordinaryIds: () => tokenizer.ordinaryIds(),
      }
