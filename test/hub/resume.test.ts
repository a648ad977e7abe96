import { getEventListeners } from 'node:events'
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { HubFileError } from '../../src/hub/hub-file-error.ts'
import { newPartial } from '../../src/hub/partial.ts'
import type { DownloadProgress } from '../../src/model/hub-file.ts'
import { type ServedFile, sha256 } from '../support/hub-server.ts'
import { waitUntil } from '../support/wait.ts'
import { bytes, createWorkbench } from './workbench.ts'

const { server, cached, filesInCache, serve, get, errorOf } = createWorkbench()

describe('goes on', () => {
  test('in the next process, when the first was stopped', async () => {
    serve({ cuts: 1 })
    await errorOf({ patience: { answerMs: 5000, idleMs: 5000, pausesMs: [] } })
    expect(filesInCache()).toEqual([expect.stringMatching(/^file\.jsonl\..*\.free\.partial$/)])
    expect(readFileSync(await get()).equals(bytes)).toBe(true)
    expect(server().seen[1]).toMatchObject({ statusCode: 206, headers: { range: 'bytes=99999-' } })
  })

  test('after a process that was killed, and not while it is at work', async () => {
    serve()
    const etag = `"${sha256(bytes).slice(0, 16)}"`
    const tag = Buffer.from(etag).toString('base64url')
    const alive = newPartial(cached(), etag).path
    mkdirSync(dirname(alive), { recursive: true })
    writeFileSync(alive, bytes.subarray(0, 150_000))
    // No process has this number.
    writeFileSync(alive.replace(`-${process.pid}-`, '-2147483647-'), bytes.subarray(0, 50_000))
    writeFileSync(`${cached()}.${tag}.elsewhere-1-ab.partial`, bytes.subarray(0, 180_000))
    expect(readFileSync(await get()).equals(bytes)).toBe(true)
    expect(server().seen.map(({ headers }) => headers.range)).toEqual(['bytes=49999-'])
    expect(filesInCache().filter(name => name.endsWith('.partial'))).toHaveLength(2)
  })

  test('where only the name was missing, with one byte', async () => {
    serve({ etag: '"1"' })
    const left = newPartial(cached(), '"1"').path.replace(`-${process.pid}-`, '-2147483647-')
    mkdirSync(dirname(left), { recursive: true })
    writeFileSync(left, bytes)
    expect(readFileSync(await get()).equals(bytes)).toBe(true)
    expect(server().seen.map(({ statusCode, headers }) => [statusCode, headers.range])).toEqual([
      [206, 'bytes=199999-'],
    ])
  })

  test('from the start where more is left than the file has', async () => {
    serve({ etag: '"1"' })
    const left = newPartial(cached(), '"1"').path.replace(`-${process.pid}-`, '-2147483647-')
    mkdirSync(dirname(left), { recursive: true })
    writeFileSync(left, Buffer.concat([bytes, bytes]))
    expect(readFileSync(await get()).equals(bytes)).toBe(true)
    expect(server().seen.map(({ statusCode }) => statusCode)).toEqual([416, 200])
    expect(filesInCache()).toEqual(['file.jsonl'])
  })

  test('with what is hours old, whoever has left it', async () => {
    serve({ etag: '"1"' })
    const left = `${cached()}.${Buffer.from('"1"').toString('base64url')}.elsewhere-1-ab.partial`
    mkdirSync(dirname(left), { recursive: true })
    writeFileSync(left, bytes.subarray(0, 50_000))
    const longAgo = new Date(Date.now() - 7 * 3600 * 1000)
    utimesSync(left, longAgo, longAgo)
    expect(readFileSync(await get()).equals(bytes)).toBe(true)
    expect(server().seen.map(({ headers }) => headers.range)).toEqual(['bytes=49999-'])
    expect(filesInCache()).toEqual(['file.jsonl'])
    // Nor does it stay beside a file that needs no download any more.
    writeFileSync(left, bytes)
    utimesSync(left, longAgo, longAgo)
    await get()
    expect(filesInCache()).toEqual(['file.jsonl'])
  })

  test('as often as it takes, while each time gets further', async () => {
    serve({ cuts: 8 })
    expect(readFileSync(await get()).equals(bytes)).toBe(true)
    expect(server().seen).toHaveLength(9)
  })

  test('when it is started again, and says so', async () => {
    serve({ cuts: 1 })
    const patience = { answerMs: 5000, idleMs: 5000, pausesMs: [] }
    const { advice } = await errorOf({ patience })
    expect(advice[0]).toBe('start again, which goes on where this has ended')
    serve({ cuts: 2, etag: 'W/"1"' })
    rmSync(dirname(cached()), { recursive: true })
    expect((await errorOf({ patience })).advice).toEqual(['try --data-source modelscope'])
  })

  test('from the start where the server does not know ranges', async () => {
    serve({ cuts: 1, ignoresRange: true })
    expect(readFileSync(await get()).equals(bytes)).toBe(true)
    expect(server().seen.map(({ statusCode }) => statusCode)).toEqual([200, 200])
    expect(filesInCache()).toEqual(['file.jsonl'])
  })

  test('from the start where the file has changed', async () => {
    serve({ cuts: 1 })
    await errorOf({ patience: { answerMs: 5000, idleMs: 5000, pausesMs: [] } })
    const changed = Buffer.from('changed '.repeat(20_000))
    serve({ bytes: changed })
    expect(readFileSync(await get()).equals(changed)).toBe(true)
    expect(filesInCache()).toEqual(['file.jsonl'])
  })

  test('from the start where only a weak ETag tells the version', async () => {
    serve({ cuts: 1, etag: 'W/"1"' })
    expect(readFileSync(await get()).equals(bytes)).toBe(true)
    expect(server().seen.map(({ headers }) => headers.range)).toEqual([undefined, undefined])
  })
})

