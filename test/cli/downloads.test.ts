import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parquetWriteBuffer } from 'hyparquet-writer'
import { afterAll, describe, expect, test } from 'vitest'
import { startChatServer } from '../support/chat-server.ts'
import { createCli, filesIn, jsonOf, type StartOptions, words } from '../support/cli.ts'
import { type HubServer, startHubServer } from '../support/hub-server.ts'
import { startRawServer } from '../support/raw-server.ts'
import { waitUntil } from '../support/wait.ts'
import { wordsTokenizerPath } from '../tokenizers/paths.ts'

const cli = createCli()
const root = mkdtempSync(join(tmpdir(), 'downloads-'))
const servers: { close(): Promise<void> }[] = []
afterAll(async () => {
  rmSync(root, { recursive: true, force: true })
  await Promise.all(servers.map(server => server.close()))
})

/** A stand-in for both hubs, an endpoint and an empty cache, for one test. */
const setUp = async () => {
  const [hub, chat] = await Promise.all([startHubServer(), startChatServer()])
  servers.push(hub, chat)
  const cache = mkdtempSync(join(root, 'cache-'))
  const online = { HF_HUB_OFFLINE: '', EVALSCOPE_CACHE: cache, HF_ENDPOINT: hub.url, MODELSCOPE_ENDPOINT: hub.url }
  const options = (env: Record<string, string> = {}): StartOptions => ({ env: { ...online, ...env } })
  return {
    ...{ hub, chat, cache, options },
    perf: (flags: string, env?: Record<string, string>) =>
      cli.run(words(`perf --url ${chat.url} --model m ${flags}`), options(env)),
    /** The questions that were sent. */
    questions: (): unknown[] =>
      chat.measured().map(({ body }) => (body.messages as readonly { readonly content: unknown }[]).at(-1)?.content),
  }
}

const ours = 'the questions are our own, from datasets/open_qa.jsonl of this package'
const threeLines = Buffer.from(['eins?', 'zwei?', 'drei?'].map(question => JSON.stringify({ question })).join('\n'))
const openQa = 'datasets/AI-ModelScope/HC3-Chinese/master/open_qa.jsonl'

