import type { RequestSettings } from '../model/run-plan.ts'
import { readChatOptions, withChatOptions } from '../tokenizers/chat-options.ts'
import type { Tokenizer } from '../tokenizers/tokenizer.ts'

/** The tokenizer that prompts of a run are measured with: its chat template gets what the bodies will ask of it. */
export const promptTokenizer = (
  { queryTemplate, extraArgs }: RequestSettings,
  tokenizer: Tokenizer | undefined,
): Tokenizer | undefined => tokenizer && withChatOptions(tokenizer, readChatOptions({ ...queryTemplate, ...extraArgs }))
