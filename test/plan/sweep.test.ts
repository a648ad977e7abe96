import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Arguments } from '../../src/arguments/arguments.ts'
import type { ArgumentsInput } from '../../src/arguments/arguments-input.ts'
import { explainSweep, planSweep, type SweepFacts, sleepBetweenRunsMs } from '../../src/plan/sweep.ts'

const chatUrl = 'http://h:8000/v1/chat/completions'
const facts: SweepFacts = {
  url: chatUrl,
  model: 'm',
  api: {
    endpoints: ['/chat/completions', '/completions'],
    headers: key => (key === undefined ? {} : { Authorization: `Bearer ${key}` }),
  },
  dataset: {},
  env: {},
}

const plans = (input: ArgumentsInput, more: Partial<SweepFacts> = {}) => {
  const url = input.api === 'simulated' ? {} : { url: chatUrl }
  return planSweep(new Arguments({ ...url, ...input }), { ...facts, ...more })
}

const firstPlan = (input: ArgumentsInput, more: Partial<SweepFacts> = {}) => {
  const [plan] = plans(input, more)
  if (!plan) throw new Error('no plan')
  return plan
}

const lines = (input: ArgumentsInput, more: Partial<SweepFacts> = {}) =>
  explainSweep(new Arguments({ url: chatUrl, ...input }), { ...facts, ...more })

describe('points of a sweep', () => {
  test.each<[ArgumentsInput, readonly string[]]>([
    // arguments                                    names of the runs
    [{ number: 7 }, ['parallel_1_number_7']],
    [{ parallel: [1, 10], number: [10, 20] }, ['parallel_1_number_10', 'parallel_10_number_20']],
    // A single value goes with all of the other list.
    [{ parallel: [1, 10], number: 100 }, ['parallel_1_number_100', 'parallel_10_number_100']],
    [{ parallel: 4, number: [8, 9] }, ['parallel_4_number_8', 'parallel_4_number_9']],
    // Ten times the concurrency, at least 20.
    [{ parallel: [1, 2, 10] }, ['parallel_1_number_20', 'parallel_2_number_20', 'parallel_10_number_100']],
    // Repeated points get a directory of their own.
    [{ parallel: [3, 3, 3], number: 5 }, ['parallel_3_number_5', 'parallel_3_number_5_2', 'parallel_3_number_5_3']],
  ])('%j', (input, names) => {
    expect(plans(input).map(({ name }) => name)).toEqual(names)
  })

  test('a finite built-in set is sent once, unless a prompt stands in for it', () => {
    expect(plans({ parallel: [1, 8] }, { dataset: { size: 8 } }).map(({ number }) => number)).toEqual([8, 8])
    expect(firstPlan({ prompt: 'hello' }, { dataset: { size: 8 } }).number).toBe(20)
    expect(firstPlan({ number: 3 }, { dataset: { size: 8 } }).number).toBe(3)
  })

  test('names are unique, pairs keep their order, and the offset moves on by what was sent', () => {
    const list = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 9 })
    fc.assert(
      fc.property(list, fc.nat(100), (parallel, datasetOffset) => {
        const number = parallel.map(value => value * 2)
        const runs = plans({ parallel, number, datasetOffset })
        expect(runs.map(run => [run.load.concurrency, run.number])).toEqual(parallel.map(value => [value, value * 2]))
        expect(new Set(runs.map(({ name }) => name)).size).toBe(runs.length)
        let offset = datasetOffset
        for (const run of runs) {
          expect(run.dataset.offset).toBe(offset)
          offset += run.number
        }
      }),
    )
  })

  test('the same arguments give the same frozen plans', () => {
    const args = new Arguments({ url: chatUrl, parallel: [1, 2] })
    const runs = planSweep(args, facts)
    expect(planSweep(args, facts)).toEqual(runs)
    expect(JSON.parse(JSON.stringify(runs))).toEqual(JSON.parse(JSON.stringify(planSweep(args, facts))))
    expect(Object.isFrozen(runs[0]?.target.timeouts)).toBe(true)
    expect(runs.map(({ seed }) => seed)).toEqual([args.runSeed, args.runSeed])
  })
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

  test('the simulated server is reached with the OpenAI protocol', () => {
    expect(firstPlan({ api: 'simulated' }, { url: 'http://127.0.0.1:5000' })).toMatchObject({
      api: 'openai',
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
    [{ applyChatTemplate: false }, {}, chatUrl, false],
    [{ applyChatTemplate: true }, { url: plainUrl }, plainUrl, true],
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
    [{ parallel: [1, 5] }, {}, ['--number not given: 20 50 requests (10 x --parallel, at least 20)']],
    [{ parallel: [1, 5] }, { dataset: { size: 8 } }, ['--number not given: 8 8 requests (all prompts of the dataset)']],
  ])('%j with %j', (input, more, expected) => {
    expect(lines(input, more)).toEqual(expected)
  })
})
