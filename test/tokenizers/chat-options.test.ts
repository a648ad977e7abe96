import { expect, test } from 'vitest'
import type { JsonObject } from '../../src/model/json.ts'
import { readChatOptions, withChatOptions } from '../../src/tokenizers/chat-options.ts'
import { compileChatTemplate } from '../../src/tokenizers/chat-template.ts'
import { loadTokenizer } from '../../src/tokenizers/index.ts'
import { qwenTokenizerPath } from './paths.ts'

const qwen = await loadTokenizer(qwenTokenizerPath)
const messages = [{ role: 'user', content: 'hi' }]
/** Around a message: <|im_start|> user ⏎ … <|im_end|> ⏎, then <|im_start|> assistant ⏎. */
const [around, opening, noThoughts] = [5, 3, 4]

test.each<[JsonObject, number]>([
  [{}, 1 + around + opening],
  [{ chat_template_kwargs: { enable_thinking: true } }, 1 + around + opening],
  // <think> ⏎⏎ </think> ⏎⏎
  [{ chat_template_kwargs: { enable_thinking: false } }, 1 + around + opening + noThoughts],
  [{ add_generation_prompt: false }, 1 + around],
  [{ add_generation_prompt: false, chat_template_kwargs: { add_generation_prompt: true } }, 1 + around],
  // Not the two tokens at its end.
  [{ continue_final_message: true }, 1 + around - 2],
  [{ chat_template_kwargs: null, add_generation_prompt: null, continue_final_message: false }, 1 + around + opening],
  [{ chat_template_kwargs: { messages: [], bos_token: 'x' } }, 1 + around + opening],
])('what a body asks of the template, %j, is in what Qwen3 reads', (body, count) => {
  const options = readChatOptions(body)
  expect(qwen.encodeChat(messages, options)).toHaveLength(count)
  expect(withChatOptions(qwen, options).encodeChat(messages)).toHaveLength(count)
})

test('where nothing is asked the tokenizer is the same', () => {
  expect(withChatOptions(qwen, readChatOptions({ messages: [], temperature: 1 }))).toBe(qwen)
})

test('the effort of reasoning is a variable of the template, too', () => {
  const render = compileChatTemplate('{{ reasoning_effort }}', {})
  expect(render(messages, readChatOptions({ reasoning_effort: 'low' }))).toBe('low')
  const both = { reasoning_effort: 'low', chat_template_kwargs: { reasoning_effort: 'high' } }
  expect(render(messages, readChatOptions(both))).toBe('high')
})

test.each([
  ['{{ messages[-1].content }}</s>', 'go on ', 'go on '],
  ['{{ messages[-1].content | trim }}</s>', ' go on ', 'go on'],
  ['{{ messages[-1].content | trim }} </s>', 'go on  ', 'go on'],
  ['{{ messages[-1].content }}</s>', '', '</s>'],
])('%s ends, where %j is to be continued, with it', (template, content, text) => {
  const render = compileChatTemplate(template, {})
  const options = readChatOptions({ continue_final_message: true })
  expect(render([{ role: 'assistant', content }], options)).toBe(text)
})

test('a message that the template leaves out cannot be continued', () => {
  const render = compileChatTemplate('hello', {})
  const options = readChatOptions({ continue_final_message: true })
  expect(() => render([{ role: 'assistant', content: 'go on' }], options)).toThrow('which is to be continued')
})
