import { setTimeout as sleep } from 'node:timers/promises'
import { knownSecrets } from '../arguments/known-secrets.ts'
import { maskWords } from '../arguments/secrets.ts'
import type { DownloadProgress, HubFile } from '../model/hub-file.ts'
import { type HubAccess, tokenFor } from './access.ts'
import { cachePath, isFile } from './cache.ts'
import { download } from './download.ts'
import { DownloadFailure } from './failure.ts'
import { failedError, offlineError, unknownError, type Wanted } from './hub-file-error.ts'
import { endpointOf, hubs } from './hubs.ts'

/** How long a hub is waited for, and how often it is asked. */
export interface Patience {
  /** Longest wait for the head of an answer, redirects included. */
  readonly answerMs: number
  /** Longest silence within a body. */
  readonly idleMs: number
  /** Before the second try, the third …; as many more tries as there are pauses. */
  readonly pausesMs: readonly number[]
}

/** How a file is waited for. */
export interface GetOptions {
  /** Ends a download; what has come is kept. */
  readonly signal: AbortSignal
  readonly onProgress?: (progress: DownloadProgress) => void
  readonly patience?: Patience
}

const usualPatience: Patience = { answerMs: 30_000, idleMs: 30_000, pausesMs: [1000, 3000] }

/**
 * The path of a file of a hub: in the cache, where it is downloaded to when it is not there yet. One that is there is
 * never asked for again. Throws `HubFileError` when it cannot be had, and the reason of the signal.
 */
export const getHubFile = async (file: HubFile, access: HubAccess, options: GetOptions): Promise<string> => {
  const cached = await findInCache(file, access)
  if (cached !== undefined) return cached
  const [first] = candidates(file, access)
  if (first === undefined) throw unknownError(file, access.source)
  if (access.offline !== undefined) throw offlineError(first, access.offline)
  const token = await tokenFor(first.hub, access.env)
  try {
    await tryAgain(first, access, token, options)
    return first.path
  } catch (error) {
    if (!(error instanceof DownloadFailure)) throw error
    const words = maskWords(
      error.message,
      knownSecrets({ apiKey: token, urls: proxyVariables.map(name => access.env[name]) }),
    )
    throw failedError(first, error, inOneLine(words), token !== undefined)
  }
}

/** They may hold a password. */
const proxyVariables = ['HTTP_PROXY', 'HTTPS_PROXY', 'http_proxy', 'https_proxy']

/** Words that a server may have written, fit for a terminal. */
const inOneLine = (words: string): string => words.replace(/[\s\p{Cc}]+/gu, ' ').slice(0, 300)

/** The path of a file that is in the cache; undefined when it is not. */
export const findInCache = async (file: HubFile, access: HubAccess): Promise<string | undefined> => {
  for (const { path } of candidates(file, access)) if (await isFile(path)) return path
  return undefined
}

/** Where the file may be: at the hub that was chosen, or that of any hub on this machine. */
const candidates = (file: HubFile, { source, cacheDirectory }: HubAccess): readonly Wanted[] => {
  const names = source === 'local' ? (['modelscope', 'huggingface'] as const) : [source]
  return names.flatMap(name => {
    const given = file.places[name]
    if (given === undefined) return []
    const hub = hubs[name]
    const place = { ...given, revision: given.revision ?? hub.mainBranch }
    return [{ hub, file, place, path: cachePath(cacheDirectory, hub, file.kind, place) }]
  })
}

const tryAgain = async (
  { hub, file, place, path }: Wanted,
  { env }: HubAccess,
  token: string | undefined,
  { signal, onProgress = () => undefined, patience = usualPatience }: GetOptions,
): Promise<void> => {
  const { answerMs, idleMs, pausesMs } = patience
  const task = {
    url: hub.fileUrl(endpointOf(hub, env), file.kind, place),
    tokenHeaders: token === undefined ? {} : hub.tokenHeaders(token),
    file: path,
    refusalIn: hub.refusalIn,
    env,
    signal,
    answerMs,
    idleMs,
    onProgress,
  }
  for (const pauseMs of pausesMs) {
    signal.throwIfAborted()
    try {
      return await download(task)
    } catch (error) {
      if (!(error instanceof DownloadFailure) || !error.mayPass) throw error
    }
    await sleep(pauseMs, undefined, { signal }).catch(() => signal.throwIfAborted())
  }
  await download(task)
}
