import { setTimeout as sleep } from 'node:timers/promises'
import { knownSecrets } from '../arguments/known-secrets.ts'
import { maskWords } from '../arguments/secrets.ts'
import type { DownloadProgress, HubFile, HubName } from '../model/hub-file.ts'
import { type HubAccess, tokenFor } from './access.ts'
import { cachePath, isFile } from './cache.ts'
import { download } from './download.ts'
import { DownloadFailure } from './failure.ts'
import { failedError, offlineError, unknownError, type Wanted } from './hub-file-error.ts'
import { endpointOf, hubs } from './hubs.ts'
import { hasPartial, removeLeftovers } from './partial.ts'

/** How long a hub is waited for, and how often it is asked. */
export interface Patience {
  /** Longest wait for the head of an answer, redirects included. */
  readonly answerMs: number
  /** Longest silence within a body. */
  readonly idleMs: number
  /** Before the second try, the third …; as many more tries as there are pauses, and anew after each that got further. */
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
  if (cached !== undefined) {
    // Of others, who were killed while it came.
    await removeLeftovers(cached).catch(() => undefined)
    return cached
  }
  const [first] = candidates(file, access)
  if (first === undefined) throw unknownError(file, access.source)
  if (access.offline !== undefined) throw offlineError(first, access.offline)
  return fetchFile(first, access, options)
}

/** The paths of files that belong together, all from one hub: off the network, the one of which most are here. */
export const getHubFiles = async (
  files: readonly HubFile[],
  access: HubAccess,
  options: GetOptions,
): Promise<readonly string[]> => {
  const wanted = access.offline === undefined ? files : await fromFullest(files, access)
  const paths: string[] = []
  // One after the other: a hub is not asked for much at once.
  for (const file of wanted) paths.push(await getHubFile(file, access, options))
  return paths
}

/** The files as only that hub has them of which most are in the cache; as they are where none is. */
const fromFullest = async (files: readonly HubFile[], access: HubAccess): Promise<readonly HubFile[]> => {
  let fullest = { files, count: 0 }
  for (const name of hubsToTry(access)) {
    const ofHub = files.map(file => ({ ...file, places: { [name]: file.places[name] } }))
    const found = await Promise.all(ofHub.map(file => findInCache(file, access)))
    const count = found.filter(path => path !== undefined).length
    if (count > fullest.count) fullest = { files: ofHub, count }
  }
  return fullest.files
}

const fetchFile = async (wanted: Wanted, access: HubAccess, options: GetOptions): Promise<string> => {
  const token = await tokenFor(wanted.hub, access.env)
  try {
    await tryAgain(wanted, access, token, options)
    return wanted.path
  } catch (error) {
    if (!(error instanceof DownloadFailure)) throw error
    const words = maskWords(
      error.message,
      knownSecrets({ apiKey: token, urls: proxyVariables.map(name => access.env[name]) }),
    )
    const goesOn = error.kind === 'network' && (await hasPartial(wanted.path))
    throw failedError(wanted, error, { words: inOneLine(words), hasToken: token !== undefined, goesOn })
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

/** The hub that was chosen and, off the network, any other whose file is on this machine. */
const hubsToTry = ({ source, offline }: HubAccess): readonly HubName[] => {
  const chosen = source === 'local' ? [] : [source]
  return offline === undefined ? chosen : [...new Set([...chosen, 'modelscope', 'huggingface'] as const)]
}

/** Where the file may be. */
const candidates = (file: HubFile, access: HubAccess): readonly Wanted[] =>
  hubsToTry(access).flatMap(name => {
    const given = file.places[name]
    if (given === undefined) return []
    const hub = hubs[name]
    const place = { ...given, revision: given.revision ?? hub.mainBranch }
    return [{ hub, file, place, path: cachePath(access.cacheDirectory, hub, file.kind, place) }]
  })

const tryAgain = async (
  { hub, file, place, path }: Wanted,
  { env }: HubAccess,
  token: string | undefined,
  { signal, onProgress = () => undefined, patience = usualPatience }: GetOptions,
): Promise<void> => {
  const { answerMs, idleMs, pausesMs } = patience
  let doneBytes = 0
  const task = {
    url: hub.fileUrl(endpointOf(hub, env), file.kind, place),
    tokenHeaders: token === undefined ? {} : hub.tokenHeaders(token),
    file: path,
    refusalIn: hub.refusalIn,
    env,
    signal,
    answerMs,
    idleMs,
    onProgress: (progress: DownloadProgress): void => {
      doneBytes = Math.max(doneBytes, progress.doneBytes)
      onProgress(progress)
    },
  }
  let mostBytes = 0
  for (let tries = 0; ; tries++) {
    signal.throwIfAborted()
    try {
      return await download(task)
    } catch (error) {
      if (!(error instanceof DownloadFailure)) throw error
      // Another process has brought it meanwhile, perhaps with what was ours.
      if (await isFile(path)) return
      // However often a large file is cut: each time that gets further brings its end nearer.
      if (doneBytes > mostBytes) tries = 0
      mostBytes = doneBytes
      const pauseMs = pausesMs[tries]
      if (pauseMs === undefined || !error.mayPass) throw error
      await sleep(pauseMs, undefined, { signal }).catch(() => signal.throwIfAborted())
    }
  }
}
