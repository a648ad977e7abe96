import { expect, test } from 'vitest'
import { openai } from '../../src/apis/openai.ts'
import { TargetUnreachableError } from '../../src/errors.ts'
import { probe } from '../../src/load/probe.ts'
import type { RunPlan } from '../../src/model/run-plan.ts'
import { planFor } from '../support/ask.ts'
import {
  chatChunk,
  done,
  event,
  httpChunk,
  lastChunk,
  plainAnswer,
  startRawServer,
  streamHead,
} from '../support/raw-server.ts'

const answer = streamHead + httpChunk(event(chatChunk({ content: 'A' }, 'stop')) + done) + lastChunk
const prompt = { kind: 'messages', messages: [{ role: 'user', content: 'hello' }] } as const
const run = (plan: RunPlan, lines: string[] = [], signal = new AbortController().signal) =>
  probe({
    plan,
    api: openai,
    prompt,
    readyLimitMs: plan.target.timeouts.connectMs,
    say: line => lines.push(line),
    show: () => undefined,
    signal,
  })

test('the probe is the run’s own request, short and without what would make it long', async () => {
  const server = await startRawServer(socket => void socket.write(answer))
  const base = planFor(server.url)
  await run({
    ...base,
    request: {
      ...base.request,
      chosen: { minTokens: 1024, maxTokens: { min: 1024, max: 1024 }, nChoices: 4, logprobs: true, topP: 0.5 },
      extraArgs: {
        ignore_eos: true,
        min_tokens: 9,
        thinking: { type: 'enabled', budget_tokens: 1024 },
        max_completion_tokens: 4096,
        max_new_tokens: null,
        top_logprobs: 3,
        user: 'me',
      },
    },
  })
  await server.close()
  expect(JSON.parse(server.seen[0]?.body as string)).toEqual({
    messages: [{ role: 'user', content: 'hello' }],
    model: 'm',
    stream: true,
    stream_options: { include_usage: true },
    temperature: 0,
    top_p: 0.5,
    n: 4,
    logprobs: true,
    top_logprobs: 3,
    max_tokens: 16,
    max_completion_tokens: 16,
    user: 'me',
  })
})

test('the probe is short where limits stand in groups, too', async () => {
  const server = await startRawServer(socket => void socket.write(answer))
  const base = planFor(server.url)
  await run({
    ...base,
    request: {
      ...base.request,
      extraArgs: {
        options: { num_predict: 4096, num_ctx: 8192 },
        parameters: { max_tokens: 4096, min_tokens: 9, enable_search: true },
        tools: [{ parameters: { n: 1 } }],
      },
    },
  })
  await server.close()
  expect(JSON.parse(server.seen[0]?.body as string)).toMatchObject({
    options: { num_predict: 16, num_ctx: 8192 },
    parameters: { max_tokens: 16, enable_search: true },
    tools: [{ parameters: { n: 1 } }],
  })
  expect(server.seen[0]?.body).not.toContain('min_tokens')
})

test('a server that is still loading is waited for', async () => {
  const lines: string[] = []
  const server = await startRawServer((socket, { body }) => {
    const isFirst = server.seen.length === 1
    expect(body).toContain('hello')
    socket.write(isFirst ? plainAnswer('503 Loading', 'text/plain', 'loading model') : answer)
  })
  await run(planFor(server.url), lines)
  await server.close()
  expect(lines).toHaveLength(1)
  expect(lines[0]).toMatch(/HTTP 503: loading model; trying again for up to 5 s/)
})

test('a log hears once of words that change while a server loads, and of what fails otherwise', async () => {
  const lines: string[] = []
  const server = await startRawServer(socket => {
    const tries = server.seen.length
    if (tries === 3) socket.end()
    else socket.write(tries > 3 ? answer : plainAnswer('503 Loading', 'text/plain', `loading ${tries}0 %`))
  })
  await run(planFor(server.url), lines)
  await server.close()
  expect(lines).toEqual([
    expect.stringMatching(/HTTP 503: loading 10 %; trying again for up to 5 s/),
    expect.stringMatching(/the server closed the connection \(is it still starting.*; trying again for up to 3 s/),
  ])
})

test('a refusal ends at once with the server’s words and what to check', async () => {
  const server = await startRawServer(
    socket => void socket.write(plainAnswer('401 Unauthorized', 'application/json', '{"error":{"message":"bad key"}}')),
  )
  const failure = run(planFor(server.url))
  await expect(failure).rejects.toThrow(TargetUnreachableError)
  await expect(failure).rejects.toThrow(/HTTP 401: bad key; check --api-key/)
  await server.close()
  expect(server.seen).toHaveLength(1)
})

test('a refused connection is given up when the connect timeout has passed', async () => {
  const server = await startRawServer(() => {})
  await server.close()
  const base = planFor(server.url)
  const timeouts = { ...base.target.timeouts, connectMs: 200 }
  const failure = run({ ...base, target: { ...base.target, timeouts } })
  await expect(failure).rejects.toThrow(/ECONNREFUSED.*check --url and that the server is running/)
})

test('a silent server is left at once when the test is broken off', async () => {
  const controller = new AbortController()
  let isClosed = false
  const server = await startRawServer(socket => {
    socket.once('close', () => {
      isClosed = true
    })
    controller.abort(new Error('enough'))
  })
  await expect(run(planFor(server.url), [], controller.signal)).rejects.toThrow('enough')
  await expect.poll(() => isClosed).toBe(true)
  await server.close()
})

test('waiting for a refused connection ends at once when the test is broken off', async () => {
  const server = await startRawServer(() => {})
  await server.close()
  const startedMs = performance.now()
  await expect(run(planFor(server.url), [], AbortSignal.timeout(100))).rejects.toThrow(/abort/i)
  expect(performance.now() - startedMs).toBeLessThan(800)
})

test('a stream that is not over in time proves the connection all the same, if output came', async () => {
  const server = await startRawServer(socket => {
    socket.write(streamHead)
    const timer = setInterval(() => {
      if (socket.destroyed) clearInterval(timer)
      else socket.write(httpChunk(event(chatChunk({ content: 'A' }))))
    }, 20)
  })
  const plan = planFor(server.url)
  const timeouts = { connectMs: 2000, readMs: 2000, totalMs: 200 }
  const record = await run({ ...plan, target: { ...plan.target, timeouts } })
  await server.close()
  expect(record.failure?.kind).toBe('timeout_total')
})
