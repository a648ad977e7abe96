import { describe, expect, test } from 'vitest'
import { builtinApis } from '../../src/apis/index.ts'
import type { ArgumentsInput } from '../../src/arguments/arguments-input.ts'
import { ArgumentsError } from '../../src/errors.ts'
import type { SweepFacts } from '../../src/plan/sweep.ts'
import { firstPlan, lines } from './plans.ts'

const apiOf = (name: string): SweepFacts['api'] => {
  const api = builtinApis.find(({ names }) => names.includes(name))
  if (api === undefined) throw new Error(`no API ${name}`)
  return api
}
const given = (api: string, url: string, more: ArgumentsInput = {}): [ArgumentsInput, Partial<SweepFacts>] => [
  { api, url, ...more },
  { url, api: apiOf(api) },
]
const bare = { applyChatTemplate: false }
const wrapped = { applyChatTemplate: true }

describe('--no-apply-chat-template', () => {
  test.each([
    ['openai', 'http://h:8000', 'http://h:8000/v1/completions'],
    ['openai', 'http://h:8000/v1', 'http://h:8000/v1/completions'],
    ['openai', 'http://h:8000/v1/completions', 'http://h:8000/v1/completions'],
    ['ollama', 'http://h:11434', 'http://h:11434/api/generate'],
    ['ollama', 'http://h:11434/v1/chat/completions', 'http://h:11434/api/generate'],
    // One endpoint takes both.
    ['openai_responses', 'http://h/v1/responses', 'http://h/v1/responses'],
    ['anthropic', 'http://h/v1/messages', 'http://h/v1/messages'],
  ])('of --api %s at %s sends text to %s', (api, url, target) => {
    const plan = firstPlan(...given(api, url, bare))
    expect([plan.target.url, plan.dataset.chat]).toEqual([target, false])
  })

  test.each([
    ['openai', 'http://h/v1/chat/completions', '/chat/completions', '/completions'],
    ['ollama', 'http://h/api/chat/', '/api/chat', '/api/generate'],
  ])('of --api %s is refused at %s, which takes messages', (api, url, ending, other) => {
    expect(() => firstPlan(...given(api, url, bare))).toThrow(
      new ArgumentsError(
        `--no-apply-chat-template sends bare text, which ${ending} does not take; give a --url that ends in ${other}, or leave it out`,
      ),
    )
  })

  test('says where it has no effect', () => {
    const line = '--no-apply-chat-template has no effect: --api anthropic sends bare text as a chat message'
    expect(lines(...given('anthropic', 'http://h', bare))).toContain(line)
    expect(lines(...given('openai_responses', 'http://h', bare)).join()).not.toContain('no effect')
  })

  test('with --tokenize-prompt is about the template alone, whatever the URL', () => {
    const input = { ...bare, tokenizePrompt: true, tokenizerPath: '/m' }
    const plan = firstPlan(...given('openai', 'http://h/v1/chat/completions', input))
    expect([plan.target.url, plan.dataset.chat]).toEqual(['http://h/v1/completions', false])
  })
})

describe('--apply-chat-template', () => {
  test.each([
    [
      'openai',
      'http://h/v1/completions',
      '/completions does not take; give a --url that ends in /chat/completions, or leave it out',
    ],
    [
      'ollama',
      'http://h/api/generate',
      '/api/generate does not take; give a --url that ends in /api/chat, or leave it out',
    ],
    ['openai_embedding', 'http://h', '/embeddings does not take; leave it out'],
  ])('of --api %s is refused at %s', (api, url, message) => {
    expect(() => firstPlan(...given(api, url, wrapped))).toThrow(
      new ArgumentsError(`--apply-chat-template sends chat messages, which ${message}`),
    )
  })

  test('goes with an endpoint for chat messages, and with token ids', () => {
    expect(firstPlan(...given('openai', 'http://h', wrapped)).dataset.chat).toBe(true)
    const ids = { ...wrapped, tokenizePrompt: true, tokenizerPath: '/m' }
    expect(firstPlan(...given('openai', 'http://h/v1/completions', ids)).dataset.chat).toBe(true)
  })

  test('makes no messages of prompts that are bare whatever the URL', () => {
    const [input, facts] = given('openai', 'http://h', wrapped)
    const plan = firstPlan(input, { ...facts, dataset: { plainPrompts: true } })
    expect([plan.target.url, plan.dataset.chat]).toEqual(['http://h/v1/completions', false])
  })
})

test('what a plugin takes at its endpoints is its own affair', () => {
  const facts = { url: 'http://h/generate', api: { endpoints: ['/generate'] } }
  for (const applyChatTemplate of [true, false]) {
    const { target, dataset } = firstPlan({ api: './mine.mjs', applyChatTemplate }, facts)
    expect([target.url, dataset.chat]).toEqual(['http://h/generate', applyChatTemplate])
  }
})

test.each([
  ['openai', 'http://h/api/chat', '/api/chat is where --api ollama is spoken'],
  ['openai', 'http://h/v1/messages', '/messages is where --api anthropic is spoken'],
  ['openai_rerank', 'http://h/v1/embeddings', '/embeddings is where --api openai_embedding is spoken'],
  ['anthropic', 'http://h/v1/responses', '/responses is where --api openai_responses is spoken'],
])('--api %s at %s is told of the other', (api, url, line) => {
  expect(lines(...given(api, url))).toContainEqual(
    `${line}: give that, unless the server takes bodies of --api ${api} there`,
  )
})

test.each([
  ['openai', 'http://h'],
  ['openai', 'http://h/v1/completions'],
  ['openai_responses', 'http://h/v1/chat/completions'],
  ['ollama', 'http://h/v1/chat/completions'],
])('--api %s at %s is at home', (api, url) => {
  expect(lines(...given(api, url)).join()).not.toContain('is spoken')
})
