import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Arguments } from '../../src/arguments/arguments.ts'
import { maskArguments, maskHeaders, maskJson, maskPlan, maskUrl } from '../../src/arguments/secrets.ts'
import { planSweep } from '../../src/plan/sweep.ts'

const mask = '**********'

const secretHeaders =
  'Authorization authorization AUTHORIZATION api-key x-api-key X-API-Key Proxy-Authorization Cookie set-cookie ' +
  'X-Auth-Token Ocp-Apim-Subscription-Key x-goog-api-key X-Secret'

test.each(secretHeaders.split(' '))('the header %s is masked', name => {
  expect(maskHeaders({ [name]: 'hidden' })).toEqual({ [name]: mask })
})

test.each(['content-type', 'x-request-id', 'user-agent', 'accept'])('the header %s is shown', name => {
  expect(maskHeaders({ [name]: 'text' })).toEqual({ [name]: 'text' })
})

test.each([
  ['http://h/v1?api-version=1&model=m', 'http://h/v1?api-version=1&model=m'],
  ['http://me:pass@h/v1', `http://${mask}@h/v1`],
  ['http://me@h/v1', `http://${mask}@h/v1`],
  ['http://me:p@ss@h/v1', `http://${mask}@h/v1`],
  ['me:pass@proxy:3128', `${mask}@proxy:3128`],
  ['http://h/v1?x=1&api_key=hidden#top', `http://h/v1?x=1&api_key=${mask}#top`],
  ['http://h/v1?access_token=hidden&sig=h', `http://h/v1?access_token=${mask}&sig=${mask}`],
  ['http://h/v1?api%5Fkey=hidden', `http://h/v1?api%5Fkey=${mask}`],
  ['http://h/v1?%zz=1&key=hidden', `http://h/v1?%zz=1&key=${mask}`],
  ['http://h/@me?mail=a@b', 'http://h/@me?mail=a@b'],
])('%s is shown as %s', (url, shown) => {
  expect(maskUrl(url)).toBe(shown)
})

test('text under secret names is masked at any depth, numbers and the like are not', () => {
  const body = { max_tokens: 5, nested: [{ api_key: 'hidden', stop_token_ids: [1] }], callback: 'http://a:b@h/' }
  expect(maskJson(body)).toEqual({
    max_tokens: 5,
    nested: [{ api_key: mask, stop_token_ids: [1] }],
    callback: `http://${mask}@h/`,
  })
})

describe('arguments for the files', () => {
  test('have the names of the original, null for what was not given, and the seed that was used', () => {
    const args = new Arguments({ url: 'http://h/v1', tokenizerPath: './my-model', maxTokens: [1, 9], stop: ['x'] })
    const shown = maskArguments(args)
    expect(shown).toMatchObject({
      url: 'http://h/v1',
      tokenizer_path: './my-model',
      api_key: null,
      max_tokens: [1, 9],
      min_tokens: null,
      stop: ['x'],
      seed: args.runSeed,
      no_test_connection: false,
    })
    expect(JSON.parse(JSON.stringify(shown))).toEqual(shown)
  })

  test('show an output limit that is no range as one number', () => {
    expect(maskArguments(new Arguments({ url: 'http://h', maxTokens: 7 }))).toHaveProperty('max_tokens', 7)
  })
})

const secretText = fc.stringMatching(/^[A-Za-z0-9_-]{12,40}$/)
const secretHeader = fc.constantFrom('Authorization', 'x-API-key', 'API-KEY', 'cookie', 'X-Access-Token')

test('no secret leaks from arguments or plans, wherever it stands', () => {
  fc.assert(
    fc.property(secretText, secretText, secretHeader, (key, other, header) => {
      fc.pre(key !== other)
      const args = new Arguments({
        url: `http://user:${other}@h:8000/v1?token=${other}&x=${key}`,
        apiKey: key,
        headers: { [header]: other, 'X-Note': `with ${key} inside` },
        extraArgs: { deep: [{ note: key, password: other }] },
        queryTemplate: { user: key, auth: other },
        prompt: `say ${key}`,
      })
      const facts = {
        url: args.values.url as string,
        model: 'm',
        api: { endpoints: [] },
        dataset: {},
        env: {},
        cores: 1,
      }
      const plans = planSweep(args, { ...facts, env: { HTTP_PROXY: `http://me:${other}@proxy` } })
      const written = JSON.stringify([maskArguments(args), plans.map(plan => maskPlan(plan, [key]))])
      expect(JSON.stringify(plans)).toContain(key)
      expect(written).not.toContain(key)
      expect(written).not.toContain(other)
    }),
  )
})

test('a key from the environment is masked when it is named', () => {
  const args = new Arguments({ url: 'http://h', headers: { 'X-Note': 'env-secret' } })
  expect(JSON.stringify(maskArguments(args, ['env-secret']))).not.toContain('env-secret')
})
