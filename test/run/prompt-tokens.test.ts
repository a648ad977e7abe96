import { describe, expect, test } from 'vitest'
import type { JsonObject } from '../../src/model/json.ts'
import type { Task } from '../../src/model/run-plan.ts'
import { isMoreThanTextAndImages, promptTokens, promptTokensWithoutTemplate } from '../../src/run/prompt-tokens.ts'
import type { Tokenizer } from '../../src/tokenizers/tokenizer.ts'
import { wordTokenizer } from './word-tokenizer.ts'

const count = (body: JsonObject, task: Task = 'generate'): number | undefined => promptTokens(body, task, wordTokenizer)

const user = (content: JsonObject['content']) => ({ role: 'user', content: content ?? null })
const textPart = (text: string, type = 'text') => ({ type, text })

// Two tokens for each message, or for the marks around each text, and one for each word.
describe('prompts of bodies that ask for text', () => {
  test.each<[string, JsonObject, number | undefined]>([
    ['OpenAI chat', { messages: [user('one two')] }, 4],
    ['OpenAI chat, in parts', { messages: [user([textPart('one '), textPart('two three')])] }, 5],
    ['OpenAI completions', { prompt: 'one two three' }, 5],
    ['OpenAI completions, several', { prompt: ['one two', 'three'] }, 7],
    ['OpenAI completions, ids', { prompt: [7, 8, 9, 10] }, 4],
    ['OpenAI completions, several lists of ids', { prompt: [[7, 8], [9]] }, 3],
    ['OpenAI responses, a text', { input: 'one two' }, 4],
    ['OpenAI responses, with instructions', { input: 'one two', instructions: 'be brief' }, 8],
    [
      'OpenAI responses, items',
      {
        instructions: 'be brief',
        input: [
          user([textPart('one two', 'input_text')]),
          { type: 'function_call', name: 'f', arguments: '{"a": 1}' },
          { type: 'function_call_output', output: 'three four five' },
        ],
      },
      4 + 4 + 4 + 5,
    ],
    ['Anthropic', { system: 'be brief', messages: [user('one')] }, 7],
    ['Anthropic, in blocks', { system: [textPart('be brief')], messages: [user([textPart('one')])] }, 7],
    ['DashScope', { input: { messages: [user('one two')] } }, 4],
    ['DashScope, a text', { input: { prompt: 'one two' } }, 4],
    ['Ollama chat', { model: 'm', messages: [user('one')], options: { num_predict: 3 } }, 3],
    ['Ollama generate', { system: 'be brief', prompt: 'one' }, 7],
    ['none that we know', { query: 'one' }, undefined],
    ['nothing', { messages: null, prompt: null, input: null }, undefined],
  ])('%s', (_, body, tokens) => {
    expect(count(body)).toBe(tokens)
  })

  test('without a chat template only the words of messages count', () => {
    const plain = { ...wordTokenizer, hasChatTemplate: false }
    const messages = [{ role: 'system', content: 'be brief' }, user([textPart('one'), { type: 'image_url' }])]
    expect(promptTokens({ messages }, 'generate', plain)).toBe(3)
  })

  test.each<[string, JsonObject]>([
    ['OpenAI', { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } }],
    ['OpenAI responses', { type: 'input_image', image_url: 'data:image/png;base64,AAAA' }],
    ['Anthropic', { type: 'image', source: { type: 'base64', data: 'AAAA' } }],
    ['DashScope', { image: 'data:image/png;base64,AAAA' }],
  ])('no template sees an image, as a part of %s', (_, image) => {
    const messages = [user([textPart('one two'), image])]
    expect(count({ messages })).toBe(4)
    expect(isMoreThanTextAndImages({ messages })).toBe(false)
  })

  test.each<[string, JsonObject, boolean]>([
    ['text', { messages: [user('one'), user([textPart('one')])], tools: [] }, false],
    ['a prompt', { prompt: 'one', input: 'two' }, false],
    ['tools', { messages: [], tools: [{ type: 'function' }] }, true],
    ['tools of DashScope', { input: { messages: [] }, parameters: { tools: [{}] } }, true],
    ['sound', { messages: [user([textPart('one'), { type: 'input_audio', input_audio: {} }])] }, true],
    ['results of tools', { messages: [user([{ type: 'tool_result', content: 'one' }])] }, true],
    ['a file among input items', { input: [user([{ type: 'input_file', file_id: 'f' }])] }, true],
  ])('whether more than text and images is in it: %s', (_, body, isMore) => {
    expect(isMoreThanTextAndImages(body)).toBe(isMore)
  })

  test('without the chat template it is the text alone', () => {
    const messages = [{ role: 'system', content: 'be brief' }, user('one')]
    expect(promptTokensWithoutTemplate({ messages }, 'generate', wordTokenizer)).toBe(3)
    expect(promptTokensWithoutTemplate({ prompt: 'one' }, 'generate', wordTokenizer)).toBe(3)
  })

  test('what the body asks of the template reaches it, but no template of a text', () => {
    const asked: unknown[] = []
    const encodeChat: Tokenizer['encodeChat'] = (_, options) => {
      asked.push(options?.variables)
      return [1]
    }
    const tokenizer = { ...wordTokenizer, encodeChat }
    const body = { chat_template_kwargs: { enable_thinking: false }, messages: [user('one')] }
    expect(promptTokens(body, 'generate', tokenizer)).toBe(1)
    expect(promptTokens(body, 'embed', tokenizer)).toBe(1)
    expect(asked).toEqual([{ enable_thinking: false }, { enable_thinking: false }])
    expect(promptTokensWithoutTemplate(body, 'generate', tokenizer)).toBe(1)
    expect(asked).toHaveLength(2)
  })

  test('messages with more than text reach the template as they are', () => {
    const given = [user([textPart('one'), { type: 'image_url' }]), { role: 'assistant', content: null, tool_calls: [] }]
    const seen: unknown[] = []
    const encodeChat: Tokenizer['encodeChat'] = messages => {
      seen.push(...messages)
      return [1]
    }
    expect(promptTokens({ messages: given }, 'generate', { ...wordTokenizer, encodeChat })).toBe(1)
    expect(seen).toEqual(given)
  })
})