describe.concurrent('openqa', () => {
  test('reads the real file, and the next time asks nobody', async () => {
    const { hub, cache, perf, questions } = await setUp()
    hub.files.set(openQa, { bytes: threeLines })
    const { code, stderr, directory } = await perf('--number 3')
    const path = join(cache, 'modelscope', openQa)
    expect({ code, line: /^openqa: .*$/m.exec(stderr)?.[0] }).toEqual({ code: 0, line: `openqa: reads ${path}` })
    expect(questions()).toEqual(['eins?', 'zwei?', 'drei?'])
    expect(readFileSync(path).equals(threeLines)).toBe(true)
    const given = jsonOf(directory, 'parallel_1_number_3', 'benchmark_args.json')
    expect(given).toMatchObject({ data_source: 'modelscope', dataset_path: null })
    expect((await perf('--number 3', { HF_HUB_OFFLINE: '1' })).stderr).toContain(`openqa: reads ${path}\n`)
    expect(hub.seen).toHaveLength(1)
  })

  test('comes from the hub that is asked for', async () => {
    const { hub, perf, questions } = await setUp()
    hub.files.set('datasets/Hello-SimpleAI/HC3-Chinese/main/open_qa.jsonl', { bytes: threeLines })
    expect((await perf('--number 3 --data-source huggingface')).code).toBe(0)
    expect(questions()).toEqual(['eins?', 'zwei?', 'drei?'])
  })

  test('that cannot be had is our own, and one line says why', async () => {
    const { hub, perf } = await setUp()
    const { code, stderr } = await perf('--number 3')
    expect({ code, lines: stderr.match(/^openqa: .*$/gm) }).toEqual({
      code: 0,
      lines: [
        `openqa: open_qa.jsonl of AI-ModelScope/HC3-Chinese cannot be had from ModelScope (HTTP 404, record not found); ${ours}`,
      ],
    })
    expect(hub.seen).toHaveLength(1)
  })

  test('does not wait long for a silent hub', async () => {
    const { chat, options } = await setUp()
    let askedMs = 0
    const silent = await startRawServer(() => {
      askedMs = performance.now()
    })
    const argv = words(`perf --url ${chat.url} --model m --number 1`)
    const running = cli.start(argv, options({ MODELSCOPE_ENDPOINT: new URL(silent.url).origin }))
    await running.until(/^openqa:/m)
    const waitedMs = performance.now() - askedMs
    const { code, stderr } = await running.finished
    await silent.close()
    expect({ code, connections: silent.connections() }).toEqual({ code: 0, connections: 1 })
    expect(stderr).toContain(`from ModelScope (no answer within 2 s); ${ours}\n`)
    expect(waitedMs).toBeLessThan(4000)
  })

  test('is our own at once where a server is simulated', async () => {
    const { hub, options } = await setUp()
    hub.files.set(openQa, { bytes: threeLines })
    const { code, stderr } = await cli.run(words('perf --api simulated --number 1 --max-tokens 2'), options())
    expect({ code, seen: hub.seen }).toEqual({ code: 0, seen: [] })
    expect(stderr).toContain(`openqa: ${ours}\n`)
  })

  test('asks our own questions again where it did, though the real file is here now', async () => {
    const { hub, perf, questions } = await setUp()
    const { directory } = await perf('--number 2 --no-timestamp')
    const then = questions()
    hub.files.set(openQa, { bytes: threeLines })
    const { code, stderr, ...again } = await perf(`--from ${directory}/outputs --number 2`)
    expect({ code, asked: questions() }).toEqual({ code: 0, asked: [...then, ...then] })
    expect(stderr).toContain(`openqa: ${ours}\n`)
    const { provenance } = jsonOf(again.directory, 'parallel_1_number_2', 'benchmark_args.json')
    expect(provenance).toMatchObject({ dataset_source: 'ours', files: {} })
  })

  test('asks those of the real file again, or says in a line that it cannot', async () => {
    const { hub, cache, perf, questions } = await setUp()
    hub.files.set(openQa, { bytes: threeLines })
    const { directory } = await perf('--number 2 --no-timestamp')
    const { provenance } = jsonOf(directory, 'parallel_1_number_2', 'benchmark_args.json')
    expect(provenance).toMatchObject({ dataset_source: 'hub' })
    rmSync(join(cache, 'modelscope', openQa))
    const offline = { HF_HUB_OFFLINE: '1' }
    const { code, stderr } = await perf(`--from ${directory}/outputs`, offline)
    expect(code).toBe(2)
    expect(stderr).toMatch(
      /^evalscope: --from \S+ asked questions of a file from a hub: .*, or give --dataset openqa .*\n$/,
    )
    expect(questions()).toHaveLength(2)
    expect((await perf(`--from ${directory}/outputs --dataset openqa`, offline)).code).toBe(0)
  })
})

test.concurrent('a dataset without a sample is one line where its file cannot be had', async () => {
  const { cache, perf } = await setUp()
  const { code, stderr } = await perf('--multi-turn --dataset share_gpt_zh_multi_turn', { HF_HUB_OFFLINE: '1' })
  expect({ code, stderr: stderr.replace(/^seed .*\n/, '') }).toEqual({
    code: 2,
    stderr:
      'evalscope: common_zh_70k.jsonl of swift/sharegpt is not in the cache, and HF_HUB_OFFLINE=1 keeps us off the ' +
      `network; put it at ${cache}/modelscope/datasets/swift/sharegpt/master/common_zh_70k.jsonl, or give --dataset-path\n`,
  })
})

