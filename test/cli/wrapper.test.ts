import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Arguments } from '../../src/arguments/arguments.ts'
import { leavePicture, runWrapper } from '../../src/cli/run-wrapper.ts'
import { type ChatRequest, type ChatServer, startChatServer } from '../support/chat-server.ts'
import { createCli, filesIn, runDirectories, words, wrapperBin } from '../support/cli.ts'

const cli = createCli()
const picture = 'performance_metrics.png'

/** What `perf` would be run with. */
const argumentsOf = async (argv: readonly string[]): Promise<Arguments> => {
  let taken: Arguments | undefined
  await runWrapper(argv, async given => {
    taken = new Arguments(given)
    return 0
  })
  if (taken === undefined) throw new Error('perf was not run')
  return taken
}

const url = 'http://127.0.0.1:1025/v1/chat/completions'
const times = (flag: string, values: readonly number[]): string => values.map(value => `${flag} ${value}`).join(' ')

describe('published commands become those of perf', () => {
  const codeLoads = [32, 64, 100, 128, 150, 200, 256, 300, 400, 500, 600, 700, 800, 900, 1000]
  const chatLoads = [8, 16, 32, 64, 100, 128, 150, 200, 300, 400, 500]
  const longLoads = [4, 8, 12, 16, 20, 25, 30, 35, 40]
  const standard = { maxPromptLength: 256, readTimeout: 30 }

  test.each<[line: string, loads: readonly number[], number: number, more: object]>([
    [
      `qwen ./datasets/long.jsonl --max-prompt-length 8000 --read-timeout=120 --parallels 1 --n 1`,
      [1],
      1,
      { maxPromptLength: 8000, readTimeout: 120 },
    ],
    [`qwen ./datasets/code.jsonl ${times('--parallels', codeLoads)} --n 2000`, codeLoads, 2000, standard],
    [`gpt-4-32k ./datasets/open_qa.jsonl ${times('--parallels', chatLoads)} --n 1000`, chatLoads, 1000, standard],
    [`qwen2-7b ./datasets/open_qa.jsonl ${times('--parallels', longLoads)} --n 100`, longLoads, 100, standard],
  ])('evalscope-perf URL %s', async (line, parallel, number, more) => {
    const [model = '', path = ''] = words(line)
    const args = await argumentsOf([url, ...words(line)])
    expect(args.values).toMatchObject({ url, model, parallel, number: [number], stop: ['<|im_end|>'], ...more })
    expect(args.values).toMatchObject({ api: 'openai', dataset: 'openqa', datasetPath: path, stream: false })
    expect(args.warnings).toEqual([])
  })

  test('flags may stand first and in other spellings; without any they have the defaults of the wrapper', async () => {
    const spelt = await argumentsOf(['--parallels=8', '--max_prompt_length', '9', '--stop', '', url, 'm', 'x.jsonl'])
    expect(spelt.values).toMatchObject({ parallel: [8], maxPromptLength: 9, datasetPath: 'x.jsonl' })
    expect(spelt.values).not.toHaveProperty('stop')
    const bare = await argumentsOf([url, 'm', 'd.jsonl'])
    expect(bare.values).toMatchObject({ parallel: [1], number: [1], stop: ['<|im_end|>'], ...standard })
  })

  test('what follows -- is for perf', async () => {
    const { values } = await argumentsOf([url, 'm', 'd.jsonl', '--', '--stream', '--api-key', 'sk-1', '--no-timestamp'])
    expect(values).toMatchObject({ stream: true, apiKey: 'sk-1', noTimestamp: true })
  })
})

describe('a mistake is one line', () => {
  test.each([
    [[url], `missing required argument 'model'; see evalscope-perf --help`],
    [[url, 'm', 'd', 'e'], 'too many arguments. Expected 3 arguments but got 4; see evalscope-perf --help'],
    [[url, 'm', 'd', '--paralels', '3'], "unknown option '--paralels' (Did you mean --parallels?)"],
    [[url, 'm', 'd', '--parallels', '0'], '--parallels must be a whole number above 0, got "0"'],
    [[url, 'm', 'd', '--n', '1.5'], '--n must be a whole number above 0, got "1.5"'],
    [[url, 'm', 'd', '--n', '--parallels', '3'], '--n needs a value, but --parallels follows it'],
    [[url, 'm', 'd', '--', '--no-such'], "unknown option '--no-such'"],
  ])('%j', async (argv, message) => {
    await expect(argumentsOf(argv)).rejects.toThrow(message)
  })
})

