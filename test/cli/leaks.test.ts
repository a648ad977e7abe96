import { readFileSync, writeFileSync } from 'node:fs'
import type { ServerResponse } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { type ChatRequest, startChatServer } from '../support/chat-server.ts'
import { createCli, type Finished, fileOf, filesIn, words } from '../support/cli.ts'
import { placesOf } from '../support/leaks.ts'
import { startProxy } from '../support/proxy.ts'
import { chatChunk, done, event, pause } from '../support/raw-server.ts'
import { resultRows, type SqlRow } from '../support/rows.ts'
import { waitUntil } from '../support/wait.ts'

const cli = createCli()

// One for each place, none a part of another.
const flagKey = 'sk-flag-0Pq7/Zx+19'
const environment = {
  EVALSCOPE_API_KEY: 'sk-evalscope-Env81',
  OPENAI_API_KEY: 'sk-openai-Env82',
  HF_TOKEN: 'hf_Env83aBcDeF',
  MODELSCOPE_API_TOKEN: 'ms-Env84aBcDeF',
  HF_ENDPOINT: 'https://mirror:mirr0r-Env85@hub.invalid',
  HTTPS_PROXY: 'http://pr0xy-us3r:pr0xy-Env86@127.0.0.1:9',
}
const headers = {
  'api-key': 'hdr-Ap1Key-91',
  'x-api-key': 'hdr-XAp1Key-92',
  Cookie: 'session=hdr-C00kie-93;theme=hdr-C00kie-94',
  'X-Access-Token': 'hdr-T0ken-95',
  'X-Session': 'hdr-Sess1on-96',
}
const inUrl = ['url-Passw0rd-71', 'url-K3y-72', 'url-T0ken-73', 'url-S1g-74']
const bodyKey = 'body-S3cret-61'

const flags = [
  ...['--api-key', flagKey, '--headers', ...Object.entries(headers).map(([name, value]) => `${name}=${value}`)],
  ...['--extra-args', JSON.stringify({ metadata: { api_key: bodyKey } })],
]
const withSecrets = (url: string): string =>
  `${url.replace('//', `//user:${inUrl[0]}@`)}/v1?key=${inUrl[1]}&token=${inUrl[2]}&sig=${inUrl[3]}&version=2`

const secrets = [
  ...[flagKey, ...inUrl, environment.EVALSCOPE_API_KEY, environment.OPENAI_API_KEY, environment.HF_TOKEN],
  ...[environment.MODELSCOPE_API_TOKEN, 'mirr0r-Env85', 'pr0xy-Env86'],
  ...['hdr-Ap1Key-91', 'hdr-XAp1Key-92', 'hdr-C00kie-93', 'hdr-C00kie-94', 'hdr-T0ken-95', 'hdr-Sess1on-96'],
]

/** All that a request carried, in the forms that servers, pages and logs of gateways have it in. */
const echoOf = ({ path, headers: sent, body }: ChatRequest): string => {
  const { user: _, messages: __, ...rest } = body
  const all = [path, ...Object.values(sent).map(String), JSON.stringify(rest.metadata ?? {})].join(' ')
  const keys = [...secrets, bodyKey].filter(key => all.includes(key))
  const encoded = keys.flatMap(key => [encodeURIComponent(key), Buffer.from(key).toString('base64')])
  const pair = path.includes(`${inUrl[1]}`) ? Buffer.from(`user:${inUrl[0]}`).toString('base64') : ''
  return [all, ...encoded, pair].join(' ')
}

const json = { 'content-type': 'application/json' }

/** What may become of a request, each with an echo of all that it carried. */
const outcomes: Readonly<Record<string, (echo: string, response: ServerResponse) => unknown>> = {
  success: (echo, response) =>
    response
      .writeHead(200, { 'content-type': 'text/event-stream' })
      .end([event(chatChunk({ content: echo })), event(chatChunk({}, 'stop')), done].join('')),
  'a refusal': (echo, response) => response.writeHead(401, json).end(JSON.stringify({ error: { message: echo } })),
  'a page': (echo, response) =>
    response.writeHead(502, { 'content-type': 'text/html' }).end(`<html><title>bad</title>${echo}`),
  'a long text': (echo, response) => response.writeHead(500).end('x '.repeat(1016) + echo),
  'a redirect': (_, response) =>
    response.writeHead(302, { location: 'https://sso.test/login?token=r3direct-T0ken' }).end(),
  'a redirect of what was asked': (echo, response) =>
    response.writeHead(307, { location: `/other?${encodeURI(echo)}` }).end(),
  'an error in the stream': (echo, response) =>
    response.writeHead(200, { 'content-type': 'text/event-stream' }).end(event({ error: { message: echo } })),
  'no JSON': (echo, response) =>
    response.writeHead(200, { 'content-type': 'text/event-stream' }).end(`data: ${echo}\n\n`),
  'a wrong content type': (echo, response) =>
    response.writeHead(200, { 'content-type': `text/${echo.slice(0, 60).replace(/[^\x20-\x7e]/g, '')}` }).end(),
}

