import type { Conversation, Prompt } from '../../model/conversation.ts'
import type { Tokenizer } from '../../tokenizers/tokenizer.ts'

/**
 * `--tokenize-prompt`: the conversation with token ids for its prompts. Messages go through the chat template, texts are
 * encoded without special tokens; complete bodies and token lists stay as they are.
 */
export const tokenizeConversation = (conversation: Conversation, tokenizer: Tokenizer): Conversation => ({
  ...conversation,
  turns: conversation.turns.map(turn => ({ ...turn, prompt: tokenizePrompt(turn.prompt, tokenizer) })),
})

const tokenizePrompt = (prompt: Prompt, tokenizer: Tokenizer): Prompt => {
  switch (prompt.kind) {
    case 'messages':
      return { kind: 'tokens', ids: tokenizer.encodeChat(prompt.messages) }
    case 'text':
      return { kind: 'tokens', ids: tokenizer.encode(prompt.text) }
    case 'tokens':
    case 'inputs':
    case 'rerank':
    case 'body':
      return prompt
  }
}
