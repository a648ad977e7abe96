import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Environment } from '../../src/arguments/endpoint.ts'
import { hubAccess } from '../../src/hub/access.ts'
import { getHubFiles } from '../../src/hub/get-file.ts'
import type { DownloadProgress, HubFile, HubName } from '../../src/model/hub-file.ts'
import { sha256, startHubServer } from '../support/hub-server.ts'
import { bytes, createWorkbench, keys, place } from './workbench.ts'

const { root, server, cache, cached, filesInCache, serve, get, errorOf } = createWorkbench()

describe.each(['huggingface', 'modelscope'] as const)('from %s', source => {
  test('a file is downloaded into the cache, and is not asked for again', async () => {
    serve()
    const told: DownloadProgress[] = []
    const path = await get({ source, onProgress: progress => told.push(progress) })
    expect(path).toBe(cached(source))
    expect(readFileSync(path).equals(bytes)).toBe(true)
    expect(filesInCache()).toEqual(['file.jsonl'])
    expect(told.at(-1)).toEqual({ name: 'file.jsonl', doneBytes: bytes.length, totalBytes: bytes.length })
    await server().close()
    expect(await get({ source })).toBe(path)
    expect(server().seen).toHaveLength(1)
  })

  test('a redirect to another host is followed without the token', async () => {
    const cdn = await startHubServer()
    cdn.files.set(keys[source], { bytes })
    serve({ token: 'secret-1', redirectTo: cdn.url })
    const path = await get({ source, env: { HF_TOKEN: 'secret-1', MODELSCOPE_API_TOKEN: 'secret-1' } })
    await cdn.close()
    expect(readFileSync(path).equals(bytes)).toBe(true)
    expect(server().seen[0]?.headers.authorization).toBe('Bearer secret-1')
    expect(server().seen[0]?.headers.cookie).toBe(source === 'modelscope' ? 'm_session_id=secret-1' : undefined)
    expect(cdn.seen).toHaveLength(1)
    expect(cdn.seen[0]?.headers).not.toHaveProperty('authorization')
    expect(cdn.seen[0]?.headers).not.toHaveProperty('cookie')
  })

  test('a redirect within the host keeps the token', async () => {
    serve({ token: 'secret-1', redirectTo: '' })
    await get({ source, env: { HF_TOKEN: 'secret-1', MODELSCOPE_API_TOKEN: 'secret-1' } })
    expect(server().seen.map(({ headers }) => headers.authorization)).toEqual(['Bearer secret-1', 'Bearer secret-1'])
  })

  test('a cut download goes on where it was cut', async () => {
    serve({ cuts: 2, linkedSize: bytes.length, linkedEtag: sha256(bytes) })
    expect(readFileSync(await get({ source })).equals(bytes)).toBe(true)
    expect(server().seen.map(({ statusCode }) => statusCode)).toEqual([200, 206, 206])
    expect(server().seen.map(({ headers }) => headers.range)).toEqual([undefined, 'bytes=99999-', 'bytes=149998-'])
    expect(filesInCache()).toEqual(['file.jsonl'])
  })

  test('without the token it is one line that names the variable', async () => {
    serve({ token: 'secret-1' })
    const { message } = await errorOf({ source })
    const [why, variable] =
      source === 'huggingface'
        ? ['Hugging Face (HTTP 401, stand-in says 401)', 'HF_TOKEN']
        : ['ModelScope (HTTP 404, record not found)', 'MODELSCOPE_API_TOKEN']
    expect(message).toBe(
      `data/file.jsonl of owner/name cannot be had from ${why}; check the name, and set ${variable} if it is private, ` +
        `or try --data-source ${source === 'huggingface' ? 'modelscope' : 'huggingface'}, ` +
        `or put it at ${cached(source)}, or give --dataset-path`,
    )
    expect(server().seen).toHaveLength(1)
  })
})