describe('the picture', () => {
  const place = () => {
    const directory = cli.freshDirectory()
    const [outputs, here] = ['outputs', 'here'].map(name => join(directory, name)) as [string, string]
    for (const path of [outputs, here]) mkdirSync(path)
    const said: string[] = []
    return { outputs, here, said, leave: () => leavePicture(here)(outputs, line => said.push(line)) }
  }

  test('is copied to where the wrapper was started, over an older one', () => {
    const { outputs, here, said, leave } = place()
    writeFileSync(join(outputs, picture), 'new')
    writeFileSync(join(here, picture), 'older and longer')
    leave()
    expect(readFileSync(join(here, picture), 'utf8')).toBe('new')
    expect(said).toEqual([`${picture}: the curves of these runs, also in ${outputs}`])
  })

  test('that was not made is nothing to tell', () => {
    const { here, said, leave } = place()
    leave()
    expect([said, filesIn(here)]).toEqual([[], []])
  })

  test('that cannot be copied ends nothing: a line says where it is', () => {
    const { outputs, here, said, leave } = place()
    writeFileSync(join(outputs, picture), 'new')
    mkdirSync(join(here, picture))
    leave()
    expect(said).toEqual([expect.stringContaining(`the curves are in ${join(outputs, picture)} alone`)])
  })
})

describe.concurrent('published commands, with another URL and fewer requests', () => {
  let server: ChatServer
  beforeAll(async () => {
    server = await startChatServer()
  })
  afterAll(() => server.close())

  /** The files that the commands name: short questions, and some that are longer than the wrapper takes. */
  const withDatasets = (): string => {
    const directory = cli.freshDirectory()
    mkdirSync(join(directory, 'datasets'))
    const write = (name: string, questions: readonly string[]): void =>
      writeFileSync(
        join(directory, 'datasets', name),
        questions.map(question => `${JSON.stringify({ question, output: 'text' })}\n`).join(''),
      )
    const short = Array.from({ length: 30 }, (_, at) => `${name(at)}问题?`)
    write('open_qa.jsonl', [...short, 'x'.repeat(300)])
    write('Codefuse-Evol-Instruct-Clean-data.jsonl', short)
    write('long.jsonl', ['long '.repeat(1500)])
    return directory
  }
  const name = (at: number): string => String(at).padStart(4, '0')

  /** Told apart by the model that they ask for. */
  const bodiesFor = (model: string): readonly ChatRequest['body'][] =>
    server
      .measured()
      .map(({ body }) => body)
      .filter(body => body.model === model)

  const promptLength = ({ messages }: ChatRequest['body']): number =>
    (messages as readonly { readonly content: string }[])[0]?.content.length ?? 0

  test.each([
    ['a', './datasets/open_qa.jsonl', 8000, '--parallel 100 -n 150', 300],
    ['b', './datasets/open_qa.jsonl', 8000, '--parallel 1 -n 1', 7],
    ['c', './datasets/Codefuse-Evol-Instruct-Clean-data.jsonl', 4000, '--parallel 1 -n 1', 7],
  ])(
    'evalscope perf --model %s --dataset-path %s --max-prompt-length %i %s',
    async (model, path, most, load, longest) => {
      const argv = [
        ...words(`perf --api openai --url ${server.url}/v1/chat/completions --model ${model} --dataset openqa`),
        ...['--dataset-path', path, '--max-prompt-length', String(most), '--stop', '<|im_end|>', '--read-timeout=120'],
        ...words(load),
      ]
      const directory = withDatasets()
      const { code, stderr } = await cli.run(argv, { directory })
      expect({ code, stderr }).toMatchObject({ code: 0 })
      const bodies = bodiesFor(model)
      expect(bodies).toHaveLength(Number(load.split(' ').at(-1)))
      expect(bodies.every(({ stop }) => JSON.stringify(stop) === '["<|im_end|>"]')).toBe(true)
      expect(Math.max(...bodies.map(promptLength))).toBe(longest)
    },
  )

  test.each([
    ['d', 'long.jsonl --max-prompt-length 8000 --read-timeout=120 --parallels 1 --n 1', ['parallel_1_number_1'], 7499],
    [
      'e',
      'open_qa.jsonl --parallels 8 --parallels 16 --parallels 32 --n 60 -- --sleep-interval 0',
      ['parallel_16_number_60', 'parallel_32_number_60', 'parallel_8_number_60'],
      7,
    ],
  ])('evalscope-perf URL %s ./datasets/%s', async (model, line, runs, longest) => {
    const directory = withDatasets()
    const argv = [`${server.url}/v1/chat/completions`, model, ...words(`./datasets/${line}`)]
    const { code, stdout, stderr } = await cli.run(argv, { program: wrapperBin, directory })
    expect({ code, stderr }).toMatchObject({ code: 0 })
    expect(stdout).toContain('Performance Test Summary Report')
    expect(runDirectories(directory)).toEqual(runs)
    const bodies = bodiesFor(model)
    expect(bodies.every(({ stream }) => stream === undefined || stream === false)).toBe(true)
    expect(Math.max(...bodies.map(promptLength))).toBe(longest)
    expect(stderr).toContain(`${picture}: the curves of these runs, also in outputs/`)
    const made = filesIn(join(directory, 'outputs')).find(path => path.endsWith(picture)) ?? ''
    expect(readFileSync(join(directory, picture)).equals(readFileSync(made))).toBe(true)
  })
})
