import { expect, test } from 'vitest'
import { tokenizeConversation } from '../../src/datasets/support/tokenize.ts'
import type { Prompt } from '../../src/model/conversation.ts'
import { loadTokenizer } from '../../src/tokenizers/index.ts'
import { wordsTokenizerPath } from '../tokenizers/paths.ts'

const words = await loadTokenizer(wordsTokenizerPath)
const messages = [
  { role: 'user', content: 'the cat' },
  { role: 'assistant', content: 'sees' },
]
const tokens: Prompt = { kind: 'tokens', ids: [5, 4, 3] }
const body: Prompt = { kind: 'body', body: { prompt: 'the cat' } }

test.each<[string, Prompt, Prompt]>([
  [
    'messages through the chat template',
    { kind: 'messages', messages },
    { kind: 'tokens', ids: [1, 3, 7, 9, 2, 4, 11, 2, 4] },
  ],
  ['a text without marks', { kind: 'text', text: 'the cat' }, { kind: 'tokens', ids: [7, 9] }],
  ['ids as they are', tokens, tokens],
  ['a complete body as it is', body, body],
])('%s', (_what, prompt, expected) => {
  const conversation = { turns: [{ prompt, maxTokens: 5 }, { prompt: tokens }] }
  expect(tokenizeConversation(conversation, words)).toEqual({
    turns: [{ prompt: expected, maxTokens: 5 }, { prompt: tokens }],
  })
})
