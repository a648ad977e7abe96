import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join, relative } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { createCli, fileOf, filesIn, jsonOf, words } from '../support/cli.ts'
import { type HubServer, startHubServer } from '../support/hub-server.ts'
import { query } from '../support/rows.ts'
import { createPlaces, freePort } from './place.ts'
import { sentenceText, sentenceTokens } from './tiny-model.ts'

const cli = createCli()
const places = createPlaces()

/** Runs the benchmark against a local model; by default where the library is installed. */
const perf = async (model: string, more = '', env = {}, directory = places.project()) => {
  const port = more.includes('--port') ? '' : `--port ${await freePort()}`
  const load = more.includes('--number') ? '' : '--number 4 --parallel 2'
  const prompt = more.includes('--dataset') ? '' : '--prompt hello'
  return cli.run(words(`perf --api local --model ${model} ${load} ${prompt} ${port} ${more}`), {
    directory,
    env,
    limitMs: 40_000,
  })
}

/** The last line of stderr, which names the mistake; there is nothing but the seed before it. */
const mistake = (stderr: string): string => {
  const lines = stderr.trimEnd().split('\n')
  expect(lines.filter(line => !line.startsWith('seed '))).toHaveLength(1)
  return lines.at(-1) ?? ''
}

describe('evalscope perf --api local', () => {
  test('starts the model, measures it, and says what it runs on', async () => {
    const { code, stderr, stdout, directory } = await perf(places.model())
    expect(stderr).toMatch(
      /^onnx\/model\.onnx \(fp32, \d kB\): loaded in \d+\.\d s by @huggingface\/transformers 4\.\S+; it answers one /m,
    )
    expect(stdout).toContain('4 / 4 / 0')
    expect(code).toBe(0)
    expect(jsonOf(directory, 'parallel_2_number_4', 'benchmark_summary.json')).toMatchObject({
      'Success Requests': 4,
      'Stream Requests': 4,
      'Avg Output Tokens': sentenceTokens,
      'Token Sources': { usage: 4 },
    })
    const database = fileOf(directory, 'parallel_2_number_4', 'benchmark_data.db')
    for (const row of query(database, 'SELECT response_messages AS events, prompt_tokens AS prompt FROM result')) {
      // A role, five bytes, the role that is to answer.
      expect(row.prompt).toBe(7)
      const events = JSON.parse(String(row.events)) as { choices: { delta: { content?: string } }[] }[]
      expect(events.map(({ choices }) => choices[0]?.delta.content ?? '').join('')).toBe(sentenceText)
    }
  })

  test('takes plain prompts of speed_benchmark, and answers in one piece', async () => {
    const more = '--dataset speed_benchmark --number 1 --parallel 1 --no-stream'
    const { code, stderr, directory } = await perf(places.model({ file: 'onnx/model_q4.onnx' }), more)
    expect(stderr).toMatch(/^onnx\/model_q4\.onnx \(q4, /m)
    expect(stderr).toMatch(/requests go to http:\/\/127\.0\.0\.1:\d+\/v1\/completions$/m)
    expect(code).toBe(0)
    expect(jsonOf(directory, 'parallel_1_number_1', 'benchmark_summary.json')).toMatchObject({
      'Non-Stream Requests': 1,
      'Avg Output Tokens': sentenceTokens,
    })
  })
})

describe('what the user can mend is one line and exit code 2', () => {
  test('the library is nowhere', async () => {
    const directory = places.fresh()
    const { code, stderr } = await perf(places.model(), '', {}, directory)
    expect(mistake(stderr)).toBe(
      `evalscope: --api local needs @huggingface/transformers, which is neither in ${directory} nor beside evalscope; ` +
        'add it with: npm install @huggingface/transformers (after ONNXRUNTIME_NODE_INSTALL=skip where only the npm ' +
        'registry can be reached)',
    )
    expect(code).toBe(2)
  })

  test('a model without ONNX files', async () => {
    const model = places.fresh()
    writeFileSync(join(model, 'config.json'), '{}')
    writeFileSync(join(model, 'model.safetensors'), '')
    const { code, stderr } = await perf(model)
    expect(mistake(stderr)).toMatch(/ has no ONNX files, .* try onnx-community\/\S+, or a directory with onnx\/model/)
    expect(code).toBe(2)
  })

  test('a file that is broken off', async () => {
    const model = places.model()
    const file = join(model, 'onnx/model.onnx')
    writeFileSync(file, readFileSync(file).subarray(0, statSync(file).size / 2))
    const { code, stderr } = await perf(model)
    expect(mistake(stderr)).toMatch(`evalscope: ${file} cannot be loaded (`)
    expect(code).toBe(2)
  })

  test('a port in use', async () => {
    const other = createServer()
    await new Promise<void>(resolve => other.listen(0, '127.0.0.1', resolve))
    const { port } = other.address() as AddressInfo
    const { code, stderr } = await perf(places.model(), `--port ${port}`)
    other.close()
    expect(mistake(stderr)).toBe(
      `evalscope: --port ${port} cannot be had (EADDRINUSE): end what listens there, or give another --port`,
    )
    expect(code).toBe(2)
  })
})

describe('an id of a hub', () => {
  const servers: HubServer[] = []
  afterEach(() => Promise.all(servers.splice(0).map(server => server.close())))

  /** A hub with the files of a directory as my/tiny, for a token alone, and an environment that leads there. */
  const startHub = async (model: string, token?: string) => {
    const hub = await startHubServer()
    servers.push(hub)
    for (const file of filesIn(model)) {
      const path = relative(model, file).replaceAll('\\', '/')
      hub.files.set(`models/my/tiny/main/${path}`, { bytes: readFileSync(file), ...(token && { token }) })
    }
    const cache = places.fresh()
    const env = { HF_HUB_OFFLINE: '', HF_ENDPOINT: hub.url, EVALSCOPE_CACHE: cache }
    return { hub, env, directory: join(cache, 'huggingface/models/my/tiny/main') }
  }
  const fromHub = (env: Readonly<Record<string, string>>, directory?: string) =>
    perf('my/tiny', '--data-source huggingface', env, directory)

  test('is downloaded once, with the token, its template included', async () => {
    const model = places.model({ template: 'file', file: 'onnx/model_q4.onnx' })
    const { hub, env, directory } = await startHub(model, 'hf_secret')
    const first = await fromHub({ ...env, HF_TOKEN: 'hf_secret' })
    expect(first.stderr).toContain(`model my/tiny: reads ${directory}\nonnx/model_q4.onnx (q4, `)
    expect(first.code).toBe(0)
    expect(
      filesIn(directory)
        .map(file => relative(directory, file))
        .sort(),
    ).toEqual(
      filesIn(model)
        .map(file => relative(model, file))
        .sort(),
    )
    expect(first.stderr + first.stdout).not.toContain('hf_secret')
    const count = hub.seen.length
    const second = await fromHub(env)
    expect({ code: second.code, asked: hub.seen.length }).toEqual({ code: 0, asked: count })
  })

  test('is not downloaded where the library is missing', async () => {
    const { hub, env } = await startHub(places.model())
    const { code, stderr } = await fromHub(env, places.fresh())
    expect(mistake(stderr)).toContain('--api local needs @huggingface/transformers')
    expect({ code, seen: hub.seen }).toEqual({ code: 2, seen: [] })
  })

  test('that is not there is one line', async () => {
    const { env, directory } = await startHub(places.fresh())
    const { code, stderr } = await fromHub(env)
    expect(mistake(stderr)).toBe(
      'evalscope: --model my/tiny is no directory here, and config.json of my/tiny cannot be had from Hugging Face ' +
        '(HTTP 404, stand-in says 404); check the name, and set HF_TOKEN if it is private, or try --data-source ' +
        `modelscope, or put its files into ${directory}, or give a directory with config.json, tokenizer.json and ` +
        'onnx/model.onnx, such as a download of onnx-community/tiny',
    )
    expect(code).toBe(2)
  })
})
