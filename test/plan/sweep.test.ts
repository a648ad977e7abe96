import { describe, expect, test } from 'vitest'
import { Arguments } from '../../src/arguments/arguments.ts'
import type { ArgumentsInput } from '../../src/arguments/arguments-input.ts'
import { planSweep, type SweepFacts, sleepBetweenRunsMs, withLaterOffset } from '../../src/plan/sweep.ts'
import { chatUrl, facts, firstPlan, lines } from './plans.ts'

test('the same arguments give the same frozen plans', () => {
  const args = new Arguments({ url: chatUrl, parallel: [1, 2] })
  const runs = planSweep(args, facts)
  expect(planSweep(args, facts)).toEqual(runs)
  expect(JSON.parse(JSON.stringify(runs))).toEqual(JSON.parse(JSON.stringify(planSweep(args, facts))))
  expect(Object.isFrozen(runs[0]?.target.timeouts)).toBe(true)
  expect(runs.map(({ seed }) => seed)).toEqual([args.runSeed, args.runSeed])
})

test('without --number the line that tells it counts conversations, where there are any', () => {
  const told = (input: ArgumentsInput) => lines({ parallel: 3, ...input }).filter(line => line.includes('not given'))
  expect(told({})).toEqual(['--number not given: 30 requests (10 x --parallel, at least 20)'])
  expect(told({ multiTurn: true })).toEqual(['--number not given: 30 conversations (10 x --parallel, at least 20)'])
})

test('a later offset changes nothing else and leaves the plan frozen', () => {
  const plan = firstPlan({ datasetOffset: 3, duration: 60 })
  const later = withLaterOffset(plan, 40)
  expect(later).toEqual({ ...plan, dataset: { ...plan.dataset, offset: 43 } })
  expect(plan.dataset.offset).toBe(3)
  expect([later, later.dataset].every(Object.isFrozen)).toBe(true)
})

test.each<[ArgumentsInput, object]>([
  [{}, { rampUpMs: 0, durationMs: undefined, graceMs: 30_000, warmupNumber: 0 }],
  [
    { rampUp: 2.5, duration: 60, grace: 0 },
    { rampUpMs: 2500, durationMs: 60_000, graceMs: 0 },
  ],
  [
    { rampUp: 1e-9, duration: 0.0001, grace: 0.0123 },
    { rampUpMs: 1, durationMs: 1, graceMs: 12 },
  ],
  [
    { number: 10, warmupNum: 0.2 },
    { number: 10, warmupNumber: 2 },
  ],
  [
    { duration: 60, warmupNum: 3.9 },
    { number: undefined, warmupNumber: 3 },
  ],
])('the run of %j has times in whole ms and a warm-up count: %j', (input, expected) => {
  expect(firstPlan(input)).toMatchObject(expected)
})

describe('the request', () => {
  test('what the user set stands apart from defaults', () => {
    const { request } = firstPlan({ temperature: 0, stream: false, topK: 5 })
    expect(request.chosen).toEqual({ temperature: 0, stream: false, topK: 5 })
    expect(request.defaults).toEqual({ model: 'm', maxTokens: { min: 2048, max: 2048 } })
  })

  test('nothing set is a streamed answer of at most 2048 tokens at temperature 0', () => {
    const { request } = firstPlan({})
    expect(request.chosen).toEqual({})
    expect(request.defaults).toEqual({
      model: 'm',
      maxTokens: { min: 2048, max: 2048 },
      stream: true,
      temperature: 0,
    })
  })

  test('a model the user named wins over a template, one that was asked for does not', () => {
    expect(firstPlan({ model: 'm' }).request.chosen).toEqual({ model: 'm' })
    expect(firstPlan({}).request.chosen.model).toBeUndefined()
  })

  test('a seed is sent only when it was given', () => {
    expect(firstPlan({ seed: 5 }).request.chosen.seed).toBe(5)
    const drawn = firstPlan({})
    expect({ ...drawn.request.chosen, ...drawn.request.defaults }).not.toHaveProperty('seed')
  })

  test('every sampling flag reaches the request, stop token ids as numbers', () => {
    const input = {
      minTokens: 1,
      frequencyPenalty: -1,
      repetitionPenalty: 1.1,
      nChoices: 2,
      stop: ['a'],
      stopTokenIds: ['1', '2'],
      topP: 0.5,
    }
    expect(firstPlan(input).request.chosen).toEqual({ ...input, stopTokenIds: [1, 2] })
    expect(firstPlan({ logprobs: true }).request.chosen).toEqual({ logprobs: true })
    expect(firstPlan({ logprobs: false }).request.chosen).toEqual({})
  })

  test('extra arguments and the template go along as given', () => {
    const { request } = firstPlan({ extraArgs: { a: 1 }, queryTemplate: { model: '%m' } })
    expect(request).toMatchObject({ extraArgs: { a: 1 }, queryTemplate: { model: '%m' } })
  })
})

