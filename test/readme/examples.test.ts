import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { JsonObject } from '../../src/model/json.ts'
import { blockWith } from './readme.ts'
import {
  type Answer,
  answerChat,
  answerGenerate,
  answerLines,
  answerLlamaCpp,
  type ExampleServer,
  startExampleServer,
} from './servers.ts'
import { makeWorkplace, root, type Workplace } from './workplace.ts'

let place: Workplace
let server: ExampleServer | undefined

beforeEach(() => {
  place = makeWorkplace()
})

afterEach(async () => {
  place.remove()
  await server?.close()
  server = undefined
})

/** The example as printed, but for the address. */
const pointedAt = async (answer: Answer, example: string, printed: string): Promise<string> => {
  server = await startExampleServer(answer)
  expect(example).toContain(printed)
  return example.replaceAll(printed, server.url)
}

const hasProgram = (program: string, ...args: string[]): boolean => spawnSync(program, args).status === 0

describe('plugins', () => {
  test('the API runs as printed', async () => {
    place.write('my-api.mjs', blockWith('js', '// my-api.mjs'))
    const command = await pointedAt(answerLlamaCpp, blockWith('bash', './my-api.mjs'), 'http://127.0.0.1:8080')
    const { code, stderr } = await place.run('bash', ['-ec', command])
    expect(stderr).toContain('connection test: answered')
    expect(code).toBe(0)
    expect(place.summary('parallel_2_number_8')).toMatchObject({
      'Success Requests': 8,
      'Avg Input Tokens': 5,
      'Avg Output Tokens': 3,
      'Avg Chunks/Request': 3,
      'Token Sources': { usage: 8 },
    })
    expect(server?.bodies.at(-1)).toEqual({
      prompt: expect.any(String),
      n_predict: 2048,
      temperature: 0,
      stream: true,
    })
  })

  test('the API also reads answers in one piece', async () => {
    place.write('my-api.mjs', blockWith('js', '// my-api.mjs'))
    const command = await pointedAt(answerLlamaCpp, blockWith('bash', './my-api.mjs'), 'http://127.0.0.1:8080')
    await place.run('bash', ['-ec', `${command.trim()} --no-stream`])
    expect(place.summary('parallel_2_number_8')).toMatchObject({ 'Success Requests': 8, 'Non-Stream Requests': 8 })
  })

  test('the API reports errors inside an answer', async () => {
    place.write('my-api.mjs', blockWith('js', '// my-api.mjs'))
    const failing: Answer = (_path, _body, response) => {
      response.setHeader('content-type', 'text/event-stream').end('data: {"error":{"message":"context is full"}}\n\n')
    }
    const command = await pointedAt(failing, blockWith('bash', './my-api.mjs'), 'http://127.0.0.1:8080')
    const { code, stdout } = await place.run('bash', ['-ec', `${command.trim()} --no-test-connection`])
    expect(stdout).toContain('context is full')
    expect(code).toBe(1)
  })

  test('the API of JSON lines runs as printed, in conversations too', async () => {
    place.write('lines-api.mjs', blockWith('js', '// lines-api.mjs'))
    place.write('talk.jsonl', JSON.stringify(['a', 'b'].map(content => ({ role: 'user', content }))))
    const example = blockWith('bash', './lines-api.mjs')
    const command = await pointedAt(answerLines, example, 'http://127.0.0.1:8080')
    const { code, stderr } = await place.run('bash', ['-ec', command])
    expect(stderr).toContain('connection test: answered')
    expect(code).toBe(0)
    expect(place.summary('parallel_1_number_8')).toMatchObject({
      'Success Requests': 8,
      'Stream Requests': 8,
      'Avg Input Tokens': 12,
      'Avg Output Tokens': 3,
      'Avg Chunks/Request': 3,
    })
    expect(server?.bodies.at(-1)).toEqual({
      model: 'llama',
      talk: [{ role: 'user', content: expect.any(String) }],
      limit: 2048,
      stream: true,
    })
    const later = `${command.trim()} --multi-turn --dataset custom_multi_turn --dataset-path talk.jsonl --name talk`
    expect((await place.run('bash', ['-ec', later])).code).toBe(0)
  })

  test('the API of JSON lines reports errors inside an answer, and sends its own header', async () => {
    place.write('lines-api.mjs', blockWith('js', '// lines-api.mjs'))
    const seen: unknown[] = []
    const failing: Answer = (_path, _body, response) => {
      seen.push(response.req.headers['x-service-key'])
      response.setHeader('content-type', 'application/x-ndjson').end('{"token":"a"}\n{"problem":"out of memory"}\n')
    }
    const example = blockWith('bash', './lines-api.mjs')
    const command = await pointedAt(failing, example, 'http://127.0.0.1:8080')
    const { code, stdout } = await place.run('bash', ['-ec', `${command.trim()} --no-test-connection`])
    expect(stdout).toMatch(/inband_error.*out of memory/)
    expect(code).toBe(1)
    expect(seen[0]).toBe('sk-your-key')
  })

  test('the API without streaming runs as printed', async () => {
    place.write('generate-api.mjs', blockWith('js', '// generate-api.mjs'))
    const example = blockWith('bash', './generate-api.mjs')
    const command = await pointedAt(answerGenerate, example, 'http://127.0.0.1:8080')
    const { code, stdout } = await place.run('bash', ['-ec', command])
    expect(code).toBe(0)
    expect(stdout).toContain('No answer came as a stream')
    expect(place.summary('parallel_2_number_8')).toMatchObject({
      'Success Requests': 8,
      'Non-Stream Requests': 8,
      'Avg TTFT (ms)': null,
      'Avg Input Tokens': 5,
      'Avg Output Tokens': 2,
    })
    expect(server?.bodies.at(-1)).toEqual({
      inputs: expect.any(String),
      parameters: { max_new_tokens: 2048, details: true, decoder_input_details: true },
    })
  })

  test('the dataset runs as printed', async () => {
    place.write('my-dataset.mjs', blockWith('js', '// my-dataset.mjs'))
    const command = await pointedAt(answerChat, blockWith('bash', './my-dataset.mjs'), 'http://127.0.0.1:8000')
    const { code, stderr } = await place.run('bash', ['-ec', command])
    expect(stderr).toContain('questions: 2 of them')
    expect(code).toBe(0)
    expect(place.summary('parallel_1_number_6')).toMatchObject({ 'Success Requests': 6, 'Avg Output Tokens': 4 })
    // The first one is the connection test.
    expect(server?.bodies.slice(1).map(({ messages, max_tokens }) => [messages, max_tokens])).toEqual(
      [0, 1, 2].flatMap(() => [
        [[{ role: 'user', content: 'What is a B-tree?' }], 64],
        [[{ role: 'user', content: 'Name three rivers.' }], 32],
      ]),
    )
  })
})

