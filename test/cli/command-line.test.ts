import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Arguments } from '../../src/arguments/arguments.ts'
import { flagName, flagRows } from '../../src/arguments/flags.ts'
import { runCommandLine } from '../../src/cli/commands.ts'
import type { RawArguments } from '../../src/cli/perf-options.ts'
import { ArgumentsError, UserError } from '../../src/errors.ts'

/** What the flags of `evalscope perf` come to, before they are checked. */
const read = async (argv: readonly string[]): Promise<RawArguments> => {
  let given: RawArguments | undefined
  const code = await runCommandLine(['perf', ...argv], async raw => {
    given = raw
    return 42
  })
  expect(code).toBe(42)
  return given ?? {}
}

describe('flags as they are typed', () => {
  test.each<[string, object]>([
    ['', {}],
    ['--parallel 1 10 --number 20', { parallel: ['1', '10'], number: ['20'] }],
    ['--parallel 1 --parallel 10', { parallel: ['1', '10'] }],
    ['--parallel 1,10', { parallel: ['1,10'] }],
    ['--parallel=1,10', { parallel: ['1,10'] }],
    ['-n 5', { number: ['5'] }],
    ['-n5', { number: ['5'] }],
    ['--read-timeout=120', { readTimeout: '120' }],
    ['--min_tokens 5 --extra_args={"a_b":1}', { minTokens: '5', extraArgs: '{"a_b":1}' }],
    ['--frequency-penalty -1', { frequencyPenalty: '-1' }],
    ['--top-k -1 --stream', { topK: '-1', stream: true }],
    ['--percentiles 50 99.9', { percentiles: ['50', '99.9'] }],
    ['--no-stream', { stream: false }],
    ['--no_stream', { stream: false }],
    ['--no-stream --stream', { stream: true }],
    ['--apply-chat-template', { applyChatTemplate: true }],
    ['--no-apply-chat-template', { applyChatTemplate: false }],
    [
      '--no-test-connection --no-timestamp --no-keepalive',
      { noTestConnection: true, noTimestamp: true, noKeepalive: true },
    ],
    ['--stop', { stop: [] }],
    ['--stop <|im_end|> </s>', { stop: ['<|im_end|>', '</s>'] }],
    ['--stop=--end', { stop: ['--end'] }],
    ['--headers A=b C=d', { headers: ['A=b', 'C=d'] }],
    ['--prompt --a_b', { prompt: '--a_b' }],
    ['--model a --model b', { model: 'b' }],
    ['--rate -1', { rate: ['-1'] }],
    ['--rate 5 -1 --open-loop', { rate: ['5', '-1'], openLoop: true }],
    ['--rate=-1 --rate 0.5,-1', { rate: ['-1', '0.5,-1'] }],
    ['--warmup-num -1 --ramp_up 5', { warmupNum: '-1', rampUp: '5' }],
    ['--queue-size-multiplier 5', { queueSizeMultiplier: ['5'] }],
  ])('%s', async (line, given) => {
    expect(await read(line.split(' ').filter(word => word !== ''))).toEqual(given)
  })

  test("the command of the original's quick start", async () => {
    const line = `--api openai --url http://127.0.0.1:1025/v1/chat/completions --model qwen --dataset openqa
      --dataset-path ./datasets/open_qa.jsonl --max-prompt-length 8000 --stop <|im_end|> --read-timeout=120
      --parallel 100 -n 1000`
    const { values } = new Arguments(await read(line.split(/\s+/)))
    expect(values).toMatchObject({ maxPromptLength: 8000, stop: ['<|im_end|>'], readTimeout: 120, number: [1000] })
  })
})

describe('mistakes', () => {
  test.each([
    ['perf --paralel 3', "unknown option '--paralel' (Did you mean --parallel?)"],
    ['perf --min_tokenz 3', "unknown option '--min_tokenz' (Did you mean --min-tokens?)"],
    ['perf --qwertyuiop', "unknown option '--qwertyuiop'; see evalscope perf --help"],
    ['perf --url', "option '--url <text>' argument missing; see evalscope perf --help"],
    ['perf --url --model x', '--url needs a value, but --model follows it'],
    ['perf --parallel --min_tokens 3', '--parallel needs a value, but --min_tokens follows it'],
    ['perf --stream=false', '--stream takes no value, got false; write --stream or --no-stream'],
    ['perf --json=1', '--json takes no value, got 1; write --json'],
    ['perf http://h/v1', '"http://h/v1" belongs to no flag; see evalscope perf --help'],
    ['prf', "unknown command 'prf' (Did you mean perf?)"],
    ['--url http://h/v1', "unknown option '--url'; see evalscope --help"],
  ])('%s', async (line, message) => {
    const run = runCommandLine(line.split(' '), async () => 0)
    await expect(run).rejects.toThrow(new ArgumentsError(message))
  })

  test('no arguments, however odd, end in a stack or more than one line', async () => {
    const name = fc.constantFrom(...flagRows().map(([field]) => flagName(field)))
    const spelled = name.chain(flag =>
      fc.constantFrom(
        flag,
        flag.replace(/(?<=\w)-/g, '_'),
        `${flag}=1`,
        `${flag}=`,
        flag.replace('--', '--no-'),
        flag.slice(0, -1),
      ),
    )
    const text = fc.constantFrom('1', '-1', '1,10', '0', '{}', '{"a":[', 'a=b', '@none', 'http://h', '-n', '--', '')
    const word = fc.oneof(spelled, text, fc.string(), fc.string({ unit: 'binary' }))
    await fc.assert(
      fc.asyncProperty(fc.array(word, { maxLength: 8 }), async argv => {
        const run = runCommandLine(['perf', ...argv], async raw => new Arguments(raw).runSeed)
        const error: unknown = await run.then(
          () => undefined,
          reason => reason,
        )
        if (error !== undefined && !(error instanceof UserError)) throw error
        expect(error?.message ?? '').not.toMatch(/\n/)
      }),
      { numRuns: 200 },
    )
  })
})
