import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { Arguments } from '../../src/arguments/arguments.ts'
import type { ArgumentsInput } from '../../src/arguments/arguments-input.ts'
import { ArgumentsError } from '../../src/errors.ts'

const folder = mkdtempSync(join(tmpdir(), 'arguments-'))
afterAll(() => rmSync(folder, { recursive: true }))

const url = 'http://127.0.0.1:8000/v1/chat/completions'

/** Arguments with the one flag given that is always needed. */
const withUrl = (input: Record<string, unknown>): Arguments => new Arguments({ url, ...input } as ArgumentsInput)

const mistake = (input: Record<string, unknown>): string => {
  try {
    new Arguments(input as ArgumentsInput)
  } catch (error) {
    if (error instanceof ArgumentsError) return error.message
    throw error
  }
  return 'no mistake'
}

describe('mistakes are one line that says what was given', () => {
  test.each<[Record<string, unknown>, string]>([
    [{ parallel: 0 }, '--parallel must be a whole number of at least 1, got 0'],
    [{ parallel: [] }, '--parallel needs a value; give one or leave the flag out'],
    [{ parallel: '1,' }, '--parallel must be a whole number of at least 1, got ""'],
    [{ parallel: '1.5' }, '--parallel must be a whole number of at least 1, got 1.5'],
    [{ number: 'many' }, '--number must be a whole number of at least 1, got many'],
    [{ number: true }, '--number must be a whole number of at least 1, got true'],
    [{ readTimeout: 0 }, '--read-timeout must be a number above 0 and at most 2000000, got 0'],
    [{ totalTimeout: 1e9 }, '--total-timeout must be a number above 0 and at most 2000000, got 1000000000'],
    [{ sleepInterval: -1 }, '--sleep-interval must be a number from 0 to 2000000, got -1'],
    [{ temperature: '0x1' }, '--temperature must be a number of at least 0, got 0x1'],
    [{ temperature: Number.NaN }, '--temperature must be a number of at least 0, got NaN'],
    [{ temperature: [0, 1] }, '--temperature takes one value, got 0 1'],
    [{ topP: 1.1 }, '--top-p must be a number from 0 to 1, got 1.1'],
    [{ seed: -1 }, '--seed must be a whole number from 0 to 4294967295, got -1'],
    [{ percentiles: [100] }, '--percentiles must be a number above 0 and below 100, got 100'],
    [{ percentiles: '0,50' }, '--percentiles must be a number above 0 and below 100, got 0'],
    [{ maxTokens: [1, 2, 3] }, '--max-tokens takes one value or a lowest and a highest, got 1 2 3'],
    [{ maxTokens: [9, 1] }, '--max-tokens: the lowest value comes first, got 9 1'],
    [{ maxTokens: -5 }, '--max-tokens must be a whole number of at least 1, got -5'],
    [{ stopTokenIds: 'eos' }, '--stop-token-ids must be a whole number of at least 0, got eos'],
    [{ imageFormat: 'CMYK' }, '--image-format is one of L, RGB, RGBA; got CMYK'],
    [{ imageNum: 0 }, '--image-num must be a whole number from 1 to 1000, got 0'],
    [{ imageWidth: 8193 }, '--image-width must be a whole number from 1 to 8192, got 8193'],
    [{ saveResponses: 'all' }, '--save-responses is one of full, text, failed, none; got all'],
    [{ stream: 'yes' }, '--stream is true or false, got yes'],
    [{ model: '' }, '--model is empty; give a value or leave the flag out'],
    [{ model: 7 }, '--model takes text, got 7'],
    [{ headers: 'foo' }, '--headers takes name=value items, got foo'],
    [{ headers: 'Authorization: Bearer secret-key' }, '--headers takes name=value items, got Authorization…'],
    [{ headers: 'a b=c' }, '--headers: a b is no header name; give name=value'],
    [{ headers: { A: 'b\nc' } }, '--headers: the value of A must be one line of Latin-1 text'],
    [{ extraArgs: '[1]' }, `--extra-args must be a JSON object such as '{"ignore_eos": true}', got [1]`],
    [{ datasetArgs: '[1]' }, `--dataset-args must be a JSON object such as '{"target_input_len": 1000}', got [1]`],
    [{ multiTurnArgs: '7' }, `--multi-turn-args must be a JSON object such as '{"first_turn_length": 1000}', got 7`],
    [{ extraArgs: { big: 1n } }, '--extra-args holds something that JSON cannot; give plain values'],
    [
      { number: [10, 20, 30], parallel: [1, 4] },
      '--number has 3 values and --parallel has 2; give one --number per --parallel (got 10 20 30 | 1 4)',
    ],
    [
      { minPromptLength: 10, maxPromptLength: 5 },
      '--min-prompt-length 10 is above --max-prompt-length 5; swap or change one',
    ],
    [{ minTokens: 4096 }, '--min-tokens 4096 is above --max-tokens 2048; raise --max-tokens'],
    [{ minTokens: 5, maxTokens: [2, 9] }, '--min-tokens 5 is above --max-tokens 2; raise --max-tokens'],
    [{ minTokens: 4096, extraArgs: { max_output_tokens: 4096 } }, 'no mistake'],
    [
      { multiTurn: true, queryTemplate: { messages: [{ role: 'user', content: '%p' }] } },
      '--query-template has a %p, which holds one text and no history; with --multi-turn leave it out',
    ],
    [{ tokenizePrompt: true }, '--tokenize-prompt needs --tokenizer-path; give the directory of the model'],
    [{ dataset: 'random_vl' }, '--dataset random_vl needs --tokenizer-path; give the directory of the model'],
    [{ dataset: 'random' }, '--dataset random needs --tokenizer-path; give the directory of the model'],
    [{ maxTokenz: 5 }, 'unknown argument maxTokenz; did you mean maxTokens?'],
    [{ max_tokenz: 5 }, 'unknown argument max_tokenz; did you mean max_tokens?'],
    [{ qwertyuiop: 5 }, 'unknown argument qwertyuiop; see --help'],
    [{ constructor: 5 }, 'unknown argument constructor; see --help'],
    [{ max_tokens: 5, maxTokens: 6 }, 'max_tokens is given twice, also as maxTokens; keep one of them'],
  ])('%o', (input, message) => {
    expect(mistake({ url, ...input })).toBe(message)
  })

  test('broken JSON shows what was given and where it breaks', () => {
    const message = mistake({ url, extraArgs: '{ignore_eos:\n true}' })
    expect(message).toMatch(/^--extra-args is not valid JSON, got \{ignore_eos: true\} \(.+\)$/)
  })

  test('long input is cut', () => {
    expect(mistake({ url, parallel: 'x'.repeat(500) }).length).toBeLessThan(150)
  })

  test.each([
    [{}, '--url is missing; give the endpoint to test, or try --api simulated, which needs none'],
    [
      { api: 'openai' },
      '--api openai needs --url, the endpoint to test; only --api simulated, local, local_vllm need none',
    ],
    [{ api: 'simulated', url }, '--api simulated starts its own server; leave out --url, or give --api openai'],
    [{ url: 'ftp://h' }, '--url must be like http://host:8000/v1 or https://host/v1, got ftp://h'],
    [{ api: './mine.mjs' }, expect.stringMatching(/^--api .\/mine.mjs needs --url/)],
  ])('the target %j', (input, message) => {
    expect(mistake(input)).toEqual(message)
  })

  test('an API that nobody knows is refused by name, later, and not for want of a URL', () => {
    expect(new Arguments({ api: 'nosuch' }).values.url).toBeUndefined()
  })

  test('limits that a template or extra arguments may change are not compared', () => {
    expect(withUrl({ minTokens: 4096, extraArgs: { max_tokens: 5000 } }).values.minTokens).toBe(4096)
    expect(withUrl({ minTokens: 4096, queryTemplate: { max_tokens: 5000 } }).values.minTokens).toBe(4096)
  })

  test('the simulated server needs no URL', () => {
    expect(new Arguments({ api: 'simulated' }).values.url).toBeUndefined()
  })
})

