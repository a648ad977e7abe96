import { describe, expect, test } from 'vitest'
import { type ChatServerOptions, refuse, startChatServer } from '../support/chat-server.ts'
import { createCli, words } from '../support/cli.ts'
import { placesOf } from '../support/leaks.ts'

const cli = createCli()

const runAgainst = async (options: ChatServerOptions, line: (url: string) => string, env = {}) => {
  const server = await startChatServer(options)
  const finished = await cli.run(words(line(server.url)), { env })
  await server.close()
  return { finished, seen: server.seen }
}

describe.concurrent('secrets are sent, and stand nowhere else', () => {
  test('keys on the command line, in headers and in the URL, with --debug', async () => {
    const { finished, seen } = await runAgainst(
      {},
      url => `perf --url ${url.replace('//', '//us3rname:passw0rd@')}/v1?api-key=qu3ry&version=2 --model m -n 2 --debug
        --api-key s3cretkey --headers Authorization=Bearer-h3ader api-key=az0re X-API-Key=xk3y Cookie=c00kie X-Shown=yes`,
    )
    expect(finished.code).toBe(0)
    const secrets = ['s3cretkey', 'passw0rd', 'us3rname', 'qu3ry', 'h3ader', 'az0re', 'xk3y', 'c00kie']
    const encoded = ['us3rname:passw0rd'].map(text => Buffer.from(text).toString('base64'))
    expect(placesOf([...secrets, ...encoded], finished)).toEqual([])
    expect(seen[1]?.path).toBe('/v1/chat/completions?api-key=qu3ry&version=2')
    expect(seen[1]?.headers).toMatchObject({
      authorization: 'Bearer s3cretkey',
      'api-key': 'az0re',
      'x-api-key': 'xk3y',
      cookie: 'c00kie',
      'x-shown': 'yes',
    })
  })

  test('the key of EVALSCOPE_API_KEY', async () => {
    const { finished, seen } = await runAgainst({ models: ['m'] }, url => `perf --url ${url} -n 1 --debug`, {
      EVALSCOPE_API_KEY: 'envir0nment',
    })
    expect(finished.code).toBe(0)
    expect(seen.map(({ headers }) => headers.authorization)).toEqual(Array(3).fill('Bearer envir0nment'))
    expect(placesOf(['envir0nment'], finished)).toEqual([])
  })

  test('credentials in the URL', async () => {
    const { finished, seen } = await runAgainst(
      {},
      url => `perf --url ${url.replace('//', '//me:w0rd@')} --model m -n 1`,
    )
    expect(finished.code).toBe(0)
    expect(seen[0]?.headers.authorization).toBe(`Basic ${Buffer.from('me:w0rd').toString('base64')}`)
    expect(placesOf(['w0rd', Buffer.from('me:w0rd').toString('base64')], finished)).toEqual([])
  })

  test('a key that the server repeats in its refusal', async () => {
    const instead: ChatServerOptions['instead'] = ({ headers, number }, response) =>
      number > 0 && refuse(response, 401, `Incorrect API key provided: ${headers.authorization}`)
    const { finished } = await runAgainst(
      { instead },
      url => `perf --url ${url} --model m -n 3 --debug --api-key s3cretkey`,
    )
    expect(finished.stdout).toContain('Incorrect API key provided')
    expect(placesOf(['s3cretkey'], finished)).toEqual([])
  })

  test('a key that the server repeats in its refusal of the connection test', async () => {
    const instead: ChatServerOptions['instead'] = ({ headers }, response) =>
      refuse(response, 401, `Incorrect API key provided: ${headers.authorization}`)
    const { finished } = await runAgainst({ instead }, url => `perf --url ${url} --model m -n 3 --api-key s3cretkey`)
    expect(finished.code).toBe(3)
    expect(finished.stderr).toMatch(/HTTP 401: Incorrect API key provided.*; check --api-key/)
    expect(placesOf(['s3cretkey'], finished)).toEqual([])
  })

  test('keys of a mistaken command line', async () => {
    const finished = await cli.run(
      words('perf --url ftp://me:passw0rd@host/v1?api-key=qu3ry --model m --api-key s3cretkey --headers api-key=az0re'),
    )
    expect(finished.code).toBe(2)
    expect(placesOf(['passw0rd', 'qu3ry', 's3cretkey', 'az0re'], finished)).toEqual([])
  })

  test('OPENAI_API_KEY is not sent to another host', async () => {
    const { finished, seen } = await runAgainst({ models: ['m'] }, url => `perf --url ${url} -n 1`, {
      OPENAI_API_KEY: 'sk-openai',
    })
    expect(finished.code).toBe(0)
    for (const { headers } of seen) expect(JSON.stringify(headers)).not.toContain('sk-openai')
    expect(placesOf(['sk-openai'], finished)).toEqual([])
  })
})
