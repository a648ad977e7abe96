import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { type ChatServer, type ChatServerOptions, refuse, startChatServer } from '../support/chat-server.ts'
import { createCli, jsonOf, runDirectories, words } from '../support/cli.ts'
import { qwenTokenizerPath } from '../tokenizers/paths.ts'

const cli = createCli()

const withServer = async (options: ChatServerOptions, work: (server: ChatServer) => Promise<void>): Promise<void> => {
  const server = await startChatServer(options)
  try {
    await work(server)
  } finally {
    await server.close()
  }
}

const sorted = (texts: readonly string[]): string[] => texts.toSorted((a, b) => a.localeCompare(b))

/** The dataset that one of the commands expects where it runs. */
const withQuestions = (): string => {
  const directory = cli.freshDirectory()
  mkdirSync(join(directory, 'datasets'))
  const lines = Array.from({ length: 40 }, (_, at) => JSON.stringify({ question: `问题 ${at}: warum?` }))
  writeFileSync(join(directory, 'datasets', 'open_qa.jsonl'), `${lines.join('\n')}\n`)
  return directory
}

/** Engines refuse a least output above the limit, also when the limit is the connection test's. */
const refusesLongMinimum: ChatServerOptions['instead'] = ({ body }, response) =>
  Number(body.min_tokens) > Number(body.max_tokens) && refuse(response, 400, 'min_tokens must not exceed max_tokens')

describe.concurrent("the original's quick-start commands, with another URL", () => {
  test('of 2024: openqa, streamed', () =>
    withServer({}, async server => {
      const { code, stdout, directory } = await cli.run(
        words(`perf --url ${server.url}/v1/chat/completions --parallel 1 --model qwen2.5 --number 15
          --api openai --dataset openqa --stream`),
      )
      expect(code).toBe(0)
      expect(stdout).toContain('15 / 15 / 0')
      expect(runDirectories(directory)).toEqual(['parallel_1_number_15'])
      expect(server.measured()).toHaveLength(15)
      expect(server.maxInFlight()).toBe(1)
      expect(server.seen.map(({ body }) => body.model)).toEqual(Array(16).fill('qwen2.5'))
    }))

  test('of 2025 and 2026: a sweep of random prompts of exact length', () =>
    withServer({ instead: refusesLongMinimum, tokens: 5 }, async server => {
      const line = `perf --parallel 1 10 50 100 200 --number 2 4 6 8 10 --model Qwen2.5-0.5B-Instruct
        --url ${server.url}/v1/chat/completions --api openai --dataset random --max-tokens 1024 --min-tokens 1024
        --prefix-length 0 --min-prompt-length 1024 --max-prompt-length 1024 --tokenizer-path ${qwenTokenizerPath}`
      const argv = [...words(line), '--extra-args', '{"ignore_eos": true}', '--sleep-interval', '0']
      const { code, stdout, stderr, directory } = await cli.run(argv, { limitMs: 25_000 })
      expect(stderr).not.toContain('min_tokens')
      expect(code).toBe(0)
      expect(runDirectories(directory)).toHaveLength(5)
      expect(stdout).toContain('Performance Recommendations')
      const bodies = server.measured().map(({ body }) => body)
      expect(bodies).toHaveLength(30)
      expect(new Set(bodies.map(({ messages }) => JSON.stringify(messages))).size).toBe(30)
      for (const body of bodies) expect(body).toMatchObject({ max_tokens: 1024, min_tokens: 1024, ignore_eos: true })
      const [probe] = server.seen
      expect(probe?.body).toMatchObject({ max_tokens: 16, messages: [{ role: 'user', content: 'hello' }] })
      expect(Object.keys(probe?.body ?? {})).not.toContain('ignore_eos')
    }))

  test('of the blog: a file of questions, a stop text, both spellings of a value', () =>
    withServer({ tokenMs: 1 }, async server => {
      const { code, directory } = await cli.run(
        words(`perf --api openai --url ${server.url}/v1/chat/completions --model qwen --dataset openqa
          --dataset-path ./datasets/open_qa.jsonl --max-prompt-length 8000 --stop <|im_end|> --read-timeout=120
          --parallel 100 -n 120`),
        { directory: withQuestions() },
      )
      expect(code).toBe(0)
      expect(server.measured()).toHaveLength(120)
      expect(server.maxInFlight()).toBeLessThanOrEqual(100)
      const asked = server.measured().map(({ body }) => (body.messages as [{ content: string }])[0].content)
      // The file has 40 questions and is gone through three times; those in flight together may overtake each other.
      const questions = Array.from({ length: 120 }, (_, at) => `问题 ${at % 40}: warum?`)
      expect(sorted(asked)).toEqual(sorted(questions))
      expect(server.measured()[0]?.body.stop).toEqual(['<|im_end|>'])
      const args = jsonOf(directory, 'parallel_100_number_120', 'benchmark_args.json')
      expect(args).toMatchObject({ stop: ['<|im_end|>'], read_timeout: 120, max_prompt_length: 8000 })
    }))
})

test.each([[1], [4]])(
  'with --parallel %i prompts go out in the order of the dataset, never more at once',
  async parallel =>
    withServer({ tokenMs: 5 }, async server => {
      const { code } = await cli.run(
        words(`perf --url ${server.url} --model m --parallel ${parallel} -n 20 --dataset-path datasets/open_qa.jsonl`),
        { directory: withQuestions() },
      )
      expect(code).toBe(0)
      expect(server.maxInFlight()).toBe(parallel)
      const numbers = server.measured().map(({ body }) => Number(/\d+/.exec(JSON.stringify(body.messages))?.[0]))
      // Sent in order over separate connections, two that leave in the same moment may arrive the other way round.
      for (const [at, number] of numbers.entries()) expect(Math.abs(number - at)).toBeLessThan(parallel)
      expect(numbers.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, at) => at))
    }),
)