describe('at once', () => {
  test('two downloads of a file do each other no harm', async () => {
    let release: () => void = () => undefined
    serve({ halfway: new Promise(resolve => (release = resolve)) })
    const both = Promise.all([get(), get()])
    await waitUntil(() => filesInCache().length === 2)
    release()
    const [one, other] = await both
    expect(one).toBe(other)
    expect(readFileSync(one).equals(bytes)).toBe(true)
    expect(filesInCache()).toEqual(['file.jsonl'])
  })

  /** The path of the partial file, when half of it has come. */
  const halfDone = async (): Promise<string> => {
    await waitUntil(() => filesInCache().length === 1)
    const path = join(dirname(cached()), filesInCache()[0] ?? '')
    await waitUntil(() => readFileSync(path).length === bytes.length / 2)
    return path
  }

  test.each([
    ['the rest that is still to come', 0, undefined],
    ['more than the file has', bytes.length, '250000 bytes came, and the hub says it has 200000'],
  ])('a writer that nobody knows of may write %s', async (_what, zeros, why) => {
    let release: () => void = () => undefined
    serve({ halfway: new Promise(resolve => (release = resolve)) })
    const getting = get().catch((error: HubFileError) => error.summary)
    const path = await halfDone()
    if (zeros > 0) truncateSync(path, zeros)
    appendFileSync(path, Buffer.alloc(50_000, '?'))
    release()
    const outcome = await getting
    if (why === undefined) expect(readFileSync(outcome).equals(bytes)).toBe(true)
    else expect(outcome).toBe(`data/file.jsonl of owner/name cannot be had from Hugging Face (${why})`)
    expect(filesInCache()).toEqual(why === undefined ? ['file.jsonl'] : [])
  })

  test('what another took over and brought is not downloaded again', async () => {
    let release: () => void = () => undefined
    serve({ halfway: new Promise(resolve => (release = resolve)) })
    const getting = get()
    rmSync(await halfDone())
    writeFileSync(cached(), bytes)
    release()
    expect(await getting).toBe(cached())
    expect(server().seen).toHaveLength(1)
  })

  test('a stop ends a download at once and keeps what has come', async () => {
    serve({ halfway: new Promise(() => undefined) })
    const stopping = new AbortController()
    const reason = new Error('stopped by the user')
    const onProgress = ({ doneBytes }: DownloadProgress): void => {
      if (doneBytes === bytes.length / 2) stopping.abort(reason)
    }
    await expect(get({ signal: stopping.signal, onProgress })).rejects.toBe(reason)
    expect(filesInCache()).toEqual([expect.stringMatching(/\.free\.partial$/)])
    serve()
    expect(readFileSync(await get()).equals(bytes)).toBe(true)
    expect(server().seen.at(-1)?.headers.range).toBe('bytes=99999-')
  })

  test('a stop between two tries ends them', async () => {
    serve({ refuses: { status: 503 } })
    const stopping = new AbortController()
    const getting = get({ signal: stopping.signal, patience: { answerMs: 5000, idleMs: 5000, pausesMs: [60_000] } })
    await waitUntil(() => server().seen.length === 1)
    stopping.abort(new Error('stopped'))
    await expect(getting).rejects.toThrow('stopped')
  })

  test('nothing of a download is left with who may stop it, be it had, refused, cut or damaged', async () => {
    const { signal } = new AbortController()
    const trouble: readonly Partial<ServedFile>[] = [{ refuses: { status: 404 } }, { linkedSize: 9 }, { cuts: 2 }]
    for (const served of trouble) {
      serve(served)
      await get({ signal }).catch(() => undefined)
    }
    expect(existsSync(cached())).toBe(true)
    expect(getEventListeners(signal, 'abort')).toHaveLength(0)
  })
})