describe('the target', () => {
  test.each<[ArgumentsInput, object]>([
    [{}, { connectMs: 600_000, readMs: 600_000, totalMs: 21_600_000 }],
    [{ readTimeout: 120 }, { connectMs: 120_000, readMs: 120_000, totalMs: 21_600_000 }],
    [
      { connectTimeout: 0.5, totalTimeout: 2 },
      { connectMs: 500, readMs: 600_000, totalMs: 2000 },
    ],
    [{ connectTimeout: 0.0001 }, { connectMs: 1, readMs: 600_000, totalMs: 21_600_000 }],
  ])('time limits of %j in ms', (input, timeouts) => {
    expect(firstPlan(input).target.timeouts).toEqual(timeouts)
  })

  test('the pause between runs is in ms', () => {
    expect(sleepBetweenRunsMs(new Arguments({ url: chatUrl }))).toBe(5000)
    expect(sleepBetweenRunsMs(new Arguments({ url: chatUrl, sleepInterval: 0 }))).toBe(0)
  })

  test('keep-alive, TLS checks and the proxy are as asked for', () => {
    expect(firstPlan({}).target).toMatchObject({ keepAlive: true, verifyTls: true, proxyUrl: undefined })
    const env = { HTTP_PROXY: 'http://proxy:3128' }
    expect(firstPlan({ noKeepalive: true, insecure: true }, { env }).target).toMatchObject({
      keepAlive: false,
      verifyTls: false,
      proxyUrl: 'http://proxy:3128/',
    })
  })

  const ours = { 'content-type': 'application/json', 'accept-encoding': 'identity', 'user-agent': 'evalscope' }
  const header = ['authorization=Basic abc']
  const env = { EVALSCOPE_API_KEY: 'env' }
  test.each<[string, ArgumentsInput, Partial<SweepFacts>, object]>([
    ['ours alone', {}, {}, ours],
    ['a key', { apiKey: 'k' }, {}, { ...ours, authorization: 'Bearer k' }],
    ['--api-key wins over --headers', { apiKey: 'k', headers: header }, {}, { ...ours, authorization: 'Bearer k' }],
    ['a key from the environment', {}, { env }, { ...ours, authorization: 'Bearer env' }],
    ['--headers win over it', { headers: header }, { env }, { ...ours, authorization: 'Basic abc' }],
    ['--headers win over ours', { headers: ['User-Agent=me'] }, {}, { ...ours, 'user-agent': 'me' }],
    ['an API that says nothing', { apiKey: 'k' }, { api: { endpoints: [] } }, { ...ours, authorization: 'Bearer k' }],
    [
      'credentials of the URL',
      {},
      { url: 'http://me:p%40ss@h/v1' },
      { ...ours, authorization: `Basic ${Buffer.from('me:p@ss').toString('base64')}` },
    ],
  ])('headers: %s', (_, input, more, headers) => {
    expect(firstPlan(input, more).target.headers).toEqual(headers)
  })

  test('credentials leave the URL, even badly escaped ones', () => {
    expect(firstPlan({}, { url: 'http://me:50%@h/v1' }).target.url).toBe('http://h/v1/chat/completions')
  })

  test('a server that we start is reached by its own name of the OpenAI protocol', () => {
    expect(firstPlan({ api: 'simulated' }, { url: 'http://127.0.0.1:5000' })).toMatchObject({
      api: 'simulated',
      target: { url: 'http://127.0.0.1:5000/v1/chat/completions' },
    })
  })
})