describe('off the network', () => {
  test.each([
    ['HF_HUB_OFFLINE=1', { env: { HF_HUB_OFFLINE: '1' } }],
    ['HF_HUB_OFFLINE=true', { env: { HF_HUB_OFFLINE: 'true' } }],
    ['--data-source local', { source: 'local' as const }],
  ])('with %s only the cache is used', async (reason, asking) => {
    serve()
    const first = 'source' in asking ? cached('modelscope') : cached()
    expect((await errorOf(asking)).message).toBe(
      `data/file.jsonl of owner/name is not in the cache, and ${reason} keeps us off the network; ` +
        `put it at ${first}, or give --dataset-path`,
    )
    expect(server().seen).toEqual([])
    mkdirSync(dirname(cached()), { recursive: true })
    writeFileSync(cached(), 'by hand')
    expect(await get(asking)).toBe(cached())
  })

  test('a hub that does not have the file is not asked', async () => {
    const of: HubFile = { kind: 'datasets', places: { modelscope: place } }
    expect((await errorOf({ of })).message).toBe(
      'data/file.jsonl is not known to be on Hugging Face; give --data-source modelscope, or its path with --dataset-path',
    )
  })
})

describe('tokens', () => {
  test.each<[string, Environment]>([
    ['HF_TOKEN', { HF_TOKEN: ' secret-1\n' }],
    ['its older name', { HUGGING_FACE_HUB_TOKEN: 'secret-1' }],
    ['the file that a login leaves', { HF_HOME: join(root, 'hf') }],
    ['that file at its usual place', { XDG_CACHE_HOME: join(root, 'xdg') }],
  ])('come from %s', async (_what, env) => {
    for (const directory of ['hf', 'xdg/huggingface']) {
      mkdirSync(join(root, directory), { recursive: true })
      writeFileSync(join(root, directory, 'token'), 'secret-1\n')
    }
    serve({ token: 'secret-1' })
    expect(readFileSync(await get({ env })).equals(bytes)).toBe(true)
  })

  test('that do not help are named by their variable alone', async () => {
    serve({ token: 'secret-1' })
    const { message } = await errorOf({ env: { HF_TOKEN: 'secret-2' } })
    expect(message).toContain('; check the name, and that the token in HF_TOKEN may read it, or')
  })

  test('that no header can hold are refused', async () => {
    const error = get({ env: { HF_TOKEN: 'secret one' } })
    await expect(error).rejects.toThrow('the token in HF_TOKEN of Hugging Face must be one word of ASCII text')
  })
})

describe('what is kept of another hub', () => {
  const putFrom = (source: HubName, path: string): void => {
    const file = join(cache(), source, dirname(keys[source]), path)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, 'kept')
  }

  test('is taken off the network, and not on it', async () => {
    serve()
    putFrom('huggingface', 'file.jsonl')
    expect(await get({ source: 'modelscope', env: { HF_HUB_OFFLINE: '1' } })).toBe(cached('huggingface'))
    expect(await get({ source: 'modelscope' })).toBe(cached('modelscope'))
    // Now that both are there, it is the chosen one.
    expect(await get({ source: 'modelscope', env: { HF_HUB_OFFLINE: '1' } })).toBe(cached('modelscope'))
  })

  test.each<[string, readonly number[], readonly number[], HubName | undefined]>([
    ['all of which are of one', [1, 2], [1, 2, 3], 'huggingface'],
    ['of which both have all', [1, 2, 3], [1, 2, 3], 'modelscope'],
    ['of which none has all', [1, 2], [3], undefined],
  ])('is not mixed with it: files %s', async (_what, ofModelScope, ofHuggingFace, from) => {
    for (const number of ofModelScope) putFrom('modelscope', `${number}`)
    for (const number of ofHuggingFace) putFrom('huggingface', `${number}`)
    const files = [1, 2, 3].map((number): HubFile => {
      const of = { repository: 'owner/name', path: `data/${number}` }
      return { kind: 'datasets', places: { modelscope: of, huggingface: of } }
    })
    const access = hubAccess('local', { EVALSCOPE_CACHE: cache() })
    const getting = getHubFiles(files, access, { signal: new AbortController().signal })
    if (from === undefined) {
      await expect(getting).rejects.toThrow(`put it at ${join(cache(), 'modelscope', dirname(keys.modelscope), '3')}`)
    } else {
      expect((await getting).map(path => dirname(path))).toEqual(Array(3).fill(dirname(cached(from))))
    }
  })
})
