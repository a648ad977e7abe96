import { mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll } from 'vitest'
import { type TinyModelOptions, writeTinyModel } from './tiny-model.ts'

const packages = fileURLToPath(new URL('node_modules', import.meta.url))

/** Directories for the tests of one file, removed after the last of them. */
export const createPlaces = () => {
  const root = mkdtempSync(join(tmpdir(), 'evalscope-local-'))
  afterAll(() => rmSync(root, { recursive: true, force: true }))
  const fresh = (): string => mkdtempSync(join(root, 'place-'))
  return {
    /** An empty one. */
    fresh,
    /** One in which @huggingface/transformers is installed, as in a project of a user. */
    project: (): string => {
      const directory = fresh()
      symlinkSync(packages, join(directory, 'node_modules'))
      return directory
    },
    /** One with a tiny model. */
    model: (options?: TinyModelOptions): string => writeTinyModel(fresh(), options),
  }
}

/** A port that was free a moment ago. */
export const freePort = (): Promise<number> =>
  new Promise(resolve => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo
      server.close(() => resolve(port))
    })
  })
