import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Arguments } from '../../src/arguments/arguments.ts'
import type { ArgumentsInput } from '../../src/arguments/arguments-input.ts'
import type { EarlierRun } from '../../src/arguments/earlier-run.ts'
import { checkRepeatedKey } from '../../src/arguments/repeat.ts'
import type { RunPlan } from '../../src/model/run-plan.ts'
import { planSweep, type SweepFacts, withLaterOffset } from '../../src/plan/sweep.ts'
import { chatUrl, facts } from '../plan/plans.ts'
import { createBenchmarkDirectory } from '../support/benchmark-directory.ts'

let benchmark: ReturnType<typeof createBenchmarkDirectory>
beforeEach(() => {
  benchmark = createBenchmarkDirectory()
})
afterEach(() => benchmark.remove())

/** Makes the benchmark's files, and gives its arguments and plans. */
const made = (input: ArgumentsInput, more: Partial<SweepFacts> = {}) => {
  const args = new Arguments({ url: chatUrl, ...input })
  const plans = planSweep(args, { ...facts, ...more })
  benchmark.store(args, plans)
  return { args, plans }
}

const again = (input: ArgumentsInput = {}): Arguments => new Arguments({ from: benchmark.root, ...input })

test.each<[ArgumentsInput, string | undefined]>([
  [{}, 'ours'],
  [{ api: 'openai', parallel: 2 }, 'ours'],
  [{ dataset: 'openqa' }, undefined],
])('the questions of then are asked again, unless %j asks for a dataset', (input, source) => {
  const args = new Arguments({ url: chatUrl })
  benchmark.store(args, planSweep(args, facts), { dataset_source: 'ours' })
  expect(again(input).repeatedSource).toBe(source)
})

const everything: ArgumentsInput = {
  model: 'given',
  headers: { 'X-Team': 'a' },
  parallel: [1, 3],
  number: [10, 20],
  rate: [5, -1],
  warmupNum: 0.2,
  arrival: 'constant',
  stream: false,
  maxTokens: [5, 50],
  temperature: 0,
  seed: 5,
  stop: [],
  stopTokenIds: [1, 2],
  extraArgs: { deep: [{ a: null }] },
  queryTemplate: { prompt: '%p' },
  datasetArgs: { target_input_len: 10 },
  percentiles: [99, 50],
  workers: 'auto',
  noKeepalive: true,
}