// By itself: what is above starts as many processes as a small machine can stand.
describe('swe_smith', () => {
  const eight = ['one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight']
  const serve = (hub: HubServer): void => {
    for (const [index, word] of eight.entries()) {
      const messages = JSON.stringify([{ role: 'tool', content: word }])
      const bytes = Buffer.from(
        parquetWriteBuffer({ columnData: [{ name: 'messages', data: [messages], type: 'STRING' }] }),
      )
      hub.files.set(`datasets/SWE-bench/SWE-smith-trajectories/master/data/tool-0000${index}-of-00008.parquet`, {
        bytes,
      })
    }
  }
  const args = JSON.stringify({ first_turn_length: 1, chars_per_token: 1 })
  const flags = `--multi-turn --dataset swe_smith --number 8 --dataset-args ${args}`

  test('reads all files of its split, and the next time asks nobody', async () => {
    const { hub, cache, perf, questions } = await setUp()
    serve(hub)
    const { code, stderr, directory } = await perf(`${flags} --tokenizer-path ${wordsTokenizerPath}`)
    const path = join(cache, 'modelscope/datasets/SWE-bench/SWE-smith-trajectories/master/data')
    expect({ code, line: /^swe_smith: .*$/m.exec(stderr)?.[0] }).toEqual({ code: 0, line: `swe_smith: reads ${path}` })
    expect([...questions()].sort()).toEqual([...eight].sort())
    const { provenance } = jsonOf(directory, 'parallel_1_number_8', 'benchmark_args.json')
    expect(provenance).toMatchObject({ files: { dataset_path: { path: 'data', files: 8 } } })
    const offline = await perf(`${flags} --tokenizer-path ${wordsTokenizerPath}`, { HF_HUB_OFFLINE: '1' })
    expect({ code: offline.code, asked: hub.seen.length }).toEqual({ code: 0, asked: 8 })
  })

  test('asks for a tokenizer before it downloads anything', async () => {
    const { hub, perf } = await setUp()
    const { code, stderr } = await perf(flags)
    expect(stderr).toContain('--dataset swe_smith needs --tokenizer-path')
    expect({ code, seen: hub.seen }).toEqual({ code: 2, seen: [] })
  })
})

test.concurrent('what is wrong with the flags is said before anything is downloaded', async () => {
  const { hub, perf } = await setUp()
  const { code, stderr } = await perf('--dataset share_gpt_zh_multi_turn')
  expect(stderr).toContain('holds conversations of several turns; give --multi-turn')
  expect({ code, seen: hub.seen }).toEqual({ code: 2, seen: [] })
})

test.concurrent('Ctrl-C ends a download, and the next run goes on with it', async () => {
  const { hub, chat, cache, options, questions } = await setUp()
  hub.files.set('datasets/swift/sharegpt/master/common_en_70k.jsonl', {
    bytes: Buffer.from(`${JSON.stringify({ conversation: [{ human: 'Hi', assistant: 'Ho' }] })}\n`.repeat(2000)),
    halfway: new Promise(() => undefined),
  })
  const flags = words(`perf --url ${chat.url} --model m --number 1 --multi-turn --dataset share_gpt_en_multi_turn`)
  const running = cli.start(flags, options())
  await waitUntil(() => filesIn(cache).some(file => file.endsWith('.partial') && readFileSync(file).length > 0))
  running.child.kill('SIGINT')
  const { code, stderr } = await running.finished
  expect({ code, ends: stderr.endsWith('evalscope: stopped before anything was measured\n') }).toEqual({
    code: 130,
    ends: true,
  })
  const [key, file] = [...hub.files][0] as [string, { bytes: Buffer }]
  hub.files.set(key, { bytes: file.bytes })
  expect(await cli.run(flags, options())).toMatchObject({ code: 0 })
  expect(hub.seen.at(-1)).toMatchObject({ statusCode: 206 })
  expect(filesIn(cache)).toEqual([join(cache, 'modelscope', key)])
  expect(questions()).toEqual(['Hi'])
})

