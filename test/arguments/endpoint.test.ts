import { describe, expect, test } from 'vitest'
import type { Api } from '../../src/apis/api.ts'
import { dashscope } from '../../src/apis/dashscope.ts'
import { builtinApis } from '../../src/apis/index.ts'
import { ollama } from '../../src/apis/ollama.ts'
import {
  apiKeyFor,
  completeUrl,
  isChatUrl,
  parseEndpoint,
  proxyFor,
  toCompletionsUrl,
  toModelsUrl,
} from '../../src/arguments/endpoint.ts'
import { endingsByApi, otherApiNames } from '../../src/arguments/url-endings.ts'
import { ArgumentsError } from '../../src/errors.ts'

const openai = ['/chat/completions', '/completions']

describe('K09: the URL is completed', () => {
  test.each([
    ['http://h:8000', 'http://h:8000/v1/chat/completions'],
    ['http://h:8000/', 'http://h:8000/v1/chat/completions'],
    ['http://h:8000/v1', 'http://h:8000/v1/chat/completions'],
    ['http://h:8000/v1/', 'http://h:8000/v1/chat/completions'],
    ['http://h:8000/v1/chat/completions/', 'http://h:8000/v1/chat/completions'],
    ['http://h:8000/v1/completions', 'http://h:8000/v1/completions'],
    ['http://h:8000/v1/chat/completions?api-version=1', 'http://h:8000/v1/chat/completions?api-version=1'],
    ['http://h:8000/v1?api-version=1', 'http://h:8000/v1/chat/completions?api-version=1'],
    ['http://h:8000?a=b/chat/completions', 'http://h:8000/v1/chat/completions?a=b/chat/completions'],
    ['http://h:8000/team/a%20b/', 'http://h:8000/team/a%20b/chat/completions'],
    ['http://h:8000/v1/#top', 'http://h:8000/v1/chat/completions'],
    ['https://h/v1/embeddings', 'https://h/v1/embeddings'],
    ['localhost:8000', 'http://localhost:8000/v1/chat/completions'],
    ['10.0.0.1:8000/v1', 'http://10.0.0.1:8000/v1/chat/completions'],
    ['[::1]:8000', 'http://[::1]:8000/v1/chat/completions'],
    [' HTTP://H:80/v1 ', 'http://h/v1/chat/completions'],
  ])('%s', (given, url) => {
    expect(completeUrl(given, openai)).toBe(url)
  })

  test.each([
    [[], 'http://h:8000/', 'http://h:8000/'],
    [[], 'http://h:8000/any/path/?x=1', 'http://h:8000/any/path/?x=1'],
    [['/rerank', '/reranks'], 'http://h/v1/reranks', 'http://h/v1/reranks'],
    [['/rerank', '/reranks'], 'http://h/v1', 'http://h/v1/rerank'],
    [['/embeddings'], 'http://h', 'http://h/v1/embeddings'],
    [['/rerank', '/reranks'], 'http://h/rerank', 'http://h/rerank'],
    // What is pasted out of habit makes way for what the API has.
    [['/responses'], 'http://h/v1/chat/completions', 'http://h/v1/responses'],
    [['/embeddings'], 'http://h/v1/chat/completions', 'http://h/v1/embeddings'],
    [['/messages'], 'http://h', 'http://h/v1/messages'],
    [['/api/chat', '/api/generate'], 'http://h:11434', 'http://h:11434/api/chat'],
    [['/api/chat', '/api/generate'], 'http://h:11434/api', 'http://h:11434/api/chat'],
    [['/api/chat', '/api/generate'], 'http://h:11434/api/generate', 'http://h:11434/api/generate'],
    [['/api/chat', '/api/generate'], 'http://h:11434/v1', 'http://h:11434/api/chat'],
    [['/api/chat', '/api/generate'], 'http://h:11434/v1/chat/completions', 'http://h:11434/api/chat'],
    [['/api/v1/services/x/generation'], 'https://h/api/v1', 'https://h/api/v1/services/x/generation'],
    [['/api/chat', '/api/generate'], 'http://h/gpu/v1/chat/completions', 'http://h/gpu/api/chat'],
    [['/api/v1/services/x/generation'], 'https://h/compatible-mode/v1', 'https://h/api/v1/services/x/generation'],
    // Where another API is spoken is left as given, and told.
    [openai, 'http://h:11434/api/chat', 'http://h:11434/api/chat'],
    [openai, 'http://h/v1/messages', 'http://h/v1/messages'],
    [['/rerank'], 'http://h/embed', 'http://h/embed'],
    [['/messages'], 'http://h/v1/responses', 'http://h/v1/responses'],
    // So are models in Azure's path of that name.
    [openai, 'https://h/models', 'https://h/models/chat/completions'],
    // Only the OpenAI family stands below /v1.
    [['/generate'], 'http://h:8000', 'http://h:8000/generate'],
    [['/generate'], 'http://h:8000/generate/', 'http://h:8000/generate'],
  ])('endings %j: %s', (endpoints, given, url) => {
    expect(completeUrl(given, endpoints)).toBe(url)
  })

  test.each([
    ['http://h:8000/v1/models', '--url ends in /v1/models, which takes no prompts; give http://h:8000/'],
    ['http://h:8000/gpu/metrics/', '--url ends in /metrics, which takes no prompts; give http://h:8000/gpu'],
    ['http://me:secret@h/api/tags', '--url ends in /api/tags, which takes no prompts; give http://**********@h/'],
  ])('%s is no endpoint', (given, message) => {
    expect(() => completeUrl(given, openai)).toThrow(new ArgumentsError(message))
    expect(completeUrl('http://h/metrics', ['/metrics'])).toBe('http://h/metrics')
  })

  test('the endings of other APIs are those that the APIs name', () => {
    const named = Object.fromEntries(
      builtinApis.map(({ names, endpoints }) => [names[0], endpoints.filter(ending => !ending.startsWith('/api/v1/'))]),
    )
    expect(endingsByApi).toEqual(named)
    expect(builtinApis.flatMap(({ names }) => names.slice(1)).sort()).toEqual([...otherApiNames].sort())
  })

  test.each(['h/v1', 'ftp://h/v1', 'http://', '', 'http://h:99999', '/v1', 'host:port'])('%j is refused', given => {
    expect(() => parseEndpoint(given)).toThrow(ArgumentsError)
    expect(() => parseEndpoint(given)).toThrow(
      `--url must be like http://host:8000/v1 or https://host/v1, got ${given || '""'}`,
    )
  })

  test('a refused URL does not show its password', () => {
    expect(() => parseEndpoint('ftp://me:hidden@h/')).toThrow('got ftp://**********@h/')
  })
})

