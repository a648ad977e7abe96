import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeEach, expect } from 'vitest'
import type { Environment } from '../../src/arguments/endpoint.ts'
import { hubAccess } from '../../src/hub/access.ts'
import { type GetOptions, getHubFile } from '../../src/hub/get-file.ts'
import { HubFileError } from '../../src/hub/hub-file-error.ts'
import type { DataSource, DownloadProgress, HubFile, HubName } from '../../src/model/hub-file.ts'
import { type HubServer, type ServedFile, startHubServer } from '../support/hub-server.ts'
import { waitUntil } from '../support/wait.ts'

/** What the file that is wanted holds, unless a test says otherwise. */
export const bytes = Buffer.from(Array.from({ length: 200_000 }, (_, index) => (index * 7919) % 251))

/** Where both hubs have it. */
export const place = { repository: 'owner/name', path: 'data/file.jsonl' }

/** What the stand-in calls it. */
export const keys: Readonly<Record<HubName, string>> = {
  huggingface: 'datasets/owner/name/main/data/file.jsonl',
  modelscope: 'datasets/owner/name/master/data/file.jsonl',
}

/** What a test asks for; by default that file from Hugging Face, with a new cache. */
export interface Asking extends Partial<GetOptions> {
  readonly source?: DataSource
  readonly env?: Environment
  readonly of?: HubFile
}

/** A stand-in for both hubs and an empty cache for each test of a file. */
export const createWorkbench = () => {
  const root = mkdtempSync(join(tmpdir(), 'hub-'))
  let server: HubServer
  let cache: string
  let readBytes = 0
  beforeEach(async () => {
    server = await startHubServer()
    cache = mkdtempSync(join(root, 'cache-'))
    readBytes = 0
  })
  afterEach(() => server.close())
  afterAll(() => rmSync(root, { recursive: true, force: true }))

  /** Connections that are cut take along what their reader has not read yet. */
  const hasRead = (count: number): Promise<void> => waitUntil(() => readBytes >= count)
  const file: HubFile = { kind: 'datasets', places: { huggingface: place, modelscope: place } }

  const get = ({ source = 'huggingface', env = {}, of = file, ...options }: Asking = {}): Promise<string> => {
    const endpoints = { HF_ENDPOINT: server.url, MODELSCOPE_ENDPOINT: server.url }
    const access = hubAccess(source, { HOME: root, EVALSCOPE_CACHE: cache, ...endpoints, ...env })
    const patience = { answerMs: 5000, idleMs: 5000, pausesMs: [1, 1] }
    const onProgress = (progress: DownloadProgress): void => {
      readBytes = progress.doneBytes
      options.onProgress?.(progress)
    }
    return getHubFile(of, access, { signal: new AbortController().signal, patience, ...options, onProgress })
  }

  return {
    /** Stays for all tests of the file. */
    root,
    server: () => server,
    cache: () => cache,
    /** Where the file is kept. */
    cached: (source: HubName = 'huggingface') => join(cache, source, keys[source]),
    /** Names of all files in the cache. */
    filesInCache: (): string[] =>
      readdirSync(cache, { withFileTypes: true, recursive: true })
        .filter(entry => entry.isFile())
        .map(entry => entry.name),
    /** Puts the file into the stand-in, under the names of both hubs. */
    serve: (served: Partial<ServedFile> = {}): void => {
      for (const key of Object.values(keys)) server.files.set(key, { bytes, hasRead, ...served })
    },
    get,
    /** The error that getting it ends with: one line without a secret. */
    errorOf: async (asking?: Asking): Promise<HubFileError> => {
      const error = await get(asking).catch((thrown: unknown) => thrown)
      expect(error).toBeInstanceOf(HubFileError)
      expect((error as Error).message).not.toMatch(/\n|secret/)
      return error as HubFileError
    },
  }
}
