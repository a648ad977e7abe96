import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Arguments, type ArgumentValues } from '../../src/arguments/arguments.ts'
import type { ArgumentsInput } from '../../src/arguments/arguments-input.ts'
import type { FlagTable } from '../../src/arguments/flag-row.ts'
import { flagName, flagRows, flags, meaninglessFlags, snakeCase } from '../../src/arguments/flags.ts'

const url = 'http://127.0.0.1:8000/v1/chat/completions'

/** Arguments with the one flag given that is always needed. */
const withUrl = (input: Record<string, unknown>): Arguments => new Arguments({ url, ...input } as ArgumentsInput)

describe('what was given becomes values', () => {
  test('nothing but a URL gives the defaults of the original', () => {
    const { values } = withUrl({})
    const { url: _, ...defaults } = values
    expect(defaults).toEqual({
      api: 'openai',
      headers: {},
      readTimeout: 600,
      totalTimeout: 21_600,
      port: 8877,
      noTestConnection: false,
      insecure: false,
      noKeepalive: false,
      parallel: [1],
      openLoop: false,
      arrival: 'poisson',
      rampUp: 0,
      warmupNum: 0,
      grace: 30,
      sleepInterval: 5,
      slaAutoTune: false,
      slaVariable: 'parallel',
      slaNumRuns: 3,
      slaUpperBound: 65_536,
      slaNumberMultiplier: 2,
      slaPointSeconds: 60,
      workers: 'auto',
      stream: true,
      maxTokens: { min: 2048, max: 2048 },
      temperature: 0,
      logprobs: false,
      extraArgs: {},
      dataset: 'openqa',
      dataSource: 'modelscope',
      datasetOffset: 0,
      datasetArgs: {},
      minTurns: 1,
      multiTurn: false,
      minPromptLength: 0,
      maxPromptLength: 131_072,
      prefixLength: 0,
      tokenizePrompt: false,
      numWorkers: 0,
      imageWidth: 224,
      imageHeight: 224,
      imageNum: 1,
      imageFormat: 'RGB',
      imagePatchSize: 28,
      outputsDir: 'outputs',
      noTimestamp: false,
      percentiles: [1, 5, 10, 25, 50, 75, 90, 95, 99],
      saveResponses: 'full',
      noSaveRequests: false,
      dbCommitInterval: 1000,
      logEveryNQuery: 100,
      json: false,
      strict: false,
      definitions: false,
      enableProgressTracker: false,
      debug: false,
      advisory: false,
      github: false,
    })
  })

  test.each<[keyof ArgumentValues, unknown, unknown]>([
    ['parallel', 10, [10]],
    ['parallel', '1,10', [1, 10]],
    ['parallel', ['1', '10,50'], [1, 10, 50]],
    ['number', [10, 20], [10, 20]],
    ['number', '1e3', [1000]],
    ['maxTokens', 1024, { min: 1024, max: 1024 }],
    ['maxTokens', ['10', '20'], { min: 10, max: 20 }],
    ['maxTokens', '10,20', { min: 10, max: 20 }],
    ['frequencyPenalty', '-1', -1],
    ['topP', '.9', 0.9],
    ['topK', '-1', -1],
    ['readTimeout', '0.5', 0.5],
    ['rate', ['5', '-1'], [5, -1]],
    ['rate', '0.5,12.25', [0.5, 12.25]],
    ['warmupNum', '-1', -1],
    ['duration', '0.5', 0.5],
    ['grace', 0, 0],
    ['stop', ['<|im_end|>'], ['<|im_end|>']],
    ['stop', 'a,b', ['a,b']],
    ['stop', [], []],
    ['stopTokenIds', ['1', '2'], [1, 2]],
    ['headers', ['A=b=c', ' X-Key = v '], { A: 'b=c', 'X-Key': 'v' }],
    ['headers', { A: 'b' }, { A: 'b' }],
    ['headers', 'A=', { A: '' }],
    ['extraArgs', '{"ignore_eos": true}', { ignore_eos: true }],
    ['extraArgs', { ignore_eos: true }, { ignore_eos: true }],
    ['queryTemplate', '{"model": "%m"}', { model: '%m' }],
    ['percentiles', ['99', '50', '50', '99.9'], [50, 99, 99.9]],
    ['saveResponses', 'none', 'none'],
    ['applyChatTemplate', false, false],
  ])('%s given as %j is %j', (field, given, value) => {
    expect(withUrl({ [field]: given }).values[field]).toEqual(value)
  })

  test("the library form of the original's documentation is read as it stands", () => {
    const args = new Arguments({
      parallel: [1, 10],
      number: [10, 20],
      model: 'Qwen2.5-0.5B-Instruct',
      url,
      api: 'openai',
      dataset: 'random',
      min_tokens: 1024,
      max_tokens: 1024,
      prefix_length: 0,
      min_prompt_length: 1024,
      max_prompt_length: 1024,
      tokenizer_path: 'Qwen/Qwen2.5-0.5B-Instruct',
      extra_args: { ignore_eos: true },
    })
    expect(args.values).toMatchObject({ minTokens: 1024, maxTokens: { min: 1024, max: 1024 }, prefixLength: 0 })
    expect(args.isSet('prefixLength')).toBe(true)
    expect(args.isSet('temperature')).toBe(false)
  })

  test('camelCase and snake_case keys mean the same', () => {
    const sample: ArgumentsInput = {
      maxTokens: [1, 9],
      topP: 0.5,
      nChoices: 2,
      logEveryNQuery: 7,
      noTestConnection: true,
      dbCommitInterval: 5,
      stopTokenIds: [1],
      extraArgs: { a_b: 1 },
      seed: 4,
    }
    fc.assert(
      fc.property(fc.subarray(Object.entries(sample)), entries => {
        const camel = withUrl({ seed: 4, ...Object.fromEntries(entries) })
        const snake = withUrl({
          seed: 4,
          ...Object.fromEntries(entries.map(([key, value]) => [snakeCase(key), value])),
        })
        expect(snake).toEqual(camel)
      }),
    )
  })

  test('undefined and null mean that a flag was not given', () => {
    const args = new Arguments({ url, model: undefined, seed: null } as unknown as ArgumentsInput)
    expect(args.userSet).toEqual(['url'])
  })

  test('a flag given with its default value counts as set by the user', () => {
    expect(withUrl({ temperature: 0 }).isSet('temperature')).toBe(true)
  })

  test('values are frozen through and through and share nothing with what was given', () => {
    const extraArgs = { inner: { list: [1] } }
    const { values } = withUrl({ extraArgs })
    extraArgs.inner.list.push(2)
    expect(values.extraArgs).toEqual({ inner: { list: [1] } })
    expect(Object.isFrozen((values.extraArgs.inner as { list: unknown }).list)).toBe(true)
    expect(Object.isFrozen(values.parallel)).toBe(true)
  })

  test('an empty API key is none', () => {
    expect(withUrl({ apiKey: '' }).isSet('apiKey')).toBe(false)
  })

  test('without a seed one is drawn and told', () => {
    const { runSeed, values, notices } = withUrl({})
    expect(values.seed).toBeUndefined()
    expect(runSeed).toBeGreaterThanOrEqual(0)
    expect(runSeed).toBeLessThan(2 ** 31)
    expect(Number.isInteger(runSeed)).toBe(true)
    expect(notices).toEqual([`seed ${runSeed} drawn; --seed ${runSeed} draws the same again`])
    expect(withUrl({}).runSeed).not.toBe(runSeed)
  })

  test('the seed of the user is used without a word', () => {
    expect(withUrl({ seed: 7 })).toMatchObject({ runSeed: 7, notices: [], values: { seed: 7 } })
  })
})

