import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { toDownloadFailure } from '../../src/hub/failure.ts'
import { mayHaveToken } from '../../src/hub/request.ts'
import type { HubFile } from '../../src/model/hub-file.ts'
import { type ServedFile, sha256 } from '../support/hub-server.ts'
import { startProxy } from '../support/proxy.ts'
import { startRawServer } from '../support/raw-server.ts'
import { bytes, createWorkbench, keys } from './workbench.ts'

const { server, cache, filesInCache, serve, get, errorOf } = createWorkbench()

describe('refuses', () => {
  test.each<[string, Partial<ServedFile>, string]>([
    ['a wrong size', { linkedSize: 9 }, '200000 bytes came, and the hub says it has 9'],
    ['an empty file', { bytes: Buffer.alloc(0) }, 'an empty file came'],
    ['a login page', { headers: { 'content-type': 'text/html; charset=utf-8' } }, 'a web page came in its place'],
    [
      'what was packed on the way',
      { headers: { 'content-encoding': 'gzip' } },
      'it came encoded as gzip, which was not asked for',
    ],
    ['a wrong checksum', { linkedEtag: sha256(Buffer.from('?')) }, 'its SHA-256 is not the one that the hub gives'],
  ])('%s, and keeps nothing of it', async (_what, served, why) => {
    serve(served)
    const { summary } = await errorOf()
    expect(summary).toBe(`data/file.jsonl of owner/name cannot be had from Hugging Face (${why})`)
    expect(filesInCache()).toEqual([])
    expect(server().seen).toHaveLength(1)
  })

  test('an answer of ModelScope that only looks like a file', async () => {
    const body = { Code: 10010205001, Message: 'no such\u001b[2J\nfile', RequestId: 'r-1', Success: false }
    serve({ bytes: Buffer.from(JSON.stringify(body)) })
    const { summary, isMissing } = await errorOf({ source: 'modelscope' })
    expect({ summary, isMissing }).toEqual({
      summary: 'data/file.jsonl of owner/name cannot be had from ModelScope (it has no such file (no such [2J file))',
      isMissing: true,
    })
    expect(filesInCache()).toEqual([])
    // Of another hub, and of a file that has no RequestId, it is the file.
    expect(readFileSync(await get(), 'utf8')).toBe(JSON.stringify(body))
  })

  test('a login page in place of the rest, and keeps what it has', async () => {
    const patience = { answerMs: 5000, idleMs: 5000, pausesMs: [] }
    serve({ cuts: 1 })
    await errorOf({ patience })
    serve({ headers: { 'content-type': 'text/html' }, ignoresRange: true })
    expect((await errorOf({ patience })).summary).toMatch(/\(a web page came in its place\)$/)
    serve()
    await get()
    expect(server().seen.map(({ statusCode }) => statusCode)).toEqual([200, 200, 206])
  })

  test.each([
    ['http://hub.test/a', 'http://hub.test/b', true],
    ['http://hub.test/a', 'https://hub.test/a', true],
    ['http://hub.test:8080/a', 'https://hub.test:8443/a', false],
    ['http://hub.test:8080/a', 'https://hub.test/a', false],
    ['https://hub.test/a', 'http://hub.test/a', false],
    ['http://hub.test/a', 'https://cdn.hub.test/a', false],
    ['https://hub.test/a', 'https://hub.test:444/a', false],
  ])('from %s, to give %s the token unless %s', (first, next, may) => {
    expect(mayHaveToken(new URL(next), new URL(first))).toBe(may)
  })

  test('to blame the token for a file that the repository lacks', async () => {
    serve({ refuses: { status: 404, code: 'EntryNotFound' } })
    expect((await errorOf()).advice).toEqual(['try --data-source modelscope'])
    serve({ refuses: { status: 404, code: 'RepoNotFound' } })
    expect((await errorOf()).advice[0]).toBe('check the name, and set HF_TOKEN if it is private')
  })

  test.each([404, 403, 429])('to ask again after %i', async status => {
    serve({ refuses: { status } })
    expect((await errorOf()).isMissing).toBe(status === 404)
    expect(server().seen).toHaveLength(1)
  })

  test('to go round in circles', async () => {
    serve()
    server().files.set(keys.huggingface, { bytes, redirectTo: `${server().url}/owner/name/resolve/main/loop#` })
    server().files.set('models/owner/name/main/loop', {
      bytes,
      redirectTo: `${server().url}/owner/name/resolve/main/loop#`,
    })
    expect((await errorOf()).summary).toMatch(/\(more than 5 redirects\)$/)
    expect(server().seen).toHaveLength(6)
  })

  test.each<[string, HubFile['places'], RegExp]>([
    ['a repository', { huggingface: { repository: '../..', path: 'a' } }, /^"\.\.\/\.\." is no id of a repository/],
    ['a repository that begins like a path', { huggingface: { repository: './name', path: 'a' } }, /is no id of a/],
    ['three levels', { huggingface: { repository: 'a/b/c', path: 'a' } }, /is no id of a repository/],
    [
      'a path',
      { huggingface: { repository: 'a/b', path: '../../../x' } },
      /^"\.\.\/\.\.\/\.\.\/x" is no path within a\/b/,
    ],
    ['a path of the root', { huggingface: { repository: 'a/b', path: '/etc/passwd' } }, /is no path within a\/b/],
    ['a path of Windows', { huggingface: { repository: 'a/b', path: 'a\\..\\b' } }, /is no path within a\/b/],
    ['a revision', { huggingface: { repository: 'a/b', path: 'a', revision: '..' } }, /^"\.\." is no revision of a\/b/],
  ])('%s that leads out of the cache', async (_what, places, message) => {
    await expect(get({ of: { kind: 'models', places } })).rejects.toThrow(message)
    expect(server().seen).toEqual([])
  })

  test('a revision that is a path stays one directory', async () => {
    server().files.set('models/a/b/refs/pr/1/c.json', { bytes })
    const places = { huggingface: { repository: 'a/b', path: 'c.json', revision: 'refs/pr/1' } }
    expect(await get({ of: { kind: 'models', places } })).toBe(
      join(cache(), 'huggingface/models/a/b/refs--pr--1/c.json'),
    )
    expect(server().seen[0]?.url).toBe('/a/b/resolve/refs%2Fpr%2F1/c.json')
  })
})

