import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { createCli, fileOf, jsonOf, words } from '../support/cli.ts'
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

describe('an id of the hub', () => {
  let close = (): void => {}
  afterEach(() => close())

  /** A hub with the files of one directory as my/tiny; notes what it is asked for, and with which key. */
  const startHub = async (model: string) => {
    const asked: string[] = []
    const hub = createServer((request, response) => {
      const path = request.url?.replace('/my/tiny/resolve/main/', '') ?? ''
      asked.push(`${path} ${request.headers.authorization}`)
      try {
        response.end(readFileSync(join(model, path)))
      } catch {
        response.writeHead(404).end()
      }
    })
    await new Promise<void>(resolve => hub.listen(0, '127.0.0.1', resolve))
    close = () => void hub.close()
    return { asked, url: `http://127.0.0.1:${(hub.address() as AddressInfo).port}/` }
  }

  test('is downloaded once, from HF_ENDPOINT with HF_TOKEN, its template included', async () => {
    const hub = await startHub(places.model({ template: 'file', file: 'onnx/model_q4.onnx' }))
    const cache = places.fresh()
    const env = { HF_HUB_OFFLINE: '', HF_ENDPOINT: hub.url, HF_TOKEN: 'hf_secret', EVALSCOPE_CACHE: cache }
    const first = await perf('my/tiny', '', env)
    const kept = join(cache, 'models/my/tiny')
    expect(first.stderr).toContain(`downloading my/tiny (onnx/model_q4.onnx) from ${hub.url.slice(0, -1)} to ${kept}`)
    expect(first.code).toBe(0)
    expect(statSync(join(kept, 'chat_template.jinja')).size).toBeGreaterThan(0)
    expect(hub.asked.length).toBeGreaterThan(4)
    expect(hub.asked.filter(line => !line.endsWith(' Bearer hf_secret'))).toEqual([])
    expect(first.stderr + first.stdout).not.toContain('hf_secret')
    close()
    const second = await perf('my/tiny', '', { ...env, HF_HUB_OFFLINE: '1' })
    expect(second.stderr).not.toContain('downloading')
    expect(second.code).toBe(0)
  })

  test('without ONNX files names what to try', async () => {
    const model = places.fresh()
    writeFileSync(join(model, 'config.json'), '{"model_type": "llama"}')
    const hub = await startHub(model)
    const { code, stderr } = await perf('my/tiny', '', {
      HF_HUB_OFFLINE: '',
      HF_ENDPOINT: hub.url,
      EVALSCOPE_CACHE: places.fresh(),
    })
    expect(mistake(stderr)).toBe(
      'evalscope: --model my/tiny has no ONNX files, which --api local needs; try onnx-community/tiny, ' +
        'or a directory with onnx/model.onnx',
    )
    expect(code).toBe(2)
  })

  test('that is not in the cache is one line without a network', async () => {
    const { code, stderr } = await perf('my/none', '', { HF_HUB_OFFLINE: '1', EVALSCOPE_CACHE: places.fresh() })
    expect(mistake(stderr)).toMatch(
      / is no directory here, and not downloaded yet, which HF_HUB_OFFLINE forbids; give /,
    )
    expect(code).toBe(2)
  })

  test('that does not exist, or cannot be reached, is one line', async () => {
    const hub = await startHub(places.fresh())
    const env = { HF_HUB_OFFLINE: '', HF_ENDPOINT: hub.url, EVALSCOPE_CACHE: places.fresh() }
    expect(mistake((await perf('my/none', '', env)).stderr)).toContain(
      'has no such model, or none for those without HF',
    )
    close()
    const { code, stderr } = await perf('my/none', '', env)
    expect(mistake(stderr)).toMatch(
      /^evalscope: --model my\/none is no directory here, and it cannot be fetched from \S+ \(connect ECONNREFUSED /,
    )
    expect(code).toBe(2)
  })
})
