import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { describe, expect, test } from 'vitest'
import { type ChatServerOptions, refuse, startChatServer } from '../support/chat-server.ts'
import { createCli, words } from '../support/cli.ts'
import { pause, startRawServer } from '../support/raw-server.ts'

const cli = createCli()

const withModel = words('perf --model m -n 2')

/** The last line on stderr: what a run that cannot begin leaves its user with. */
const lastLine = (stderr: string): string => stderr.trimEnd().split('\n').at(-1) ?? ''

const runAgainst = async (options: ChatServerOptions, line: string) => {
  const server = await startChatServer(options)
  const finished = await cli.run(words(`perf --url ${server.url} ${line}`), { limitMs: 20_000 })
  await server.close()
  return { ...finished, seen: server.seen, measured: server.measured() }
}

describe.concurrent('without --model', () => {
  test('the one model of the endpoint is used, and said', async () => {
    const { code, stderr, seen, measured } = await runAgainst({ models: ['org/Some-Model'] }, '-n 2')
    expect(code).toBe(0)
    expect(stderr).toMatch(/^model org\/Some-Model \(the only one that http:\S+\/v1\/models names\)$/m)
    expect(seen[0]).toMatchObject({ method: 'GET', path: '/v1/models' })
    expect(measured.map(({ body }) => body.model)).toEqual(['org/Some-Model', 'org/Some-Model'])
  })

  test.each<[what: string, options: ChatServerOptions, code: number, line: RegExp]>([
    ['several models are listed', { models: ['a', 'b/c'] }, 2, /^evalscope: .*2 models.*--model: a, b\/c$/],
    ['no model is said', { models: [] }, 2, /^evalscope: .*names no model; give --model$/],
    [
      'an endpoint that lists none is said',
      {},
      3,
      /^evalscope: .*\/v1\/models.*HTTP 404.*; check --url and --api, or give --model$/,
    ],
  ])('%s', async (_, options, code, line) => {
    const finished = await runAgainst(options, '-n 2')
    expect(finished).toMatchObject({ code, stdout: '' })
    expect(lastLine(finished.stderr)).toMatch(line)
    expect(finished.measured).toEqual([])
  })

  test('an answer that is no list is said', async () => {
    const instead: ChatServerOptions['instead'] = (_, response) => {
      response.writeHead(200, { 'content-type': 'text/html' }).end('<html>')
      return true
    }
    const { code, stderr } = await runAgainst({ instead }, '-n 2')
    expect(code).toBe(3)
    expect(lastLine(stderr)).toMatch(/^evalscope: .*not JSON/)
  })
})