test.each([
  ['http://h/v1/chat/completions', true, 'http://h/v1/completions'],
  ['http://h/v1/chat/completions/?a=1', true, 'http://h/v1/completions?a=1'],
  ['http://h/v1/completions', false, 'http://h/v1/completions'],
  ['http://h/v1/chat/completions/more', false, 'http://h/v1/chat/completions/more'],
  ['http://h/x?u=/chat/completions', false, 'http://h/x?u=/chat/completions'],
])('%s is a chat URL: %s; plain prompts go to %s', (url, isChat, plain) => {
  expect(isChatUrl(url)).toBe(isChat)
  expect(toCompletionsUrl(url)).toBe(plain)
})

test.each([
  // what an API names, URL, where bare prompts go
  ['a chat endpoint and one beside it', ollama, 'http://h/api/chat', 'http://h/api/generate'],
  ['one that is already bare', ollama, 'http://h/api/generate', 'http://h/api/generate'],
  ['chat endpoints that take both', dashscope, 'http://h/x/text-generation/generation', undefined],
  ['nothing, as plugins may', { endpoints: [] }, 'http://h/v1/chat/completions', 'http://h/v1/completions'],
])(
  'bare prompts of an API with %s',
  (_, { endpoints, chatEndpoints }: Partial<Api> & Pick<Api, 'endpoints'>, url, bare) => {
    expect(toCompletionsUrl(url, endpoints, chatEndpoints)).toBe(bare ?? url)
  },
)

test.each([
  ['http://h/v1/chat/completions', openai, 'http://h/v1/models'],
  ['http://h/v1/completions?api-version=1', openai, 'http://h/v1/models?api-version=1'],
  ['http://h/generate', ['/generate'], 'http://h/models'],
])('the models of %s are listed at %s', (url, endpoints, models) => {
  expect(toModelsUrl(url, endpoints)).toBe(models)
})

