import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { ArgumentsError } from '../../src/errors.ts'
import { clearmlCredentials, swanlabCredentials, wandbCredentials } from '../../src/visualizers/credentials.ts'
import { hoconTexts } from '../../src/visualizers/hocon.ts'
import { netrcPassword } from '../../src/visualizers/netrc.ts'

const HOME = mkdtempSync(join(tmpdir(), 'evalscope-keys-'))
afterAll(() => rmSync(HOME, { recursive: true, force: true }))

const noFlags = { key: undefined, host: undefined }

describe('without a key one line says where it is looked for', () => {
  const empty = { HOME: join(HOME, 'nobody') }
  test.each([
    ['wandb', () => wandbCredentials(undefined, empty), /needs a key: set WANDB_API_KEY, or .*api\.wandb\.ai.*netrc/],
    ['swanlab', () => swanlabCredentials(noFlags, empty), /needs a key: set SWANLAB_API_KEY/],
    ['clearml', () => clearmlCredentials(empty), /needs keys: set CLEARML_API_ACCESS_KEY .*clearml\.conf/],
  ])('%s', (name, find, line) => {
    expect(find).toThrow(ArgumentsError)
    expect(find).toThrow(new RegExp(`^--visualizer ${name} `))
    expect(find).toThrow(line)
  })
})

describe('wandb', () => {
  test('a flag wins over the environment, which wins over ~/.netrc of its host', () => {
    writeFileSync(join(HOME, '.netrc'), 'machine api.wandb.ai\n  login user\n  password from-netrc\n')
    expect(wandbCredentials('flag', { HOME, WANDB_API_KEY: 'env' })).toEqual({
      host: 'https://api.wandb.ai',
      key: 'flag',
    })
    expect(wandbCredentials(undefined, { HOME, WANDB_API_KEY: ' env\n' }).key).toBe('env')
    expect(wandbCredentials(undefined, { HOME }).key).toBe('from-netrc')
    expect(() => wandbCredentials(undefined, { HOME, WANDB_BASE_URL: 'http://127.0.0.1:8080/' })).toThrow(
      /127.0.0.1:8080/,
    )
  })

  test('what is to stay offline is not sent', () => {
    expect(() => wandbCredentials('key', { WANDB_MODE: 'offline' })).toThrow(/WANDB_MODE is offline/)
  })

  test('a base URL that is none, and a key that no header can hold, are named without secrets', () => {
    expect(() => wandbCredentials('key', { WANDB_BASE_URL: 'me:pw@host' })).toThrow(
      /WANDB_BASE_URL must be like .*got \*+@host$/,
    )
    expect(() => wandbCredentials('two words', {})).toThrow(/^the key of wandb must be one word/)
  })
})

test('swanlab reads what its own tool has left, by host', () => {
  mkdirSync(join(HOME, '.swanlab'))
  writeFileSync(
    join(HOME, '.swanlab', '.netrc'),
    'machine https://api.swanlab.cn/api\n\tlogin https://swanlab.cn\n\tpassword left\n',
  )
  expect(swanlabCredentials(noFlags, { HOME, SWANLAB_WORKSPACE: 'team' })).toEqual({
    ...{ host: 'https://swanlab.cn', key: 'left', workspace: 'team' },
  })
  expect(() => swanlabCredentials(noFlags, { HOME, SWANLAB_HOST: 'https://own' })).toThrow(/needs a key/)
  const own = swanlabCredentials({ key: 'k', host: 'http://flag:8000/' }, { SWANLAB_HOST: 'https://env' })
  expect(own).toEqual({ host: 'http://flag:8000', key: 'k' })
})

test('clearml reads its file, and the environment wins', () => {
  writeFileSync(
    join(HOME, 'clearml.conf'),
    `# ClearML SDK configuration file
api {
    # web_server on port 8080
    web_server: http://127.0.0.1:8080
    api_server: http://127.0.0.1:8008   // not the pages
    credentials { "access_key" = "ACCESS", "secret_key" = "SE\\"CRET" }
}
sdk { storage { cache { default_base_dir: "~/.clearml/cache" } } }
`,
  )
  const found = { host: 'http://127.0.0.1:8008', pages: 'http://127.0.0.1:8080', key: 'ACCESS', secret: 'SE"CRET' }
  expect(clearmlCredentials({ HOME })).toEqual(found)
  const env = { HOME, CLEARML_API_HOST: 'https://h/', CLEARML_API_ACCESS_KEY: 'a', CLEARML_API_SECRET_KEY: 'b' }
  expect(clearmlCredentials(env)).toEqual({ ...found, host: 'https://h', key: 'a', secret: 'b' })
  const nobody = { ...env, HOME: '/nonexistent' }
  expect(clearmlCredentials({ ...nobody, CLEARML_API_HOST: '' })).toMatchObject({
    ...{ host: 'https://api.clear.ml', pages: 'https://app.clear.ml' },
  })
  // Of a server of one's own nobody knows where its pages are.
  expect(clearmlCredentials(nobody).pages).toBeUndefined()
})

test.each([
  ['machine a login u password p', 'p'],
  ['machine b password q machine a password p', 'p'],
  ['default login u password q', undefined],
  ['# machine a password q\nmachine a password "p"', 'p'],
  ['macdef init\nmachine a password q\n\nmachine a password p', 'p'],
  ['machine a login password password p', 'p'],
  ['machine a', undefined],
  ['', undefined],
])('netrc: %j', (text, password) => {
  expect(netrcPassword(text, ['a'])).toBe(password)
})

test.each([
  ['api.credentials.access_key: "k"'],
  ['api.credentials { access_key = k }'],
  ['{"api": {"credentials": {"other": 1, "access_key": "k"}}}'],
  ['api = {\n list: [{x: 1}, "b"]\n credentials: {access_key: """k"""}\n}'],
  ['api { credentials { access_key: old } }\napi { credentials { access_key: k } }'],
  ['include "other"\napi { flag: true, credentials { access_key = k # the key\n } }'],
])('hocon: %j', text => {
  expect(hoconTexts(text).get('api.credentials.access_key')).toBe('k')
})

const variable = (name: string): string => `$\{${name}}`

test('hocon: a variable stays what it is, for who knows the environment', () => {
  expect(hoconTexts(`api { api_server: ${variable('HOST_OF_IT')} }`).get('api.api_server')).toBe(variable('HOST_OF_IT'))
  const conf = join(HOME, 'other.conf')
  writeFileSync(conf, `api { credentials { access_key: ${variable('A')}, secret_key: "b" } }`)
  expect(clearmlCredentials({ HOME, CLEARML_CONFIG_FILE: conf, A: 'from-env' }).key).toBe('from-env')
})