describe('chat or plain', () => {
  const plainUrl = 'http://h:8000/v1/completions'
  test.each<[ArgumentsInput, Partial<SweepFacts>, string, boolean]>([
    // arguments, facts                             url       chat
    [{}, {}, chatUrl, true],
    [{}, { url: plainUrl }, plainUrl, false],
    [{ applyChatTemplate: false }, { url: 'http://h:8000' }, plainUrl, false],
    // Decided before the URL is exchanged.
    [{ tokenizePrompt: true, tokenizerPath: 't' }, {}, plainUrl, true],
    [{}, { dataset: { plainPrompts: true } }, plainUrl, false],
    [{ prompt: 'hello' }, { dataset: { plainPrompts: true } }, chatUrl, true],
  ])('%j with %j', (input, more, url, chat) => {
    const plan = firstPlan(input, more)
    expect(plan.target.url).toBe(url)
    expect(plan.dataset.chat).toBe(chat)
  })
})

test('the dataset gets what the user asked of it', () => {
  const input = {
    dataset: 'random',
    datasetPath: 'p',
    datasetOffset: 3,
    minPromptLength: 1,
    maxPromptLength: 2,
    prefixLength: 4,
    tokenizerPath: 't',
  }
  const { dataset: spec, datasetPath: path, datasetOffset: offset, ...same } = input
  expect(firstPlan(input).dataset).toEqual({
    ...same,
    spec,
    path,
    offset,
    chat: true,
    tokenizePrompt: false,
    args: {},
    minTurns: 1,
    maxTurns: undefined,
    images: { widthPx: 224, heightPx: 224, mode: 'RGB', count: 1, patchPx: 28 },
    prompt: undefined,
  })
})

describe('what the plan decided is said', () => {
  test.each<[ArgumentsInput, Partial<SweepFacts>, readonly string[]]>([
    [{ number: 5 }, {}, []],
    [{ number: 5 }, { url: `${chatUrl}/` }, []],
    [{ number: 5 }, { url: 'h:8000' }, ['requests go to http://h:8000/v1/chat/completions']],
    [
      { number: 5 },
      { dataset: { plainPrompts: true } },
      ['prompts are no chat messages, so requests go to http://h:8000/v1/completions'],
    ],
    [{ parallel: [4, 1, 8], number: 3 }, {}, ['--number 3 is below --parallel 4: no more than 3 are in flight']],
    [{ parallel: [1, 5] }, {}, ['--number not given: 20 50 requests (10 x --parallel, at least 20)']],
    [{ parallel: 5, rate: -1 }, {}, ['--number not given: 50 requests (10 x --parallel, at least 20)']],
    [
      { parallel: 20, rate: [-1, 1] },
      {},
      ['--number not given: 200 30 requests (10 x --parallel or 30 s at --rate, whichever is less, at least 20)'],
    ],
    [{ openLoop: true, rate: [0.1, 2] }, {}, ['--number not given: 20 60 requests (30 s at --rate, at least 20)']],
    [{ parallel: [1, 5] }, { dataset: { size: 8 } }, ['--number not given: 8 8 requests (all prompts of the dataset)']],
    [
      { number: 5, seed: 1, temperature: 0.5, api: './my-api.mjs' },
      { api: { ...facts.api, unsent: ['seed', 'topK'] } },
      ["--seed is not sent: the protocol of --api ./my-api.mjs lacks it; keys of a server's own go into --extra-args"],
    ],
    [
      { number: 5, minTokens: 1, stop: 'a', api: './my-api.mjs' },
      { api: { ...facts.api, unsent: ['minTokens', 'maxTokens', 'stop'] } },
      [
        "--min-tokens, --stop are not sent: the protocol of --api ./my-api.mjs lacks them; keys of a server's own go into --extra-args",
      ],
    ],
    // An open loop has no slots to fill, and a duration stands in for a number.
    [{ openLoop: true, rate: 2, parallel: 100, number: 3 }, {}, []],
    [{ parallel: 100, duration: 60 }, {}, []],
    [{ openLoop: true, rate: 2, duration: 60 }, { dataset: { size: 8 } }, []],
  ])('%j with %j', (input, more, expected) => {
    expect(lines(input, more)).toEqual(expected)
  })
})