describe('the API key', () => {
  const openaiUrl = 'https://api.openai.com/v1/chat/completions'
  const env = { EVALSCOPE_API_KEY: 'ours', OPENAI_API_KEY: 'theirs' }
  test.each([
    ['http://h/', 'given', env, 'given'],
    ['http://h/', undefined, env, 'ours'],
    ['http://h/', undefined, { OPENAI_API_KEY: 'theirs' }, undefined],
    [openaiUrl, undefined, { OPENAI_API_KEY: 'theirs' }, 'theirs'],
    [openaiUrl, undefined, env, 'ours'],
    ['http://api.openai.com/v1', undefined, { OPENAI_API_KEY: 'theirs' }, undefined],
    ['https://api.openai.com:8443/v1', undefined, { OPENAI_API_KEY: 'theirs' }, undefined],
    ['https://api.openai.com.evil.example/v1', undefined, { OPENAI_API_KEY: 'theirs' }, undefined],
    ['https://api.openai.com@evil.example/v1', undefined, { OPENAI_API_KEY: 'theirs' }, undefined],
    ['https://API.OpenAI.com:443/v1', undefined, { OPENAI_API_KEY: ' theirs\n' }, 'theirs'],
    ['http://h/', '', { EVALSCOPE_API_KEY: '' }, undefined],
  ])('%s, flag %j, environment %j: %j', (url, given, environment, key) => {
    expect(apiKeyFor(url, given, environment)).toBe(key)
  })

  test('one that no header can hold is refused without being shown', () => {
    expect(() => apiKeyFor('http://h/', 'se\ncret', {})).toThrow(
      'the API key must be one line of ASCII text; check its source',
    )
  })
})

describe('the proxy', () => {
  const proxy = 'http://proxy:3128/'
  test.each([
    ['http://h/', { HTTP_PROXY: 'http://proxy:3128' }, proxy],
    ['http://h/', { http_proxy: 'proxy:3128', HTTP_PROXY: 'http://other' }, proxy],
    ['https://h/', { HTTPS_PROXY: 'http://proxy:3128' }, proxy],
    ['https://h/', { HTTP_PROXY: 'http://proxy:3128' }, undefined],
    ['http://h/', { HTTPS_PROXY: 'http://proxy:3128' }, undefined],
    ['http://h/', { HTTP_PROXY: '' }, undefined],
    ['http://h/', {}, undefined],
    ['http://h/', { HTTP_PROXY: 'http://me:pass@proxy:3128' }, 'http://me:pass@proxy:3128/'],
  ])('for %s with %j is %s', (url, env, expected) => {
    expect(proxyFor(url, env)).toBe(expected)
  })

  test.each(['localhost', 'a.localhost', '127.0.0.1', '127.9.9.9', '[::1]'])('is never asked for %s', host => {
    expect(proxyFor(`http://${host}:8000/`, { HTTP_PROXY: proxy })).toBeUndefined()
  })

  test.each([
    ['*', 'http://h.example/', true],
    ['h.example', 'http://h.example/', true],
    ['H.Example', 'http://h.example/', true],
    ['h.example', 'http://sub.h.example/', true],
    ['h.example', 'http://xh.example/', false],
    ['.h.example', 'http://sub.h.example/', true],
    ['*.h.example', 'http://sub.h.example/', true],
    ['other, h.example', 'http://h.example/', true],
    ['other h.example', 'http://h.example/', true],
    ['h.example:8000', 'http://h.example:8000/', true],
    ['h.example:8000', 'http://h.example/', false],
    ['h.example:80', 'http://h.example/', true],
    ['10.0.0.1', 'http://10.0.0.1/', true],
    ['', 'http://h.example/', false],
    [',', 'http://h.example/', false],
  ])('with NO_PROXY=%s for %s is left out: %s', (noProxy, url, isExempt) => {
    expect(proxyFor(url, { HTTP_PROXY: proxy, NO_PROXY: noProxy })).toBe(isExempt ? undefined : proxy)
  })

  test('a broken one is one line without its password', () => {
    expect(() => proxyFor('http://h/', { HTTP_PROXY: 'socks5://me:hidden@proxy' })).toThrow(
      'HTTP_PROXY must be like http://proxy:3128, got socks5://**********@proxy; correct or unset it',
    )
  })
})
