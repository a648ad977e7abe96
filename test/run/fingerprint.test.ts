import { createHash } from 'node:crypto'
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { fingerprint } from '../../src/run/fingerprint.ts'

let root = ''
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'evalscope-print-'))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

const { signal } = new AbortController()
const print = (name = '', only: readonly string[] = []) => fingerprint(join(root, name), { signal, only })

const write = (name: string, text: string): void => writeFileSync(join(root, name), text)

/** A file with holes, which takes no room, of 101 MiB. */
const writeLarge = (name: string, changes: Readonly<Record<number, string>>): void => {
  write(name, '')
  truncateSync(join(root, name), 101 * 2 ** 20)
  const file = openSync(join(root, name), 'r+')
  for (const [place, text] of Object.entries(changes)) writeSync(file, text, Number(place))
  closeSync(file)
  utimesSync(join(root, name), 1, 1)
}

describe('the fingerprint', () => {
  test('of a file is its size and the SHA-256 that any tool gives', async () => {
    write('a', 'hello\n')
    expect(await print('a')).toEqual({ bytes: 6, sha256: createHash('sha256').update('hello\n').digest('hex') })
  })

  test('of a file above 100 MiB is that of its ends, its size and its time', async () => {
    writeLarge('a', {})
    const first = await print('a')
    expect(first).toMatchObject({ bytes: 101 * 2 ** 20, modified_at: '1970-01-01T00:00:01.000Z' })
    expect(first).not.toHaveProperty('sha256')
    writeLarge('a', { [50 * 2 ** 20]: 'unseen' })
    expect(await print('a')).toEqual(first)
    writeLarge('a', { [2 ** 20 - 1]: 'x' })
    expect((await print('a'))?.sha256_of_ends).not.toBe(first?.sha256_of_ends)
    writeLarge('a', { [100 * 2 ** 20]: 'x' })
    expect((await print('a'))?.sha256_of_ends).not.toBe(first?.sha256_of_ends)
  })

  test('of a directory changes with a name, a content, and nothing else', async () => {
    mkdirSync(join(root, 'deep'))
    write('a', '1')
    write('deep/b', '2')
    const first = await print()
    expect(first).toMatchObject({ files: 2, bytes: 2, sha256: expect.any(String) })
    utimesSync(join(root, 'a'), 1, 1)
    expect(await print()).toEqual(first)
    write('deep/b', '3')
    const second = await print()
    write('deep/b', '2')
    write('c', '')
    const third = await print()
    expect(new Set([first, second, third].map(each => each?.sha256)).size).toBe(3)
  })

  test('of a directory in which some files are looked for is that of these', async () => {
    write('tokenizer.json', '{}')
    const first = await print('', ['tokenizer.json', 'other.json'])
    write('model.bin', 'gigabytes')
    expect(await print('', ['tokenizer.json', 'other.json'])).toEqual(first)
    expect(await print('', ['other.json'])).toMatchObject({ files: 2 })
  })

  test('of a directory of links, as downloads are, is that of the files they lead to', async () => {
    mkdirSync(join(root, 'blobs'))
    mkdirSync(join(root, 'links'))
    mkdirSync(join(root, 'files'))
    for (const [name, text] of Object.entries({ a: '1', b: '22' })) {
      write(`blobs/${name}`, text)
      write(`files/${name}`, text)
      symlinkSync(`../blobs/${name}`, join(root, 'links', name))
    }
    // Links that lead to no file, one of them to where it stands.
    symlinkSync('../nowhere', join(root, 'links', 'broken'))
    symlinkSync('round', join(root, 'links', 'round'))
    symlinkSync('.', join(root, 'links', 'itself'))
    const first = await print('links')
    expect(first).toMatchObject({ files: 2, bytes: 3 })
    expect(first).toEqual(await print('files'))
    write('blobs/b', '23')
    expect((await print('links'))?.sha256).not.toBe(first?.sha256)
  })

  test('is none of what cannot be read, which ends nothing', async () => {
    expect(await print('not there')).toBeUndefined()
  })

  test('ends with the benchmark', async () => {
    write('a', 'hello')
    await expect(fingerprint(join(root, 'a'), { signal: AbortSignal.abort() })).rejects.toThrow()
  })
})