describe.concurrent('the connection test', () => {
  test('waits for a server that is not up yet', async () => {
    const reserved = await startChatServer()
    const { port } = reserved
    await reserved.close()
    const running = cli.start(words(`perf --url http://127.0.0.1:${port} --model m -n 2`))
    await running.until(/ECONNREFUSED.*trying again/)
    await pause(1200)
    const server = await startChatServer({ port })
    const { code } = await running.finished
    await server.close()
    expect(code).toBe(0)
    expect(server.seen.filter(({ isProbe }) => isProbe)).toHaveLength(1)
    expect(server.measured()).toHaveLength(2)
  })

  test.each([
    ['reset', 'ECONNRESET'],
    ['closed', 'the server closed the connection'],
  ])(
    'waits where connections are %s, as the proxy of a container does whose server still starts',
    async (how, words) => {
      const dropping = await startRawServer(socket => void (how === 'reset' ? socket.resetAndDestroy() : socket.end()))
      const running = cli.start([...withModel, '--url', dropping.url])
      await running.until(new RegExp(`${words} \\(is it still starting.*trying again`))
      await dropping.close()
      const server = await startChatServer({ port: Number(new URL(dropping.url).port) })
      const { code } = await running.finished
      await server.close()
      expect(code).toBe(0)
    },
  )

  test('waits where a TLS handshake is dropped, and not where a list of models is broken off', async () => {
    const dropping = createServer(socket => void socket.end()).listen(0, '127.0.0.1')
    await once(dropping, 'listening')
    const { port } = dropping.address() as AddressInfo
    const running = cli.start([...withModel, '--url', `https://127.0.0.1:${port}`])
    await running.until(/before secure TLS connection was established \(is it still starting.*trying again/)
    running.child.kill('SIGINT')
    expect((await running.finished).code).toBe(130)
    dropping.close()
    const half = await startRawServer(socket => void socket.end('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{'))
    const { code, stderr } = await cli.run(['perf', '-n', '2', '--url', half.url])
    await half.close()
    expect({ code, tries: half.seen.length }).toEqual({ code: 3, tries: 1 })
    expect(stderr).not.toContain('trying again')
    expect(lastLine(stderr)).toMatch(/\/v1\/models .*; check --url and --api, or give --model$/)
  })

  test('gives up where an answer is broken off, and says where connections are dropped what that may be', async () => {
    const half = await startRawServer(socket => void socket.end('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{'))
    const broken = await cli.run([...withModel, '--url', half.url])
    await half.close()
    const dropping = await startRawServer(socket => void socket.end())
    const dropped = await cli.run([...withModel, '--url', dropping.url, '--connect-timeout', '1'])
    await dropping.close()
    expect([broken.code, dropped.code]).toEqual([3, 3])
    expect(broken.stderr).not.toContain('trying again')
    expect(lastLine(broken.stderr)).toMatch(/closed the connection; check --url, --api and --model$/)
    expect(lastLine(dropped.stderr)).toMatch(/closed the connection; connections are dropped there: see the log/)
  })

  test.each([[503], [429]])('waits while the server answers %i', async status => {
    let refusals = 0
    const instead: ChatServerOptions['instead'] = ({ isProbe }, response) =>
      isProbe && ++refusals <= 2 && refuse(response, status, 'loading model')
    const { code, stderr, measured } = await runAgainst({ instead }, '--model m -n 2')
    expect(code).toBe(0)
    expect(stderr).toMatch(new RegExp(`HTTP ${status}: loading model; trying again`))
    expect(refusals).toBe(3)
    expect(measured).toHaveLength(2)
  })

  test('does not call a server silent that refuses for longer than silence is borne', async () => {
    let refusals = 0
    const instead: ChatServerOptions['instead'] = ({ isProbe }, response) =>
      isProbe && ++refusals <= 6 && refuse(response, 503, `loading ${refusals}`)
    const { code, stderr } = await runAgainst({ instead }, '--model m -n 2')
    expect(code).toBe(0)
    expect(stderr.match(/^connection test.*$/gm)).toEqual([
      expect.stringMatching(/HTTP 503: loading 1; trying again for up to 30 s/),
      expect.stringMatching(/: answered in \d+ ms$/),
    ])
  })

  test.each([
    ['--ready-timeout 1.5', /trying again for up to 2 s \(--ready-timeout\)/],
    ['--ready-timeout 1 --connect-timeout 60', /trying again for up to 1 s/],
    ['', /trying again for up to 30 s/],
  ])('waits for as long as is asked for (%s)', async (flags, line) => {
    const server = await startRawServer(() => {})
    await server.close()
    const running = cli.start([...withModel, '--url', server.url, ...words(flags)])
    await running.until(line)
    if (flags === '') running.child.kill('SIGINT')
    expect((await running.finished).code).toBe(flags === '' ? 130 : 3)
  })

  test('gives up when the connect timeout has passed', async () => {
    const { code, stdout, stderr, seen } = await runAgainst(
      { instead: (_, response) => refuse(response, 503, 'loading model') },
      '--model m -n 2 --connect-timeout 1',
    )
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' })
    expect(lastLine(stderr)).toMatch(/^evalscope: connection test .*HTTP 503: loading model/)
    expect(seen.length).toBeLessThanOrEqual(3)
  })

  test.each<[status: number, message: string, advice: RegExp]>([
    [401, 'no such key', /check --api-key/],
    [403, 'not for you', /check --api-key/],
    [404, 'The model `m` does not exist', /; check the path of --url, --api and --model$/],
    [400, 'max_tokens is unknown\nuse max_completion_tokens', /max_tokens is unknown use max_completion_tokens/],
  ])('ends at once on %i with the words of the server', async (status, message, advice) => {
    const { code, stdout, stderr, seen } = await runAgainst(
      { instead: (_, response) => refuse(response, status, message) },
      '--model m -n 2',
    )
    expect({ code, stdout, sent: seen.length }).toEqual({ code: 3, stdout: '', sent: 1 })
    expect(lastLine(stderr)).toContain(`HTTP ${status}: ${message.replace('\n', ' ')}`)
    expect(lastLine(stderr)).toMatch(advice)
    expect(stderr).not.toMatch(/^\s+at /m)
  })

  test('is the body of the run with the prompt hello and a short limit', async () => {
    const { seen } = await runAgainst(
      {},
      `--model m -n 1 --prompt x --max-tokens 900 --min-tokens 800 --n-choices 2 --logprobs --top-k 5 --stop END
        --extra-args {"ignore_eos":true,"user":"u"}`,
    )
    expect(seen.map(({ body }) => body)).toEqual([
      {
        messages: [{ role: 'user', content: 'hello' }],
        model: 'm',
        max_tokens: 16,
        stream: true,
        stream_options: { include_usage: true },
        temperature: 0,
        top_k: 5,
        stop: ['END'],
        n: 2,
        logprobs: true,
        user: 'u',
      },
      {
        messages: [{ role: 'user', content: 'x' }],
        model: 'm',
        max_tokens: 900,
        min_tokens: 800,
        n: 2,
        logprobs: true,
        stream: true,
        stream_options: { include_usage: true },
        temperature: 0,
        top_k: 5,
        stop: ['END'],
        ignore_eos: true,
        user: 'u',
      },
    ])
  })

  test('is left out with --no-test-connection', async () => {
    const { code, seen } = await runAgainst({}, '--model m -n 1 --no-test-connection')
    expect({ code, sent: seen.length }).toEqual({ code: 0, sent: 1 })
  })
})