describe('a benchmark that is made again', () => {
  test.each<[string, ArgumentsInput]>([
    ['a sweep with defaults, the seed drawn', { parallel: [1, 4, 4] }],
    ['one of all kinds of flags', everything],
    ['a duration', { parallel: 2, duration: 3 }],
    ['an open loop', { openLoop: true, rate: [1, 2], number: 7, rampUp: 1 }],
    ['conversations', { multiTurn: true, minTurns: 2, maxTurns: 3 }],
    ['an older spelling of options', { multiTurnArgs: { first_turn_length: 5 }, datasetArgs: { other: 1 } }],
    // It would be the name of a file, had it not been read from one.
    ['a text that begins with @', { prompt: '@nobody said hello', queryTemplate: '{"a": "@b"}' }],
  ])('has the same plans: %s', (_, input) => {
    const text = input.prompt
    if (text !== undefined) writeFileSync(join(benchmark.root, 'prompt.txt'), String(text))
    const { args, plans } = made(text === undefined ? input : { ...input, prompt: `@${benchmark.root}/prompt.txt` })
    const repeated = again()
    expect(planSweep(repeated, facts)).toEqual(plans)
    expect(repeated.userSet.filter(field => field !== 'from')).toEqual(args.userSet)
    expect(repeated.notices).toEqual([])
  })

  /** Its own name may be shorter: there is nothing left to tell it from. */
  const unnamed = ({ name: _, ...plan }: RunPlan) => plan

  test.each<[string, ArgumentsInput, Partial<SweepFacts>]>([
    ['prompts go on where the run before it ended', { parallel: [1, 4], number: 10, warmupNum: 3 }, {}],
    ['a share of warm-up', everything, {}],
    ['one rate among several', { rate: [5, -1, 7], number: [5, 6, 7], parallel: 2 }, {}],
    ['all prompts of a finite set', { parallel: [1, 2] }, { dataset: { size: 226 } }],
    ['an open loop', { openLoop: true, rate: [1, 2] }, {}],
    // Its warm-up is among its records.
    ['a trace', { openLoop: true, number: [10, 20], warmupNum: 0.3 }, { dataset: { hasArrivals: true, size: 30 } }],
    ['conversations at a rate', { multiTurn: true, rate: 2, parallel: [2, 3] }, {}],
  ])('has the same plan for one of its runs: %s', (_, input, more) => {
    const { plans } = made(input, more)
    for (const plan of plans) {
      // With a slash at its end, as shells complete it.
      const alone = planSweep(again({ from: `${join(benchmark.root, plan.name)}/` }), { ...facts, ...more })
      expect(alone.map(unnamed)).toEqual([unnamed(plan)])
    }
  })

  test('begins where a run without a number did, which only the run before it knew', () => {
    const args = new Arguments({ url: chatUrl, parallel: [1, 2], duration: 3 })
    const [first, second] = planSweep(args, facts) as readonly [RunPlan, RunPlan]
    benchmark.store(args, [first, withLaterOffset(second, 17)])
    const [plan] = planSweep(again({ from: join(benchmark.root, second.name) }), facts)
    expect(plan?.dataset.offset).toBe(17)
  })

  test('can be made again from what was made again', () => {
    const { plans } = made(everything)
    const second = createBenchmarkDirectory()
    const repeated = again()
    second.store(repeated, planSweep(repeated, facts))
    expect(planSweep(new Arguments({ from: second.root }), facts)).toEqual(plans)
    second.remove()
  })

  test('has the model that was asked from the endpoint then, which a template still wins over', () => {
    made({})
    const repeated = again()
    expect(repeated.values.model).toBe('m')
    expect(repeated.isSet('model')).toBe(false)
    expect(again({ url: 'http://other:1/v1' }).values.model).toBeUndefined()
  })

  test('stands in a directory of its own: neither its form of output nor --strict nor a fixed name of time is repeated', () => {
    made({ noTimestamp: true, json: true, definitions: true, debug: true, strict: true, name: 'x', outputsDir: 'y' })
    const { noTimestamp, json, definitions, debug, strict, name, outputsDir } = again().values
    expect({ noTimestamp, json, definitions, debug, strict, name, outputsDir }).toEqual({
      noTimestamp: false,
      json: false,
      definitions: false,
      debug: false,
      strict: false,
      name: 'x',
      outputsDir: 'y',
    })
    expect(again({ noTimestamp: true, name: 'z' }).values).toMatchObject({ noTimestamp: true, name: 'z' })
  })

  test('can be found two levels up', () => {
    const args = new Arguments({ url: chatUrl })
    const inner = join(benchmark.root, '20260101_000000')
    mkdirSync(inner)
    const [plan] = planSweep(args, facts) as readonly [RunPlan]
    benchmark.store(args, [{ ...plan, name: '20260101_000000/run' }])
    expect(again().runSeed).toBe(args.runSeed)
  })
})

describe('flags beside --from', () => {
  test('replace those of then, and headers one by one', () => {
    made(everything)
    const { values, runSeed } = again({ maxTokens: 9, seed: 6, headers: { 'x-team': 'b', 'X-New': 'c' } })
    expect(values).toMatchObject({ maxTokens: { min: 9, max: 9 }, seed: 6, minPromptLength: 0 })
    expect(values.headers).toEqual({ 'x-team': 'b', 'X-New': 'c' })
    expect(runSeed).toBe(6)
  })

  test('take along what belongs to the dataset they replace', () => {
    made({ dataset: 'custom', datasetPath: 'a.csv', datasetArgs: { field: 'q' } })
    expect(again({ dataset: 'openqa' }).values).toMatchObject({ dataset: 'openqa', datasetArgs: {} })
    expect(again({ dataset: 'openqa' }).values.datasetPath).toBeUndefined()
    expect(again({ datasetPath: 'b.csv' }).values).toMatchObject({ dataset: 'custom', datasetArgs: { field: 'q' } })
  })

  test('leave out conversations and prefixes, which another dataset may not have', () => {
    made({ dataset: 'random_multi_turn', multiTurn: true, minTurns: 2, maxTurns: 3, prefixLength: 9 })
    expect(again({ dataset: 'openqa' }).values).toMatchObject({ multiTurn: false, minTurns: 1, prefixLength: 0 })
    expect(again({ dataset: 'openqa' }).isSet('maxTurns')).toBe(false)
    expect(again({ maxTokens: 5 }).values).toMatchObject({ multiTurn: true, minTurns: 2, maxTurns: 3, prefixLength: 9 })
  })

  test('end a run by what is given now alone: its number or its duration', () => {
    const { plans } = made({ number: [10, 20], parallel: [1, 2] })
    for (const from of [benchmark.root, join(benchmark.root, plans[1]?.name ?? '')]) {
      const { number, duration } = again({ from, duration: 5 }).values
      expect({ number, duration }).toEqual({ number: undefined, duration: 5 })
    }
    expect(again({ number: 7, duration: 5 }).values).toMatchObject({ number: [7], duration: 5 })
  })

  test('the other way round: a number takes the place of a duration', () => {
    made({ duration: 5 })
    expect(again({ number: 7 }).isSet('duration')).toBe(false)
    expect(again({ duration: 6 }).values.duration).toBe(6)
  })
})