test('the schedule that is too much runs as printed', async () => {
  const { code, stdout } = await place.run('bash', ['-ec', blockWith('bash', '--seed 7')])
  expect(code).toBe(0)
  const printed = blockWith('text', '── Schedule ──').split('\n')
  const labels = printed.filter(line => line.startsWith('│')).map(line => line.split('│')[1]?.trim())
  expect(labels.length).toBeGreaterThan(5)
  for (const label of labels) expect(stdout).toContain(`│ ${label} `)
  for (const end of [' of waiting for a slot.', ' held the rate down to ']) {
    expect(printed.join('\n')).toContain(end)
    expect(stdout).toContain(end)
  }
  const summary = place.summary('parallel_2_duration_4')
  expect(summary['Never Sent Requests']).toBeGreaterThan(3)
  expect(summary['Realised Rate (req/s)']).toBeLessThan(summary['Drawn Rate (req/s)'] as number)
  expect((summary['Slot Wait (ms)'] as JsonObject).p50).toBeGreaterThan(100)
})

test('all examples pass a strict type check', async () => {
  const names = ['my-api.mjs', 'lines-api.mjs', 'generate-api.mjs', 'my-dataset.mjs', 'benchmark.mjs', 'read.mjs']
  place.write('lines-api.mjs', blockWith('js', '// lines-api.mjs'))
  place.write('generate-api.mjs', blockWith('js', '// generate-api.mjs'))
  place.write('my-api.mjs', blockWith('js', '// my-api.mjs'))
  place.write('my-dataset.mjs', blockWith('js', '// my-dataset.mjs'))
  place.write('benchmark.mjs', blockWith('js', 'runPerfBenchmark'))
  place.write('read.mjs', blockWith('js', 'readResults'))
  const options =
    '--noEmit --allowJs --checkJs --strict --skipLibCheck --module nodenext --target es2023 --types node --typeRoots'
  const { stdout, code } = await place.run(process.execPath, [
    join(root, 'node_modules/typescript/bin/tsc'),
    ...options.split(' '),
    join(root, 'node_modules/@types'),
    ...names,
  ])
  expect(stdout).toBe('')
  expect(code).toBe(0)
})

