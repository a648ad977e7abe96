import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ArgumentsError } from '../../../src/errors.ts'
import { hubAccess } from '../../../src/hub/access.ts'
import type { DataSource } from '../../../src/model/hub-file.ts'
import { fetchModel } from '../../../src/server/local/hub.ts'
import { type HubServer, type ServedFile, startHubServer } from '../../support/hub-server.ts'

const root = mkdtempSync(join(tmpdir(), 'local-hub-'))
let hub: HubServer
let cache: string
beforeEach(async () => {
  hub = await startHubServer()
  cache = mkdtempSync(join(root, 'cache-'))
})
afterEach(() => hub.close())
afterAll(() => rmSync(root, { recursive: true, force: true }))

const branches = { huggingface: 'main', modelscope: 'master' } as const

/** Puts files of my/tiny into both hubs: JSON without anything in it, unless a test says otherwise. */
const serve = (files: readonly string[], more: Readonly<Record<string, Partial<ServedFile>>> = {}): void => {
  for (const path of files) {
    for (const branch of Object.values(branches)) {
      hub.files.set(`models/my/tiny/${branch}/${path}`, { bytes: Buffer.from('{}'), ...more[path] })
    }
  }
}

const json = (value: unknown): Partial<ServedFile> => ({ bytes: Buffer.from(JSON.stringify(value)) })

/** Fetches my/tiny: where to, what was said, and what the hub was asked for. */
const fetchTiny = async (source: DataSource = 'huggingface', env = {}) => {
  const said: string[] = []
  const doneBytes: number[] = []
  const endpoints = { HF_ENDPOINT: hub.url, MODELSCOPE_ENDPOINT: hub.url }
  const access = hubAccess(source, { HOME: root, EVALSCOPE_CACHE: cache, ...endpoints, ...env })
  const directory = await fetchModel(
    { model: 'my/tiny', port: 0, access },
    { say: line => said.push(line), show: () => {}, progress: progress => doneBytes.push(progress.doneBytes) },
  )
  return { directory, said, doneBytes, files: readdirSync(directory, { recursive: true }).map(String).sort() }
}

const errorOf = async (source?: DataSource, env?: object): Promise<string> => {
  const error = await fetchTiny(source, env).catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(ArgumentsError)
  expect((error as Error).message).not.toMatch(/\n|secret/)
  return (error as Error).message
}

const asked = (): readonly string[] => hub.seen.map(({ url }) => url.replace('/my/tiny/resolve/main/', ''))

const usual = ['config.json', 'tokenizer.json', 'tokenizer_config.json', 'generation_config.json']

describe.each(['huggingface', 'modelscope'] as const)('a model of %s', source => {
  test('is in the cache with all that it has, and not asked for again', async () => {
    const names = [...usual, 'chat_template.jinja', 'onnx/model_q4.onnx', 'onnx/model_fp16.onnx', 'model.safetensors']
    serve(names)
    const { directory, said, doneBytes, files } = await fetchTiny(source)
    expect(directory).toBe(join(cache, source, 'models/my/tiny', branches[source]))
    expect(said).toEqual([`model my/tiny: reads ${directory}`])
    expect(doneBytes.length).toBeGreaterThan(0)
    // Neither smaller weights nor those of others.
    expect(files).toEqual([...usual, 'chat_template.jinja', 'onnx', join('onnx', 'model_q4.onnx')].sort())
    const count = hub.seen.length
    expect((await fetchTiny(source)).directory).toBe(directory)
    expect((await fetchTiny('local')).directory).toBe(directory)
    expect((await fetchTiny(source, { HF_HUB_OFFLINE: '1' })).directory).toBe(directory)
    expect(hub.seen).toHaveLength(count)
  })
})

test('what a model may do without is no mistake', async () => {
  serve(['config.json', 'tokenizer.json', 'onnx/model.onnx'])
  expect((await fetchTiny()).files).toEqual(['config.json', 'onnx', join('onnx', 'model.onnx'), 'tokenizer.json'])
})