describe('secrets are in no file', () => {
  const secret: ArgumentsInput = {
    url: 'http://me:pass@h:8000/v1',
    headers: { 'api-key': 'k', 'X-Note': 'n' },
    extraArgs: { password: 'p' },
  }
  const lacking = (names: string): string =>
    `--from ${benchmark.root} is without the secrets in ${names}, which no file keeps; give them again`

  test('and so have to be given again, each by the flag that had it', () => {
    made(secret)
    expect(() => again()).toThrow(lacking('--url, --extra-args, --headers api-key'))
    const url = 'http://me:pass@h:8000/v1'
    expect(() => again({ url })).toThrow(lacking('--extra-args'))
    const { values } = again({ url, extraArgs: { password: 'p' }, headers: 'API-Key=k' })
    expect(values.headers).toEqual({ 'X-Note': 'n', 'API-Key': 'k' })
  })

  test('a key is one too, unless it is in the environment, or another server is asked', () => {
    made({ apiKey: 'sk-then' })
    const check = (input: ArgumentsInput, env = {}) => {
      const { earlier, values } = again(input)
      if (earlier === undefined) throw new Error('nothing is repeated')
      checkRepeatedKey(earlier, values, env)
    }
    expect(() => check({})).toThrow(/had an API key, which no file keeps; give --api-key, or set EVALSCOPE_API_KEY/)
    expect(() => check({ apiKey: 'sk-now' })).not.toThrow()
    expect(() => check({}, { EVALSCOPE_API_KEY: 'sk-now' })).not.toThrow()
    expect(() => check({ url: 'http://other/v1' })).not.toThrow()
  })

  test('a key is asked for also where the address holds secrets, which the file does not', () => {
    const url = 'http://h:8000/v1?code=s3cret'
    made({ url, apiKey: 'sk-then' })
    const { earlier, values } = again({ url })
    expect(() => checkRepeatedKey(earlier as EarlierRun, values, {})).toThrow(/had an API key/)
  })
})

describe('directories that cannot be repeated are one line', () => {
  const message = (from: string): string => {
    try {
      new Arguments({ from })
      return ''
    } catch (error) {
      return (error as Error).message.replaceAll(benchmark.root, 'DIR')
    }
  }

  test('one that is not there, and one without results', () => {
    expect(message(join(benchmark.root, 'no'))).toBe('--from DIR/no does not exist; give the directory of a run')
    expect(message(benchmark.root)).toBe(
      '--from DIR holds no benchmark_args.json; give the directory of a run, or the one above with all of a benchmark',
    )
  })

  test('one of an older version, or of nothing we wrote', () => {
    const file = join(benchmark.root, 'benchmark_args.json')
    writeFileSync(file, '{"url": "http://h"}')
    expect(message(benchmark.root)).toMatch(/^--from DIR: DIR.benchmark_args.json does not tell how it was made/)
    writeFileSync(file, '{')
    expect(message(benchmark.root)).toMatch(/^--from: DIR.benchmark_args.json cannot be read \(.*JSON.*\)$/)
    writeFileSync(file, '{"provenance": {"seed": 1, "given": {"warp_speed": 9}}}')
    expect(message(benchmark.root)).toBe('--from DIR was made with --warp-speed, which this version does not know')
  })

  test('one with two benchmarks of the same name', () => {
    made({ number: 5 })
    const other = new Arguments({ url: chatUrl, number: 6 })
    benchmark.store(other, planSweep(other, facts), { started_at: '2026-02-02T00:00:00.000Z' })
    expect(message(benchmark.root)).toBe('--from DIR holds runs of several benchmarks; give the directory of one run')
    expect(message(join(benchmark.root, 'parallel_1_number_6'))).toBe('')
  })
})
