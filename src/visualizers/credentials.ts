import { readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import type { Environment } from '../arguments/endpoint.ts'
import { maskUrl } from '../arguments/secrets.ts'
import { ArgumentsError } from '../errors.ts'
import { hoconTexts } from './hocon.ts'
import { netrcPassword } from './netrc.ts'

/** Where SwanLab is, unless a server of one's own is named. */
export const usualSwanlabHost = 'https://swanlab.cn'

/** Where a service is, and what it knows us by. */
export interface Credentials {
  /** Without a slash at the end. */
  readonly host: string
  readonly key: string
  /** Of ClearML: the other half of the key. */
  readonly secret?: string
  /** Of ClearML: where its pages are. */
  readonly pages?: string
  /** Of SwanLab: the team that the run is to belong to, if not the key's owner. */
  readonly workspace?: string
}

/** Key of W&B: the flag, WANDB_API_KEY, or what `wandb login` has left. Throws `ArgumentsError` where there is none. */
export const wandbCredentials = (given: string | undefined, env: Environment): Credentials => {
  const host = hostOf(env.WANDB_BASE_URL || 'https://api.wandb.ai', 'WANDB_BASE_URL')
  const mode = env.WANDB_MODE ?? 'online'
  if (['offline', 'dryrun', 'disabled'].includes(mode)) {
    throw new ArgumentsError(
      `WANDB_MODE is ${mode}, and figures would be sent all the same; unset it, or leave out --visualizer wandb`,
    )
  }
  const key = given || env.WANDB_API_KEY || netrcKey([new URL(host).host, new URL(host).hostname], env)
  if (key) return { host, key: oneLine(key, 'the key of wandb') }
  throw new ArgumentsError(
    `--visualizer wandb needs a key: set WANDB_API_KEY, or let "wandb login" put one for ${new URL(host).host} into ~/.netrc`,
  )
}

/** Key of SwanLab: the flag, SWANLAB_API_KEY, or what `swanlab login` has left. Throws `ArgumentsError` as above. */
export const swanlabCredentials = (
  { key: givenKey, host: givenHost }: { readonly key: string | undefined; readonly host: string | undefined },
  env: Environment,
): Credentials => {
  const host = hostOf(givenHost || env.SWANLAB_HOST || env.SWANLAB_WEB_HOST || usualSwanlabHost, 'SWANLAB_HOST')
  const own = join(env.SWANLAB_SAVE_DIR || join(homeOf(env), '.swanlab'), '.netrc')
  const { hostname } = new URL(host)
  const key = givenKey || env.SWANLAB_API_KEY || netrcPassword(textOf(own), machinesOf(host, hostname))
  const workspace = env.SWANLAB_WORKSPACE || undefined
  if (key) return { host, key: oneLine(key, 'the key of swanlab'), ...(workspace && { workspace }) }
  throw new ArgumentsError('--visualizer swanlab needs a key: set SWANLAB_API_KEY, or run "swanlab login"')
}

/** Keys of ClearML: CLEARML_API_ACCESS_KEY and CLEARML_API_SECRET_KEY, or ~/clearml.conf. Throws as above. */
export const clearmlCredentials = (env: Environment): Credentials => {
  const file = env.CLEARML_CONFIG_FILE || join(homeOf(env), 'clearml.conf')
  const settings = hoconTexts(textOf(file))
  const setting = (name: string): string | undefined => withVariables(settings.get(`api.${name}`), env)
  const host = hostOf(env.CLEARML_API_HOST || setting('api_server') || 'https://api.clear.ml', 'CLEARML_API_HOST')
  const usualPages = host === 'https://api.clear.ml' ? 'https://app.clear.ml' : undefined
  const pages = (env.CLEARML_WEB_HOST || setting('web_server') || usualPages)?.replace(/\/+$/, '')
  const key = env.CLEARML_API_ACCESS_KEY || setting('credentials.access_key')
  const secret = env.CLEARML_API_SECRET_KEY || setting('credentials.secret_key')
  if (key && secret) {
    return {
      host,
      ...(pages && { pages }),
      key: oneLine(key, 'a key of clearml'),
      secret: oneLine(secret, 'a key of clearml'),
    }
  }
  throw new ArgumentsError(
    '--visualizer clearml needs keys: set CLEARML_API_ACCESS_KEY and CLEARML_API_SECRET_KEY (and CLEARML_API_HOST ' +
      'for a server of your own), or let "clearml-init" write ~/clearml.conf',
  )
}

const homeOf = (env: Environment): string => env.HOME || homedir()

const netrcKey = (machines: readonly string[], env: Environment): string | undefined => {
  const home = homeOf(env)
  const files = env.NETRC ? [env.NETRC] : [join(home, '.netrc'), join(home, '_netrc')]
  for (const file of files) {
    const key = netrcPassword(textOf(file), machines)
    if (key !== undefined) return key
  }
  return undefined
}

/** SwanLab's tool names machines by whole URLs. */
const machinesOf = (host: string, hostname: string): readonly string[] => [
  ...[host, `${host}/api`, hostname, `api.${hostname}`, `https://api.${hostname}`, `https://api.${hostname}/api`],
]

/** Of a file that nobody can read nothing is known. */
const textOf = (path: string): string => {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

/** `${CLEARML_KEY}` and `${?CLEARML_KEY}` of a file stand for a variable. */
const withVariables = (text: string | undefined, env: Environment): string | undefined =>
  text?.replace(/\$\{\??([^}]*)\}/g, (_, name: string) => env[name.trim()] ?? '')

const hostOf = (given: string, variable: string): string => {
  const url = given.trim().replace(/\/+$/, '')
  if (/^https?:\/\//i.test(url) && URL.canParse(url)) return url
  throw new ArgumentsError(`${variable} must be like https://host, got ${maskUrl(given)}`)
}

const oneLine = (key: string, what: string): string => {
  const trimmed = key.trim()
  if (/^[\x21-\x7e]+$/.test(trimmed)) return trimmed
  throw new ArgumentsError(`${what} must be one word of ASCII text; check its source`)
}