test('the library runs as printed', async () => {
  const example = blockWith('js', 'runPerfBenchmark')
  place.write('benchmark.mjs', await pointedAt(answerChat, example, 'http://127.0.0.1:8000'))
  const { code, stdout, stderr } = await place.run(process.execPath, ['benchmark.mjs'])
  expect(stderr).toContain('seed ')
  expect(code).toBe(0)
  const lines = stdout
    .trim()
    .split('\n')
    .map(line => line.split(' '))
  expect(lines.map(([name]) => name)).toEqual(['parallel_1_number_4', 'parallel_4_number_8'])
  for (const [, shown, typed] of lines) {
    expect(Number(shown)).toBeGreaterThan(0)
    expect(Number(shown)).toBeCloseTo(Number(typed), 5)
  }
  expect(server?.bodies.at(-1)).toMatchObject({ model: 'qwen2.5', max_tokens: 64, ignore_eos: true })
})

test('stored results are read as printed', async () => {
  server = await startExampleServer(answerChat)
  const { code } = await place.run('evalscope', ['perf', '--url', server.url, '--number', '3', '--no-timestamp'])
  expect(code).toBe(0)
  const printed = 'outputs/20261122_071128/simulated'
  const example = blockWith('js', 'readResults')
  expect(example).toContain(printed)
  place.write('read.mjs', example.replace(printed, 'outputs'))
  const lines = (await place.run(process.execPath, ['read.mjs'])).stdout.trim().split('\n')
  expect(lines[0]).toMatch(/^parallel_1_number_3 over \d+(\.\d+)?$/)
  expect(lines).toHaveLength(4)
  for (const line of lines.slice(1)) expect(line).toMatch(/^\d{16} \d+ undefined$/)
})

describe('the database', () => {
  beforeEach(async () => {
    server = await startExampleServer(answerChat)
    const { code } = await place.run('evalscope', ['perf', '--url', server.url, '--parallel', '10', '--number', '100'])
    expect(code).toBe(0)
  })

  test.runIf(hasProgram('sqlite3', '--version'))('the sqlite3 commands run as printed', async () => {
    const { code, stdout, stderr } = await place.run('bash', ['-ec', blockWith('bash', '# the slowest requests')])
    expect(stderr).toBe('')
    expect(code).toBe(0)
    const lines = stdout.split('\n')
    expect(lines.filter(line => /^\d{10}\.\d{6} +0\.\d+ +[\d.]+ +4 *$/.test(line))).toHaveLength(5)
    expect(lines.filter(line => /^[\da-f]{8}-\d+-1 +[0-2] +[\d.]+ *$/.test(line))).toHaveLength(5)
  })

  test.runIf(hasProgram('python3', '-c', 'import pandas'))('the pandas script runs as printed', async () => {
    place.write('look.py', blockWith('python', 'pandas'))
    const { code, stdout, stderr } = await place.run('bash', [
      '-ec',
      'cd outputs/*/*/parallel_10_number_100 && python3 ../../../../look.py && cat benchmark_percentile.json',
    ])
    expect(stderr).toBe('')
    expect(code).toBe(0)
    const median = Number(/^0\.50? +([\d.]+)$/m.exec(stdout)?.[1])
    const levels = JSON.parse(stdout.slice(stdout.indexOf('[\n'))) as { Percentiles: string; 'ITL (ms)': number }[]
    expect(median).toBeCloseTo(levels.find(level => level.Percentiles === '50%')?.['ITL (ms)'] ?? Number.NaN, 4)
  })
})
