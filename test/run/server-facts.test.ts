import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { type ServerQuestion, serverFacts } from '../../src/run/server-facts.ts'
import { planOf } from '../report/results.ts'

const closers: (() => void)[] = []
afterEach(() => {
  for (const close of closers.splice(0)) close()
})

/** A server that answers the paths of `pages`, others with 404, and those with `undefined` never; gives its address. */
const serve = async (pages: Readonly<Record<string, unknown>>): Promise<string> => {
  const server = createServer(({ url = '' }, response) => {
    if (!(url in pages)) return void response.writeHead(404).end('{"detail":"Not Found"}')
    const page = pages[url]
    if (page !== undefined) response.end(typeof page === 'string' ? page : JSON.stringify(page))
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  closers.push(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const { target } = planOf(1, 1)

const factsOf = (url: string, more: Partial<ServerQuestion> = {}) =>
  serverFacts({
    target: { ...target, url },
    api: { endpoints: ['/chat/completions'] },
    model: 'm',
    signal: new AbortController().signal,
    ...more,
  })

test.each<[string, Record<string, unknown>, string, Partial<ServerQuestion>, object | undefined]>([
  [
    'vLLM, below a prefix, without what it makes up for each answer',
    {
      '/pre/v1/models': { data: [{ id: 'm', created: 1, max_model_len: 4096, permission: [{ id: 'random' }] }] },
      '/pre/version': { version: '0.9.1' },
    },
    '/pre/v1/chat/completions',
    {},
    { models: ['m'], model: { id: 'm', max_model_len: 4096 }, version: { version: '0.9.1' } },
  ],
  [
    'Ollama',
    { '/api/tags': { models: [{ name: 'm', digest: 'abc' }, { name: 'n' }] }, '/api/version': { version: '0.12' } },
    '/api/chat',
    { api: { endpoints: ['/api/chat'], modelsPath: '/api/tags' } },
    { models: ['m', 'n'], model: { name: 'm', digest: 'abc' }, version: { version: '0.12' } },
  ],
  [
    'TGI, of whose facts some are kept',
    { '/info': { version: '3.0', sha: 'f00', model_id: 'org/m', max_input_tokens: 9, docker_label: 'x' } },
    '/v1/chat/completions',
    {},
    { version: { version: '3.0', sha: 'f00', model_id: 'org/m' } },
  ],
  [
    'a catalogue, by its size',
    { '/v1/models': { data: Array.from({ length: 50 }, (_, at) => ({ id: `m${at}` })) } },
    '/v1/chat/completions',
    {},
    { models: '50 models' },
  ],
  [
    'pages about something else',
    { '/version': '"1.2"', '/info': { version: 3 }, '/v1/models': '<html>', '/api/version': [1] },
    '/v1/chat/completions',
    {},
    undefined,
  ],
])('%s', async (_, pages, path, more, facts) => {
  expect(await factsOf((await serve(pages)) + path, more)).toEqual(facts)
})

test('a server that does not answer is waited for a second, all pages at once', async () => {
  const url = await serve({ '/v1/models': undefined, '/version': undefined, '/info': undefined })
  const from = Date.now()
  expect(await factsOf(`${url}/v1/chat/completions`)).toBeUndefined()
  expect(Date.now() - from).toBeLessThan(2000)
})

test('a secret that it repeats is masked', async () => {
  const url = await serve({ '/version': { version: 'for sk-secret' } })
  const withKey = { ...target, url: `${url}/v1/chat/completions`, secrets: ['sk-secret'] }
  expect(await factsOf('', { target: withKey })).toEqual({ version: { version: 'for **********' } })
})
