import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { startChatServer } from '../support/chat-server.ts'
import { createCli, filesIn, type StartOptions, words } from '../support/cli.ts'
import { placesOf } from '../support/leaks.ts'
import { waitUntil } from '../support/wait.ts'
import { type Reply, type SeenCall, startService, wandbKey, wandbReply } from '../visualizers/service.ts'

const cli = createCli()

const runWith = async (
  line: string,
  reply: (call: SeenCall, url: string) => Reply = wandbReply,
  env: StartOptions['env'] = {},
) => {
  const [target, service] = await Promise.all([startChatServer({ tokens: 3, tokenMs: 5 }), startService(reply)])
  const home = cli.freshDirectory()
  const given = { HOME: home, WANDB_BASE_URL: service.url, ...env }
  const finished = await cli.run(words(`perf --url ${target.url} --model m ${line}`), { env: given, limitMs: 30_000 })
  await Promise.all([target.close(), service.close()])
  return { finished, calls: service.calls, seen: target.seen, url: service.url }
}

const progressOf = (directory: string): Record<string, unknown> => {
  const [path = ''] = filesIn(directory).filter(file => file.endsWith('progress.json'))
  return JSON.parse(readFileSync(path, 'utf8'))
}

describe('a service that figures go to', () => {
  test('sees one run for the whole sweep, whose steps go on, and no secret', async () => {
    const { finished, calls, url } = await runWith(
      '--visualizer wandb --enable-progress-tracker --parallel 1 2 -n 4 6 --sleep-interval 0 --api-key s3cretkey',
      wandbReply,
      { WANDB_API_KEY: wandbKey },
    )
    expect({ code: finished.code, stderr: finished.stderr }).toMatchObject({ code: 0 })
    expect(finished.stderr).toContain(`wandb: ${url}/somebody/perf_benchmark/runs/run00001\n`)
    const upserts = calls.filter(({ operation }) => operation === 'UpsertBucket')
    expect(upserts).toHaveLength(1)
    expect(upserts[0]?.body.variables.displayName).toMatch(/^m_\d{8}_\d{6}$/)
    const config = JSON.parse(upserts[0]?.body.variables.config)
    expect(config).toMatchObject({ parallel: { value: [1, 2] }, number: { value: [4, 6] }, model_id: { value: 'm' } })
    expect(config.api_key.value).toBe('**********')
    const rows = calls
      .flatMap(({ body }) => body?.files?.['wandb-history.jsonl']?.content ?? [])
      .map((row: string) => JSON.parse(row))
    expect(rows.map(({ _step }) => _step)).toEqual(rows.map((_, at) => at))
    expect(rows.at(-1)).toMatchObject({ Concurrency: 2, 'Total Requests': 6, 'Avg Output Tokens': 3 })
    expect(calls.filter(({ path }) => path === '/upload/file')).toHaveLength(4)
    expect(calls.at(-1)?.body).toEqual({ complete: true, exitcode: 0 })
    const secrets = ['s3cretkey', wandbKey]
    expect(placesOf(secrets, finished)).toEqual([])
    const bodies = calls.map(({ text }) => text).join()
    expect(secrets.filter(secret => bodies.includes(secret))).toEqual([])
    expect(progressOf(finished.directory)).toMatchObject({
      status: 'completed',
      total_count: 10,
      processed_count: 10,
      percent: 100,
    })
  })

  test('without a key nothing is asked of anybody', async () => {
    const { finished, calls, seen } = await runWith('--visualizer wandb -n 2')
    expect(finished.code).toBe(2)
    expect(finished.stderr.trim().split('\n').at(-1)).toMatch(
      /^evalscope: --visualizer wandb needs a key: set WANDB_API_KEY/,
    )
    expect([calls.length, seen.length]).toEqual([0, 0])
  })

  test('a key that it refuses, be it of a deprecated flag, is a mistake before the first request', async () => {
    const { finished, seen } = await runWith('--wandb-api-key not-this-one -n 2')
    expect(finished.code).toBe(2)
    expect(finished.stderr).toContain('--wandb-api-key is deprecated; set WANDB_API_KEY and give --visualizer wandb\n')
    expect(finished.stderr).toMatch(
      /evalscope: wandb refuses: HTTP 401: .*user is not logged in.*; check the key and the host\n$/,
    )
    expect(seen).toEqual([])
    expect(placesOf(['not-this-one'], finished)).toEqual([])
  })

  test('one that repeats what it was sent is quoted without the key', async () => {
    const repeats = ({ headers }: SeenCall): Reply => ({
      status: 401,
      json: { error: `sent ${headers.authorization}` },
    })
    const { finished, calls } = await runWith('--visualizer wandb -n 2', repeats, { WANDB_API_KEY: wandbKey })
    expect(finished.code).toBe(2)
    expect(finished.stderr).toContain('sent Basic **********')
    const sent = calls[0]?.headers.authorization?.split(' ')[1] ?? ''
    expect(Buffer.from(sent, 'base64').toString()).toBe(`api:${wandbKey}`)
    expect(placesOf([sent.replace(/=+$/, ''), wandbKey], finished)).toEqual([])
  })
})

test('one that is not there disturbs nothing; Ctrl-C leaves a progress that says so', async () => {
  const target = await startChatServer({ tokens: 20, tokenMs: 20 })
  const env = { WANDB_API_KEY: wandbKey, WANDB_BASE_URL: 'http://127.0.0.1:9', HOME: cli.freshDirectory() }
  const line = `perf --url ${target.url} --model m -n 50 --visualizer wandb --enable-progress-tracker`
  const run = cli.start(words(line), { env, limitMs: 30_000 })
  await run.until(/connection test: answered/)
  await waitUntil(() => target.measured().length > 2)
  run.child.kill('SIGINT')
  const { code, directory, stderr, stdout } = await run.finished
  await target.close()
  expect(code).toBe(130)
  expect(stdout).toContain('Benchmarking summary:')
  expect(stderr).toMatch(
    /^wandb does not answer \(connect ECONNREFUSED 127\.0\.0\.1:9\): it is tried again while the load runs$/m,
  )
  expect(stderr).toMatch(/^wandb failed \(.*\): not all figures have arrived there; the results here are whole$/m)
  expect(progressOf(directory)).toMatchObject({ status: 'error', total_count: 50, percent: expect.any(Number) })
})
