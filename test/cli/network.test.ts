import { describe, expect, test } from 'vitest'
import type { JsonObject } from '../../src/model/json.ts'
import { startChatServer } from '../support/chat-server.ts'
import { createCli, fileOf, jsonOf, words } from '../support/cli.ts'
import { startProxy } from '../support/proxy.ts'
import { resultRows } from '../support/rows.ts'

const cli = createCli()

describe.concurrent('a certificate that nobody vouches for', () => {
  test('ends the connection test at once, with what can be done', async () => {
    const server = await startChatServer({ tls: true })
    const { code, stdout, stderr } = await cli.run(words(`perf --url ${server.url} --model m -n 2`))
    await server.close()
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' })
    expect(stderr).toMatch(/^evalscope: connection test .*self-signed certificate.*--insecure/m)
    expect(server.seen).toEqual([])
  })

  test('of a server that speaks none names the other scheme', async () => {
    const server = await startChatServer()
    const { code, stderr } = await cli.run(words(`perf --url ${server.url.replace('http:', 'https:')} --model m -n 1`))
    await server.close()
    expect(code).toBe(3)
    expect(stderr.trimEnd().split('\n').at(-1)).toMatch(/failed: TLS: [a-z ]+; no TLS seems to be spoken .*http:\/\/$/)
  })

  test('without the connection test is a failure of kind tls', async () => {
    const server = await startChatServer({ tls: true })
    const { code, stdout, directory } = await cli.run(
      words(`perf --url ${server.url} --model m -n 2 --no-test-connection`),
    )
    await server.close()
    expect(code).toBe(1)
    expect(stdout).toMatch(/│ tls +│ +— │ +2 │ .*self-signed/)
    const rows = resultRows(fileOf(directory, 'parallel_1_number_2', 'benchmark_data.db'))
    expect(rows.map(row => row.failure_kind)).toEqual(['tls', 'tls'])
  })

  test('is accepted with --insecure, also when the model is asked for', async () => {
    const server = await startChatServer({ tls: true, models: ['m'] })
    const { code } = await cli.run(words(`perf --url ${server.url} -n 2 --insecure`))
    await server.close()
    expect(code).toBe(0)
    expect(server.measured()).toHaveLength(2)
  })
})

describe.concurrent('a proxy of the environment', () => {
  test('forwards requests to an http host', async () => {
    const server = await startChatServer({ models: ['m'], tokens: 4, tokenMs: 10 })
    const proxy = await startProxy(server.port)
    const { code, directory } = await cli.run(words('perf --url http://model.test:8000/v1?a=b -n 3 --parallel 2'), {
      env: { http_proxy: proxy.url.replace('http://', 'http://user:pass%21@') },
    })
    await Promise.all([server.close(), proxy.close()])
    expect(code).toBe(0)
    expect(new Set(proxy.seen.map(({ line }) => line))).toEqual(
      new Set([
        ...['v1/models', 'version', 'api/version', 'info'].map(path => `GET http://model.test:8000/${path}?a=b`),
        'POST http://model.test:8000/v1/chat/completions?a=b',
      ]),
    )
    expect(server.seen.map(({ headers }) => headers.host)).toEqual(Array(5).fill('model.test:8000'))
    const credentials = `Basic ${Buffer.from('user:pass!').toString('base64')}`
    expect(proxy.seen.map(({ headers }) => headers['proxy-authorization'])).toEqual(Array(9).fill(credentials))
    const rows = resultRows(fileOf(directory, 'parallel_2_number_3', 'benchmark_data.db'))
    expect(rows.map(row => row.chunk_count)).toEqual([4, 4, 4])
    for (const row of rows) expect(row.ttft as number).toBeLessThan(row.latency as number)
    const { provenance } = jsonOf(directory, 'parallel_2_number_3', 'benchmark_args.json')
    // Its origin alone: without user and password.
    expect((provenance as JsonObject).proxy).toBe(proxy.url)
  })

  test('opens a tunnel to an https host', async () => {
    const server = await startChatServer({ tls: true, models: ['m'] })
    const proxy = await startProxy(server.port)
    const { code } = await cli.run(words('perf --url https://model.test -n 3 --parallel 2 --insecure'), {
      env: { HTTPS_PROXY: proxy.url },
    })
    await Promise.all([server.close(), proxy.close()])
    expect(code).toBe(0)
    expect(server.measured()).toHaveLength(3)
    expect(new Set(proxy.seen.map(({ line }) => line))).toEqual(new Set(['CONNECT model.test:443']))
  })

  test.each<[what: string, env: Record<string, string>, host: string, isAsked: boolean]>([
    ['is passed by for this machine', {}, 'localhost', false],
    ['is asked for any other name', {}, '0.0.0.0', true],
    ['is passed by for a host of NO_PROXY', { NO_PROXY: 'other,0.0.0.0' }, '0.0.0.0', false],
  ])('%s', async (_, env, host, isAsked) => {
    const server = await startChatServer()
    const proxy = await startProxy(server.port)
    const { code } = await cli.run(words(`perf --url http://${host}:${server.port} --model m -n 1`), {
      env: { HTTP_PROXY: proxy.url, ...env },
    })
    await Promise.all([server.close(), proxy.close()])
    expect(code).toBe(0)
    expect(proxy.seen).toHaveLength(isAsked ? 6 : 0)
  })

  test('takes no credentials from --headers for a tunnel; one line says so', async () => {
    const proxy = await startProxy(1)
    const argv = words('perf --url https://model.test --model m -n 1 --headers Proxy-Authorization=secret')
    const { code, stderr } = await cli.run(argv, { env: { HTTPS_PROXY: proxy.url } })
    await proxy.close()
    expect(code).toBe(3)
    expect(stderr).toMatch(/^evalscope: connection test .*Proxy-Authorization/m)
  })

  test('that refuses is named as what failed', async () => {
    const proxy = await startProxy(1)
    const { code, stderr } = await cli.run(words('perf --url https://model.test:8443 --model m -n 1'), {
      env: { HTTPS_PROXY: proxy.url },
    })
    await proxy.close()
    expect(code).toBe(3)
    expect(stderr).toMatch(/^evalscope: connection test .*[Pp]roxy.*403/m)
  })
})