const startEcho = (chosen = Object.values(outcomes)) =>
  startChatServer({
    models: ['m'],
    instead: (request, response) => {
      if (request.isProbe || request.method === 'GET') return false
      chosen[request.number % chosen.length]?.(echoOf(request), response)
      return true
    },
  })

const onlyRequests = (rows: readonly SqlRow[]): string => JSON.stringify(rows.map(({ request: _, ...rest }) => rest))

describe.concurrent('no secret stands in anything that is written or printed', () => {
  test('a server that repeats all it was sent, in successes and in failures of every kind', async () => {
    const server = await startEcho()
    const number = 2 * Object.keys(outcomes).length
    const finished = await cli.run(
      [...words(`perf --url ${withSecrets(server.url)} --debug --workers 2 --parallel 2 -n ${number}`), ...flags],
      { env: environment },
    )
    await server.close()
    expect(finished.code).toBe(0)
    const { headers: sent, path, body } = server.measured()[0] as ChatRequest
    expect(sent).toMatchObject({ authorization: `Bearer ${flagKey}`, 'x-session': 'hdr-Sess1on-96' })
    expect(path).toContain(`key=${inUrl[1]}&token=${inUrl[2]}&sig=${inUrl[3]}`)
    expect(body.metadata).toEqual({ api_key: bodyKey })
    expect(placesOf([...secrets, 'r3direct-T0ken'], finished)).toEqual([])
    const rows = resultRows(fileOf(finished.directory, `parallel_2_number_${number}`, 'benchmark_data.db'))
    expect(new Set(rows.map(row => row.failure_kind))).toEqual(
      new Set([null, 'http_4xx', 'http_5xx', 'http_3xx', 'inband_error', 'protocol']),
    )
    expect(onlyRequests(rows)).not.toContain(bodyKey)
    expect(onlyRequests(rows)).toContain('**********')
    // Bodies are stored as they were sent, and stand nowhere else.
    for (const row of rows) expect(row.request).toContain(bodyKey)
    const places = new Set(placesOf([bodyKey], finished).map(place => place.split('/').at(-1)))
    expect([...places]).toEqual(['benchmark_data.db'])
  })

  test('with --no-save-requests and --save-responses none not even what bodies hold', async () => {
    const server = await startEcho()
    const line = `perf --url ${withSecrets(server.url)} --debug -n 9 --no-save-requests --save-responses none`
    const finished = await cli.run([...words(line), ...flags], { env: environment })
    const path = fileOf(finished.directory, 'parallel_1_number_9', 'benchmark_data.db')
    expect(placesOf([...secrets, bodyKey], finished)).toEqual([])
    expect(resultRows(path).map(row => [row.request, row.response_messages])).toEqual(Array(9).fill([null, null]))
    expect(readFileSync(filesIn(finished.directory).find(file => file.endsWith('.log')) as string, 'utf8')).toMatch(
      /-0-1 sent: \d+ characters\n/,
    )
    const run = join(path, '..')
    const told = await cli.run(words(`report ${run}`))
    expect({ code: told.code, isTold: told.stdout.includes('9 / 1 / 8') }).toEqual({ code: 0, isTold: true })
    expect(placesOf([...secrets, bodyKey], told)).toEqual([])
    // The benchmark can be made again, by whoever has the secrets, and its copy has none of them either.
    const bodies = server.measured().map(({ body }) => body)
    const refused = await cli.run(words(`perf --from ${run}`), { env: {} })
    expect(refused.code).toBe(2)
    expect(refused.stderr).toMatch(/without the secrets in --url, --extra-args/)
    const again = await cli.run([...words(`perf --from ${run} --url ${withSecrets(server.url)}`), ...flags])
    await server.close()
    expect(again.code).toBe(0)
    expect(server.measured().map(({ body }) => body)).toEqual([...bodies, ...bodies])
    expect(placesOf([...secrets, bodyKey], again)).toEqual([])
  })

  test('a key of the environment, and a proxy that repeats its password', async () => {
    const server = await startEcho()
    const proxy = await startProxy(server.port)
    const env = { ...environment, HTTP_PROXY: proxy.url.replace('//', '//user:pr0xy-Env87@') }
    const finished = await cli.run(words('perf --url http://model.test/v1 --debug --json -n 9'), { env })
    await Promise.all([server.close(), proxy.close()])
    expect(finished.code).toBe(0)
    expect(proxy.seen.at(-1)?.headers).toMatchObject({
      authorization: `Bearer ${environment.EVALSCOPE_API_KEY}`,
      'proxy-authorization': `Basic ${btoa('user:pr0xy-Env87')}`,
    })
    expect(placesOf([...secrets, 'pr0xy-Env87'], finished)).toEqual([])
  })

  test('recorded credentials of a trace are neither sent nor stored', async () => {
    const server = await startEcho()
    const directory = cli.freshDirectory()
    const path = join(cli.freshDirectory(), 'trace.jsonl')
    const recorded = {
      ...{ Authorization: 'Bearer rec-Auth-41', Cookie: 'id=rec-C00kie-42', 'X-Api-Key': 'rec-K3y-43' },
      ...{ 'Proxy-Authorization': 'Basic cmVjLVByMHh5LTQ0', 'x-shown': 'recorded' },
    }
    const body = { model: 'm', stream: true, messages: [{ role: 'user', content: 'hello' }] }
    writeFileSync(path, [0, 0.01].map(timestamp => JSON.stringify({ timestamp, headers: recorded, body })).join('\n'))
    const line = `perf --url ${server.url} --model m --dataset workload_trace --dataset-path ${path} --open-loop --debug`
    const finished = await cli.run(words(line), { directory })
    await server.close()
    expect(server.measured()).toHaveLength(2)
    expect(server.measured()[0]?.headers).toMatchObject({ 'x-shown': 'recorded' })
    const hidden = ['rec-Auth-41', 'rec-C00kie-42', 'rec-K3y-43', 'cmVjLVByMHh5LTQ0', 'rec-Pr0xy-44']
    expect(JSON.stringify(server.seen)).not.toMatch(new RegExp(hidden.join('|')))
    expect(placesOf(hidden, finished)).toEqual([])
  })

  test('what a killed run leaves behind, and its command line while it lasts', async () => {
    const { success = () => {} } = outcomes
    const server = await startEcho([success])
    const running = cli.start(
      [...words(`perf --url ${withSecrets(server.url)} --parallel 2 --duration 20 --debug`), ...flags],
      { env: environment },
    )
    await waitUntil(() => server.measured().length > 20)
    await pause(300)
    const shown = commandLinesOf(running.child.pid as number)
    running.child.kill('SIGKILL')
    const finished = await running.finished
    await server.close()
    const names = filesIn(finished.directory).map(path => path.split('/').at(-1))
    expect(names).toContain('benchmark_data.db')
    expect(placesOf(secrets, { ...finished, stderr: `${finished.stderr}\n${shown}` })).toEqual([])
    if (process.platform === 'linux') expect(shown).toMatch(/^evalscope perf/)
  })

  test('the command line of a server that is started', async () => {
    const running = cli.start([...words('perf --api simulated --parallel 2 --duration 20'), ...flags], {
      env: environment,
    })
    await running.until(/connection test: answered/)
    const shown = commandLinesOf(running.child.pid as number)
    running.child.kill('SIGKILL')
    const finished = await running.finished
    expect(placesOf([...secrets, bodyKey], { ...finished, directory: cli.freshDirectory(), stderr: shown })).toEqual([])
    if (process.platform === 'linux') expect(shown).toMatch(/simulated-child/)
  })
})