describe('weights of several files', () => {
  const config = (format: unknown) => ({
    'config.json': json({ 'transformers.js_config': { use_external_data_format: format } }),
  })

  test.each<[format: unknown, files: readonly string[]]>([
    [true, ['model_q4.onnx_data']],
    [2, ['model_q4.onnx_data', 'model_q4.onnx_data_1']],
    [{ 'model.onnx': 3, 'model_q4.onnx': true }, ['model_q4.onnx_data']],
    [{ model: 2 }, ['model_q4.onnx_data', 'model_q4.onnx_data_1']],
    [{ 'model.onnx': 1 }, []],
    [false, []],
    ['many', []],
    [null, []],
  ])('come whole, the graph last: %j', async (format, files) => {
    const all = ['model_q4.onnx', 'model_q4.onnx_data', 'model_q4.onnx_data_1'].map(name => `onnx/${name}`)
    serve([...usual, ...all], config(format))
    await fetchTiny()
    const got = hub.seen.filter(({ url, statusCode }) => url.includes('/onnx/') && statusCode === 200)
    expect(got.map(({ url }) => url.split('/').at(-1))).toEqual([...files, 'model_q4.onnx'])
  })

  test('that are not all there are not taken', async () => {
    serve([...usual, 'onnx/model.onnx', 'onnx/model_q4.onnx', 'onnx/model_q4.onnx_data'], config(true))
    expect((await fetchTiny()).files).not.toContain(join('onnx', 'model.onnx'))
  })

  test('that were interrupted go on', async () => {
    const bytes = Buffer.alloc(200_000, 'w')
    serve([...usual, 'onnx/model.onnx'], { 'onnx/model.onnx': { bytes, refuses: { status: 403, times: 1 } } })
    expect(await errorOf()).toContain('onnx/model.onnx of my/tiny cannot be had from Hugging Face (HTTP 403')
    const count = hub.seen.length
    await fetchTiny()
    // What the model may have is asked for again, and what it must have is here.
    expect(asked().slice(count)).toEqual(['chat_template.jinja', 'onnx/model.onnx'])
  })
})

describe('is one line', () => {
  test('without ONNX files', async () => {
    serve(usual)
    expect(await errorOf()).toBe(
      '--model my/tiny has no ONNX files, which --api local needs; try onnx-community/tiny, ' +
        'or a directory with onnx/model.onnx',
    )
  })

  test('without a tokenizer, or access', async () => {
    serve(['config.json', 'onnx/model.onnx'])
    expect(await errorOf()).toMatch(
      /^--model my\/tiny is no directory here, and tokenizer\.json of my\/tiny cannot be had from Hugging Face \(HTTP 404/,
    )
    serve(usual, { 'config.json': { token: 'secret-1' } })
    rmSync(cache, { recursive: true })
    expect(await errorOf('huggingface', { HF_TOKEN: 'secret-2' })).toContain('the token in HF_TOKEN may read it')
  })

  test('off the network, whatever is missing', async () => {
    const directory = join(cache, 'huggingface/models/my/tiny/main')
    const line = (path: string): string =>
      `--model my/tiny is no directory here, and ${path} of my/tiny is not in the cache, and HF_HUB_OFFLINE=1 keeps us ` +
      `off the network; put its files into ${directory}, or give a directory with config.json, tokenizer.json and ` +
      'onnx/model.onnx, such as a download of onnx-community/tiny'
    const offline = { HF_HUB_OFFLINE: '1' }
    expect(await errorOf('huggingface', offline)).toBe(line('config.json'))
    mkdirSync(directory, { recursive: true })
    for (const name of ['config.json', 'tokenizer.json']) writeFileSync(join(directory, name), '{}')
    expect(await errorOf('huggingface', offline)).toBe(line('onnx/model.onnx'))
    expect(hub.seen).toEqual([])
  })
})