test('a flag without a row does not compile', () => {
  const { topK: _, ...rest } = flags
  // @ts-expect-error one row is missing
  const table: FlagTable = rest
  // @ts-expect-error a count cannot be text
  const wrong: FlagTable = { ...flags, topK: { kind: 'string', arity: 'one', help: '' } }
  // @ts-expect-error a field that is always there needs a default
  const bare: FlagTable = { ...flags, debug: { kind: 'flag', help: '' } }
  expect([table, wrong, bare]).toHaveLength(3)
})

describe('flags of the original without a feature here', () => {
  test('those that steer its own queues are accepted with a line', () => {
    expect(withUrl({ queue_size_multiplier: 5, inFlightTaskMultiplier: '2' }).warnings).toEqual([
      '--queue-size-multiplier has no meaning here: nothing is queued between sending and measuring',
      '--in-flight-task-multiplier has no meaning here: nothing is queued between sending and measuring',
    ])
  })

  test('every flag of the original is supported, or without meaning', () => {
    const known = [...flagRows().map(([field]) => field), ...meaninglessFlags].map(flagName)
    expect(known).toEqual(expect.arrayContaining(originalFlags))
    expect(new Set(known).size).toBe(known.length)
  })

  test('a prefix that no dataset reads is told', () => {
    expect(withUrl({ prefixLength: 5 }).warnings).toEqual([
      '--prefix-length 5 has no effect: only the datasets random and random_vl have a shared prefix',
    ])
    expect(withUrl({ prefixLength: 5, dataset: './mine.mjs' }).warnings).toEqual([])
    expect(withUrl({ prefixLength: 5, dataset: 'random', tokenizerPath: 'x' }).warnings).toEqual([])
    expect(withUrl({ prefixLength: 5, dataset: 'random_vl', tokenizerPath: 'x' }).warnings).toEqual([])
  })

  test('what images are like is told where none are drawn, but not how their tokens are counted', () => {
    expect(withUrl({ imageWidth: 448 }).warnings).toEqual([
      '--image-width 448 has no effect: only --dataset random_vl draws images',
    ])
    expect(withUrl({ dataset: 'random', tokenizerPath: 'x', imageNum: 2, imageFormat: 'L' }).warnings).toEqual([
      '--image-num 2, --image-format L have no effect: only --dataset random_vl draws images',
    ])
    const size = { imageWidth: 448, imageHeight: 448 }
    expect(withUrl({ ...size, dataset: 'random_vl', tokenizerPath: 'x' }).warnings).toEqual([])
    expect(withUrl({ ...size, dataset: './mine.mjs' }).warnings).toEqual([])
    expect(withUrl({ imagePatchSize: 14 }).warnings).toEqual([])
  })

  test('a wait for the server without anything that waits is told', () => {
    const line = '--ready-timeout has no effect: without a connection test no server is waited for'
    expect(withUrl({ readyTimeout: 9, noTestConnection: true, model: 'm' }).warnings).toEqual([line])
    expect(withUrl({ readyTimeout: 9, noTestConnection: true }).warnings).toEqual([])
    expect(withUrl({ readyTimeout: 9, model: 'm' }).warnings).toEqual([])
  })
})

const originalFlags = `--model --attn-implementation --api --tokenizer-path --url --port --headers --api-key
--connect-timeout --read-timeout --total-timeout --no-test-connection --number --parallel --rate --warmup-num
--open-loop --sleep-interval --duration --sla-auto-tune --sla-variable --sla-params --sla-num-runs --sla-upper-bound
--sla-lower-bound --sla-fixed-parallel --sla-number-multiplier --db-commit-interval --queue-size-multiplier
--in-flight-task-multiplier --num-workers --log-every-n-query --debug --visualizer --wandb-api-key --swanlab-api-key
--swanlab-host --name --enable-progress-tracker --max-prompt-length --min-prompt-length --prefix-length --prompt
--query-template --apply-chat-template --image-width --image-height --image-num --image-patch-size --image-format
--outputs-dir --no-timestamp --dataset --dataset-path --data-source --dataset-offset --dataset-args
--frequency-penalty --repetition-penalty --top-p --top-k --min-tokens --n-choices --seed --logprobs --max-tokens --stop
--stop-token-ids --stream --temperature --extra-args --tokenize-prompt --multi-turn --min-turns --max-turns
--multi-turn-args`.split(/\s+/)
