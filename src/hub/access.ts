import { readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Environment } from '../arguments/endpoint.ts'
import { ArgumentsError } from '../errors.ts'
import type { DataSource } from '../model/hub-file.ts'
import type { Hub } from './hubs.ts'

/** How files are got: what flags and environment say about it. */
export interface HubAccess {
  readonly source: DataSource
  /** What keeps us off the network, as the user would know it: `HF_HUB_OFFLINE=1`. Undefined where nothing does. */
  readonly offline: string | undefined
  /** Holds all files that were downloaded, by hub, repository and revision. */
  readonly cacheDirectory: string
  /** Endpoints, tokens and proxies are looked up here when they are needed. */
  readonly env: Environment
}

/** The access that `--data-source` and the environment give. */
export const hubAccess = (source: DataSource, env: Environment): HubAccess => ({
  source,
  offline: whatForbids(source, env),
  cacheDirectory: cacheDirectoryOf(env),
  env,
})

const whatForbids = (source: DataSource, env: Environment): string | undefined => {
  if (source === 'local') return '--data-source local'
  const given = env.HF_HUB_OFFLINE?.trim() ?? ''
  return /^(1|on|yes|true)$/i.test(given) ? `HF_HUB_OFFLINE=${given}` : undefined
}

const userCache = (env: Environment): string => env.XDG_CACHE_HOME || join(env.HOME || homedir(), '.cache')

/** Where what is kept between benchmarks stands: EVALSCOPE_CACHE, else the user's cache directory. */
export const cacheDirectoryOf = (env: Environment): string =>
  resolve(env.EVALSCOPE_CACHE || join(userCache(env), 'evalscope'))

/** The user's token for a hub, from its environment variables or, for Hugging Face, the file that its login leaves. */
export const tokenFor = async (hub: Hub, env: Environment): Promise<string | undefined> => {
  const variable = hub.tokenVariables.find(name => env[name]?.trim())
  const given = variable === undefined ? await loginToken(hub, env) : env[variable]?.trim()
  if (!given) return undefined
  if (/^[\x21-\x7e]+$/.test(given)) return given
  throw new ArgumentsError(
    `the token in ${variable ?? 'the login file'} of ${hub.label} must be one word of ASCII text`,
  )
}

const loginToken = async (hub: Hub, env: Environment): Promise<string | undefined> => {
  if (hub.name !== 'huggingface') return undefined
  const file = env.HF_TOKEN_PATH || join(env.HF_HOME || join(userCache(env), 'huggingface'), 'token')
  return (await readFile(file, 'utf8').catch(() => '')).trim() || undefined
}