describe.concurrent('a tokenizer by its id', () => {
  const serve = (hub: HubServer, ...names: string[]): void => {
    for (const name of names) {
      hub.files.set(`models/some/words/main/${name}`, { bytes: readFileSync(join(wordsTokenizerPath, name)) })
    }
  }
  const flags =
    '--number 2 --dataset random --tokenizer-path some/words --data-source huggingface ' +
    '--min-prompt-length 20 --max-prompt-length 20'

  test('is downloaded with all that it has, once', async () => {
    const { hub, cache, perf } = await setUp()
    serve(hub, 'tokenizer.json', 'tokenizer_config.json', 'chat_template.jinja')
    const { code, stderr } = await perf(flags)
    const directory = join(cache, 'huggingface/models/some/words/main')
    expect(stderr).toContain(`tokenizer some/words: reads ${directory}\n`)
    expect({ code, files: filesIn(cache).sort() }).toEqual({
      code: 0,
      files: ['chat_template.jinja', 'tokenizer.json', 'tokenizer_config.json'].map(name => join(directory, name)),
    })
    expect((await perf(flags)).code).toBe(0)
    expect(hub.seen).toHaveLength(4)
  })

  test('needs no more than tokenizer.json', async () => {
    const { hub, perf } = await setUp()
    serve(hub, 'tokenizer.json')
    expect((await perf(`${flags} --no-apply-chat-template`)).code).toBe(0)
    expect((await perf(`${flags} --no-apply-chat-template`)).code).toBe(0)
    expect(hub.seen.map(({ statusCode }) => statusCode)).toEqual([404, 404, 404, 200])
  })

  test('is one line where the hub does not have it', async () => {
    const { cache, perf } = await setUp()
    const { code, stderr } = await perf(flags)
    expect({ code, stderr: stderr.replace(/^seed .*\n/, '') }).toEqual({
      code: 2,
      stderr:
        'evalscope: --tokenizer-path some/words is no directory here, and tokenizer.json of some/words cannot be had ' +
        'from Hugging Face (HTTP 404, stand-in says 404); check the name, and set HF_TOKEN if it is private, or try ' +
        `--data-source modelscope, or put its tokenizer.json and tokenizer_config.json into ${cache}/huggingface/models/` +
        'some/words/main, or give a directory that holds them\n',
    })
  })

  test('that is broken in the cache is one line that says what to delete', async () => {
    const { cache, perf } = await setUp()
    const directory = join(cache, 'huggingface/models/some/words/main')
    mkdirSync(directory, { recursive: true })
    writeFileSync(join(directory, 'tokenizer.json'), '<html>')
    const { code, stderr } = await perf(flags)
    expect({ code, line: /^evalscope: .*$/m.exec(stderr)?.[0] }).toEqual({
      code: 2,
      line: expect.stringMatching(/tokenizer\.json is not valid JSON .*; it was downloaded: to have it anew, delete /),
    })
    expect(stderr).toContain(`delete ${directory}\n`)
  })

  test('is what evalscope serve takes too', async () => {
    const { hub, cache, options } = await setUp()
    serve(hub, 'tokenizer.json')
    const argv = words('serve --port 0 --tokenizer-path some/words --data-source huggingface')
    const running = cli.start(argv, options())
    await running.until(/^tokenizer some\/words: reads /m)
    running.child.kill('SIGTERM')
    const { stderr } = await running.finished
    expect(stderr).toBe(`tokenizer some/words: reads ${join(cache, 'huggingface/models/some/words/main')}\n`)
  })

  test('is known to the simulated server too', async () => {
    const { hub, options } = await setUp()
    serve(hub, 'tokenizer.json', 'tokenizer_config.json', 'chat_template.jinja')
    const { code, stderr } = await cli.run(words(`perf --api simulated --max-tokens 2 ${flags}`), options())
    expect({ code, stderr }).toMatchObject({ code: 0 })
  })
})