describe('trouble', () => {
  test('a server in trouble is asked three times', async () => {
    serve({ refuses: { status: 503, times: 2 } })
    expect(readFileSync(await get()).equals(bytes)).toBe(true)
    expect(server().seen.map(({ statusCode }) => statusCode)).toEqual([503, 503, 200])
  })

  test('and not a fourth time', async () => {
    serve({ refuses: { status: 503 } })
    expect((await errorOf()).summary).toMatch(/ cannot be had from Hugging Face \(HTTP 503, stand-in says 503\)$/)
    expect(server().seen).toHaveLength(3)
  })

  test('a host that does not listen is named', async () => {
    const { url } = server()
    await server().close()
    const { summary } = await errorOf()
    expect(summary).toBe(
      `data/file.jsonl of owner/name cannot be had from Hugging Face (connect ECONNREFUSED ${url.slice(7)})`,
    )
  })

  test.each([
    ['ENOTFOUND', false],
    ['EAI_AGAIN', true],
    ['ECONNRESET', true],
  ])('%s may pass: %s', (code, mayPass) => {
    const error = Object.assign(new Error(`getaddrinfo ${code} hub.test`), { code, syscall: 'getaddrinfo' })
    expect(toDownloadFailure(error)).toMatchObject({ kind: 'network', message: error.message, mayPass })
  })

  test('a silent server is left after the time it gets', async () => {
    serve({ halfway: new Promise(() => undefined) })
    const patience = { answerMs: 5000, idleMs: 100, pausesMs: [] }
    expect((await errorOf({ patience })).summary).toMatch(/\(the server stopped sending\)$/)
    const silent = await startRawServer(() => undefined)
    serve({ redirectTo: new URL(silent.url).origin })
    const { summary } = await errorOf({ patience: { ...patience, answerMs: 200 } })
    await silent.close()
    expect(summary).toMatch(/\(no answer within 0\.2 s\)$/)
  })

  test('nothing is left of a file that was never there', async () => {
    await errorOf()
    expect(readdirSync(cache())).toEqual([])
  })

  test('a cache that cannot be written is named', async () => {
    serve()
    writeFileSync(join(cache(), 'huggingface'), '')
    const { message } = await errorOf()
    expect(message).toMatch(/file\.jsonl cannot be written \(.*\); make room, or name a directory in EVALSCOPE_CACHE$/)
  })

  test('a mirror that is no URL is refused without repeating it', async () => {
    const error = get({ env: { HF_ENDPOINT: 'user:secret@mirror' } })
    await expect(error).rejects.toThrow('HF_ENDPOINT is no http or https URL; correct or unset it')
  })

  test('what goes through a proxy goes there without the token of its own', async () => {
    serve()
    const proxy = await startProxy(Number(new URL(server().url).port))
    const env = { HF_ENDPOINT: 'http://hub.test', HTTP_PROXY: proxy.url, HF_TOKEN: 'secret-1' }
    expect(readFileSync(await get({ env })).equals(bytes)).toBe(true)
    await proxy.close()
    expect(proxy.seen.map(({ line }) => line)).toEqual([
      'GET http://hub.test/datasets/owner/name/resolve/main/data/file.jsonl',
    ])
  })
})