describe('files behind @', () => {
  const prompt = join(folder, 'prompt.txt')
  writeFileSync(prompt, ' Tell me\nall of it. \n')
  const template = join(folder, 'template.json')
  writeFileSync(template, '\uFEFF{"model": "%m", "stream": true}\n')
  const broken = join(folder, 'broken.json')
  writeFileSync(broken, '{"model": ')

  test('a prompt is read as it stands, spaces and line ends too', () => {
    expect(withUrl({ prompt: `@${prompt}` }).values.prompt).toBe(' Tell me\nall of it. \n')
  })

  test('a template may begin with a byte-order mark', () => {
    expect(withUrl({ query_template: `@${template}` }).values.queryTemplate).toEqual({ model: '%m', stream: true })
  })

  test.each([
    [{ prompt: `@${folder}/none.txt` }, `--prompt @${folder}/none.txt: cannot read the file (ENOENT`],
    [{ prompt: `@${folder}` }, 'cannot read the file (EISDIR'],
    [{ queryTemplate: `@${folder}/none.json` }, '--query-template @'],
    [{ queryTemplate: `@${broken}` }, `--query-template is not valid JSON, got @${broken.slice(0, 20)}`],
  ])('%j is one clear line', (input, message) => {
    expect(mistake({ url, ...input })).toContain(message)
  })
})
