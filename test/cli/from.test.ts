import { writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { type ChatServer, startChatServer } from '../support/chat-server.ts'
import { createCli, type Finished, filesIn, jsonOf, runDirectories, words } from '../support/cli.ts'

const cli = createCli()

/** Twenty questions and five conversations of three turns. */
const withFiles = (): string => {
  const directory = cli.freshDirectory()
  const questions = Array.from({ length: 20 }, (_, at) => JSON.stringify({ question: `Question ${at}?` }))
  writeFileSync(join(directory, 'questions.jsonl'), questions.join('\n'))
  const talk = (at: number) =>
    ['a', '-', 'b', '-', 'c'].map(text =>
      text === '-' ? { role: 'assistant', content: text } : { role: 'user', content: `${text} of ${at}` },
    )
  writeFileSync(join(directory, 'talks.jsonl'), [0, 1, 2, 3, 4].map(at => JSON.stringify(talk(at))).join('\n'))
  return directory
}

/** Bodies as they came, each as its text. */
const bodiesOf = (server: ChatServer, from = 0): readonly string[] =>
  server
    .measured()
    .slice(from)
    .map(({ body }) => JSON.stringify(body))

/** The directory above the runs that stand in `directory` now and are none of `known`. */
const newOutputs = (directory: string, known: readonly string[] = []): string => {
  const found = filesIn(directory).filter(path => path.endsWith('benchmark_args.json'))
  const outputs = new Set(found.map(path => dirname(dirname(path))).filter(path => !known.includes(path)))
  expect(outputs.size).toBe(1)
  return [...outputs][0] as string
}

/** What is said to differ, but for a commit that comes between two runs of a clone. */
const differencesIn = (stderr: string): readonly string[] =>
  stderr.split('\n').flatMap(line => /^differs: (?!revision)(.*)/.exec(line)?.[1] ?? [])

/** Runs a command and what it leaves behind two times more; the bodies of each, in the order of their arrival. */
const threeTimes = async (line: string, models: readonly string[]) => {
  const server = await startChatServer({ models })
  const directory = withFiles()
  const perf = (flags: string): Promise<Finished> => cli.run(words(`perf ${flags}`), { directory })
  const finished = [await perf(`--url ${server.url} --sleep-interval 0 ${line}`)]
  const first = newOutputs(directory)
  const known = [first]
  const bodies = [bodiesOf(server)]
  for (let time = 0; time < 2; time++) {
    const before = server.measured().length
    finished.push(await perf(`--from ${first}`))
    bodies.push(bodiesOf(server, before))
    known.push(newOutputs(directory, known))
  }
  await server.close()
  return { finished, bodies, known, directory }
}

describe.concurrent('the same bodies go out in the same order, to directories of their own', () => {
  test.each([
    [
      'drawn lengths and a warm-up',
      '--dataset-path questions.jsonl -n 7 4 --parallel 1 1 --warmup-num 2 --max-tokens 5 50',
      15,
    ],
    [
      'conversations, and a seed that is sent',
      '--multi-turn --dataset custom_multi_turn --dataset-path talks.jsonl -n 4 --max-tokens 5 50 --seed 7',
      12,
    ],
  ])(
    '%s',
    async (_, line, count) => {
      const { finished, bodies, known } = await threeTimes(line, ['m'])
      expect(finished.map(({ code }) => code)).toEqual([0, 0, 0])
      expect(bodies[0]).toHaveLength(count)
      expect(new Set(bodies[0]).size).toBe(count)
      expect(bodies[1]).toEqual(bodies[0])
      expect(bodies[2]).toEqual(bodies[0])
      expect(new Set(known).size).toBe(3)
      for (const { stderr } of finished.slice(1)) {
        expect(stderr).toMatch(/^repeats .*\/outputs\//m)
        expect(differencesIn(stderr)).toEqual([])
        expect(stderr).not.toContain('drawn;')
      }
    },
    40_000,
  )
})

test('one run of a sweep alone sends what it sent in the sweep', async () => {
  const server = await startChatServer({ models: ['m'] })
  const directory = withFiles()
  const line = `perf --url ${server.url} --dataset-path questions.jsonl --parallel 1 2 1 -n 3 4 5 --max-tokens 5 50`
  await cli.run(words(`${line} --sleep-interval 0`), { directory })
  const third = bodiesOf(server, 7)
  const outputs = newOutputs(directory)
  const { stderr } = await cli.run(words(`perf --from ${join(outputs, 'parallel_1_number_5')}`), { directory })
  await server.close()
  expect(third).toHaveLength(5)
  expect(bodiesOf(server, 12)).toEqual(third)
  expect(stderr).toMatch(/^repeats .*\/parallel_1_number_5 of \d{4}-/m)
  expect(differencesIn(stderr)).toEqual([])
  expect(runDirectories(directory).filter(name => name === 'parallel_1_number_5')).toHaveLength(2)
})

test('what differs is said, one line each, before anything is measured; no secret is', async () => {
  const server = await startChatServer({ models: ['m'] })
  const directory = withFiles()
  const line = `perf --url ${server.url} --dataset-path questions.jsonl -n 2 --api-key sk-secret --headers X-Team=a`
  await cli.run(words(line), { directory })
  const outputs = newOutputs(directory)
  writeFileSync(join(directory, 'questions.jsonl'), '{"question": "Another?"}\n')
  const keyless = await cli.run(words(`perf --from ${outputs}`), { directory })
  expect(keyless.code).toBe(2)
  expect(keyless.stderr).toMatch(/^evalscope: --from .*: requests had an API key, which no file keeps; give --api-key/m)

  const other = await startChatServer({ models: ['m', 'n'] })
  const flags = `--url ${other.url} --model m -n 3 --seed 4 --headers X-Team=b`
  const env = { EVALSCOPE_API_KEY: 'sk-secret' }
  const { code, stderr, stdout } = await cli.run(words(`perf --from ${outputs} ${flags}`), { directory, env })
  await Promise.all([server.close(), other.close()])
  expect(code).toBe(0)
  expect(differencesIn(stderr)).toEqual([
    `--url: ${other.url} now, ${server.url} then`,
    '--model: m now, not given then',
    '--headers: X-Team b now, X-Team a then',
    '--number: 3 now, 2 then',
    expect.stringMatching(/^--seed: 4 now, \d+ drawn then$/),
    expect.stringMatching(
      /^contents of --dataset-path: questions.jsonl \(25 bytes, \w{12}\) now, questions.jsonl \(549 bytes, \w{12}\) then$/,
    ),
    'server models: m n now, m then',
  ])
  expect(stderr + stdout).not.toContain('sk-secret')
  expect(other.measured().map(({ headers, body }) => [headers['x-team'], headers.authorization, body.seed])).toEqual(
    Array(3).fill(['b', 'Bearer sk-secret', 4]),
  )
})

test('benchmark_args.json tells what a run was made with, beside the keys it always had', async () => {
  const server = await startChatServer({ models: ['org/m', 'other'] })
  const directory = withFiles()
  const line = `perf --url ${server.url} --model org/m --dataset-path questions.jsonl -n 2 --api-key sk-secret`
  const { code } = await cli.run(words(line), { directory })
  await server.close()
  expect(code).toBe(0)
  const { provenance, ...old } = jsonOf(directory, 'parallel_1_number_2', 'benchmark_args.json')
  expect(old).toMatchObject({ parallel: 1, number: 2, rate: -1, model_id: 'm', dataset_offset: 0 })
  expect(provenance).toMatchObject({
    given: { url: server.url, api_key: '**********', model: 'org/m', number: [2], dataset_path: 'questions.jsonl' },
    api_key_from: '--api-key',
    seed: old.seed,
    versions: { evalscope: expect.stringMatching(/^\d/), node: process.version, undici: expect.stringMatching(/^7/) },
    files: { dataset_path: { path: 'questions.jsonl', bytes: 549, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) } },
    server: { models: ['org/m', 'other'], model: { id: 'org/m', object: 'model' } },
    host: { cores: expect.any(Number), kernel: expect.any(String) },
    point: { parallel: [1], number: [2], dataset_offset: 0 },
  })
  expect(server.asked.map(({ path }) => path).toSorted()).toEqual(['/api/version', '/info', '/v1/models', '/version'])
})