/** The command lines of a process and of those it has started, as everybody on the machine may read them. */
const commandLinesOf = (pid: number): string => {
  if (process.platform !== 'linux') return ''
  const own = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean)
  return [own, ...children.map(child => commandLinesOf(Number(child)))].join('\n')
}

describe.concurrent('no secret stands in the words of a run that cannot begin', () => {
  const expectSilence = (finished: Finished, more: readonly string[] = []): void => {
    expect(placesOf([...secrets, bodyKey, ...more], finished)).toEqual([])
  }

  test.each([
    ['nobody listens', 'http://127.0.0.1:1', 'connect', [3, 1]],
    ['a name that nobody knows', 'http://nowhere.invalid', 'connect', [3]],
    ['no TLS where TLS is wanted', 'https://127.0.0.1', 'tls', [1]],
  ])('%s', async (_, origin, kind, codes) => {
    const server = await startChatServer()
    const url = origin.startsWith('https') ? `${origin}:${server.port}` : origin
    const line = `perf --url ${withSecrets(url)} --model m -n 2 --connect-timeout 0.2 --no-save-requests`
    for (const code of codes) {
      const untested = code === 3 ? [] : ['--no-test-connection']
      const finished = await cli.run([...words(line), ...flags, ...untested], {
        env: { ...environment, HTTPS_PROXY: '' },
      })
      expect(finished.code).toBe(code)
      if (code === 1) expect(finished.stdout).toContain(kind)
      expectSilence(finished)
    }
    await server.close()
  })

  test.each<[what: string, argv: readonly string[]]>([
    ['a URL that is none', ['--url', `http://me:${inUrl[0]}/x@host/v1`]],
    ['a URL of another kind', ['--url', `ftp://me:${inUrl[0]}@host/v1?api-key=${inUrl[1]}`]],
    ['a header with a colon', ['--headers', `Authorization: Bearer ${flagKey}`]],
    ['a header with a blank', ['--headers', 'Authorization=Bearer', flagKey]],
    ['broken JSON', ['--extra-args', `{"api_key": "${bodyKey}"`]],
    ['a misspelt flag', [`--apikey=${flagKey}`]],
    ['a flag without its value', ['--model', `--api-key=${flagKey}`]],
    ['a key too many', ['--api-key', flagKey, '--debug', flagKey]],
    ['a value that no header takes', ['--headers', 'Cookie=hdr-C00kie-93\nmore']],
  ])('%s', async (_, argv) => {
    const finished = await cli.run(['perf', '--model', 'm', '--url', 'http://127.0.0.1:1', ...argv], {
      env: environment,
    })
    expect(finished.code).toBe(2)
    expectSilence(finished)
  })

  test.each([
    ['a dataset', '--dataset', 'export default { names: ["x"], async *open() { throw', '} }'],
    ['a module', '--api', '', ''],
  ])('the error of %s that tells what it knows', async (_, flag, before, after) => {
    const directory = cli.freshDirectory()
    const thrown = 'new Error(process.argv.join() + JSON.stringify(process.env))'
    writeFileSync(join(directory, 'own.mjs'), before === '' ? `throw ${thrown}` : `${before} ${thrown}${after}`)
    const server = await startChatServer()
    const line = `perf --url ${withSecrets(server.url)} --model m -n 2 --no-save-requests ${flag} ./own.mjs`
    const finished = await cli.run([...words(line), ...flags], { directory, env: environment })
    await server.close()
    expect(finished.code).not.toBe(0)
    expect(finished.stderr).toContain('**********')
    expectSilence(finished)
  })

  test('a hub that repeats its token', async () => {
    const hub = createServer((request, response) => {
      response.writeHead(403, json).end(JSON.stringify({ error: `no ${request.headers.authorization} ${request.url}` }))
    })
    await new Promise<void>(resolve => hub.listen(0, '127.0.0.1', resolve))
    const address = `http://mirror:mirr0r-Env85@127.0.0.1:${(hub.address() as AddressInfo).port}`
    const env = { ...environment, HF_ENDPOINT: address, HF_HUB_OFFLINE: '0', EVALSCOPE_CACHE: cli.freshDirectory() }
    const line = 'perf --url http://127.0.0.1:1 --model m --data-source huggingface --tokenizer-path owner/name'
    const finished = await cli.run(words(line), { env })
    hub.close()
    expect(finished.code).toBe(2)
    expect(finished.stderr).toContain('Hugging Face')
    expectSilence({ ...finished, directory: env.EVALSCOPE_CACHE })
  })
})