describe('prompts of bodies that ask for vectors', () => {
  test.each<[string, JsonObject, number | undefined]>([
    ['a text', { input: 'one two' }, 4],
    ['texts', { input: ['one two', 'three', ''] }, 4 + 3 + 2],
    ['ids', { input: [5, 6, 7] }, 3],
    ['lists of ids', { input: [[5, 6], [7], []] }, 3],
    ['Text Embeddings Inference', { inputs: ['one', 'two'] }, 6],
    ['Cohere', { texts: ['one'], input_type: 'search_query' }, 3],
    ['DashScope', { input: { texts: ['one', 'two'] } }, 6],
    ['none', { input: [] }, 0],
    ['vLLM, a conversation', { messages: [user('one')] }, 3],
    ['nothing that we know', { sentence: 'one' }, undefined],
  ])('%s', (_, body, tokens) => {
    expect(count(body, 'embed')).toBe(tokens)
  })
})

describe('prompts of bodies that ask for an order: the query again with every document', () => {
  test.each<[string, JsonObject, number | undefined]>([
    ['texts', { query: 'one two', documents: ['a b c', 'd'] }, 2 * 5 + 3 + 1],
    ['documents with a text', { query: 'one', documents: [{ text: 'a b' }] }, 4 + 2],
    ['Text Embeddings Inference', { query: 'one', texts: ['a', 'b', 'c'] }, 3 * 4 + 3],
    ['DashScope', { input: { query: 'one', documents: ['a'] } }, 5],
    ['no documents', { query: 'one', documents: [] }, 0],
    ['no query', { documents: ['a'] }, undefined],
    ['nothing to rank', { query: 'one' }, undefined],
  ])('%s', (_, body, tokens) => {
    expect(count(body, 'rerank')).toBe(tokens)
  })
})
