import type { DatasetContext } from '../../src/datasets/dataset.ts'
import type { Conversation, Prompt } from '../../src/model/conversation.ts'
import type { DatasetSettings, ImageSettings } from '../../src/model/run-plan.ts'
import type { Tokenizer } from '../../src/tokenizers/tokenizer.ts'

/** What is drawn when nothing is said about it. */
export const images: ImageSettings = { widthPx: 224, heightPx: 224, mode: 'RGB', count: 1, patchPx: 28 }

/** Settings as the command line leaves them when nothing is said about them. */
const defaults: DatasetSettings = {
  spec: 'openqa',
  path: undefined,
  chat: true,
  offset: 0,
  minPromptLength: 0,
  maxPromptLength: 131_072,
  prefixLength: 0,
  tokenizerPath: undefined,
  tokenizePrompt: false,
  args: {},
  minTurns: 1,
  maxTurns: undefined,
  images,
  prompt: undefined,
}

/** A context with the given settings; what is said goes to `said`. */
export const createContext = (
  settings: Partial<DatasetSettings> = {},
  { tokenizer, seed = 1, said = [] }: { tokenizer?: Tokenizer; seed?: number; said?: string[] } = {},
): DatasetContext => ({
  settings: { ...defaults, ...settings },
  seed,
  tokenizer,
  say: line => said.push(line),
})

/** The first conversations of a pass, at most `count`. */
export const take = async (
  conversations: AsyncIterable<Conversation> | Iterable<Conversation>,
  count = Number.POSITIVE_INFINITY,
): Promise<Conversation[]> => {
  const taken: Conversation[] = []
  for await (const conversation of conversations) {
    taken.push(conversation)
    if (taken.length >= count) break
  }
  return taken
}

/** The prompts of conversations of one turn. */
export const promptsOf = (conversations: readonly Conversation[]): Prompt[] =>
  conversations.flatMap(conversation => conversation.turns.map(turn => turn.prompt))

/** The text of a prompt: bare, or the content of its only message. */
export const textOf = (prompt: Prompt | undefined): unknown => {
  if (prompt?.kind === 'text') return prompt.text
  return prompt?.kind === 'messages' ? prompt.messages[0]?.content : undefined
}
