import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Arguments } from '../../src/arguments/arguments.ts'
import { commandLineSecrets, knownSecrets } from '../../src/arguments/known-secrets.ts'
import { maskArguments, maskPlan } from '../../src/arguments/masked-arguments.ts'
import { maskHeaders, maskJson, maskQuoted, maskUrl, maskWords } from '../../src/arguments/secrets.ts'
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
  // No URL: where the password ends is anybody's guess.
  ['http://me:pa/ss@h/v1', `http://${mask}@h/v1`],
  ['http://me:p#ss@h/v1', `http://${mask}@h/v1`],
  ['me:pa/ss@proxy:3128', `${mask}@proxy:3128`],
  ['h:8000/v1?key=hidden', `h:8000/v1?key=${mask}`],
  ['http://h/v1?token=hid;den?more&x=1', `http://h/v1?token=${mask}&x=1`],
  ['http://h/v1?x=1;token=hidden', `http://h/v1?x=1;token=${mask}`],
  ['/login#access_token=hidden', `/login#access_token=${mask}`],
  ['/api/chat?code=hidden', `/api/chat?code=${mask}`],
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
      const written = JSON.stringify([maskArguments(args), plans.map(plan => maskPlan(plan))])
      expect(JSON.stringify(plans)).toContain(key)
      expect(written).not.toContain(key)
      expect(written).not.toContain(other)
    }),
  )
})

test.each(['max_tokens', 'tokenizer', 'stop_token_ids', 'eos_token', 'author', 'min_tokens'])(
  'the parameter %s is shown',
  name => {
    expect(maskJson({ [name]: 'text' })).toEqual({ [name]: 'text' })
  },
)

test.each(['backend_token', 'frontend-token', 'apikeys', 'passphrase', 'jwt', 'authorization'])(
  'all text below the name %s is masked',
  name => {
    expect(maskJson({ [name]: ['hidden', { value: 'hidden', tries: 3 }] })).toEqual({
      [name]: [mask, { value: mask, tries: 3 }],
    })
  },
)

describe('what is known to be secret', () => {
  const base64 = (text: string): string => Buffer.from(text).toString('base64').replace(/=+$/, '')

  test.each([
    ['a key', { apiKey: 'sk-1/2"3' }, ['sk-1/2"3', 'sk-1%2F2%223', 'sk-1/2\\"3', base64('sk-1/2"3')]],
    ['a header without its scheme', { headers: { Authorization: 'Bearer sk-123' } }, ['sk-123', base64('sk-123')]],
    ['user and password', { headers: { authorization: `Basic ${btoa('me:w0rd')}` } }, ['w0rd', 'me:w0rd']],
    ['each cookie', { headers: { Cookie: 'theme=dark; id=c00kie-value' } }, ['c00kie-value']],
    ['a URL', { urls: ['http://me:p%40ss@h/v1?sig=a%2Bb&x=shown'] }, ['p@ss', 'p%40ss', 'a+b', 'a%2Bb']],
    ['a URL without scheme', { urls: ['h:80/v1?key=hidden'] }, ['hidden']],
    ['a user without password', { urls: ['http://sk-123@h'] }, ['sk-123']],
    ['a body', { bodies: [{ deep: [{ api_key: ['k3y-of-body'] }] }] }, ['k3y-of-body']],
  ])('of %s', (_, places, expected) => {
    expect(knownSecrets(places)).toEqual(expect.arrayContaining(expected))
  })

  test.each([
    [{ apiKey: 'EMPTY' }],
    [{ apiKey: 'ollama' }],
    [{ apiKey: 'x' }],
    [{ headers: { Accept: 'text/plain' } }],
    [{ headers: { 'x-shown': 'value-of-it' } }],
    [{ bodies: [{ token: 'short', max_tokens: 'of a model', text: 'long enough' }] }],
    [{ urls: ['http://h/v1?version=2024-10-01', undefined, 'no url'] }],
  ])('nothing of %j', places => {
    expect(knownSecrets(places)).toEqual([])
  })

  test('longer ones come first, as others may be parts of them', () => {
    const secrets = knownSecrets({ apiKey: 'sk-123', headers: { cookie: 'sk-123-and-more' } })
    expect(maskQuoted('sk-123-and-more', secrets)).toBe(mask)
  })

  test.each([
    ['--api-key s3cret-1'],
    ['--api-key=s3cret-1'],
    ['--headers Authorization=Bearer s3cret-1'],
    ['--headers=X-Api-Key=s3cret-1'],
    ['--headers Cookie:s3cret-1'],
    ['--url http://me:s3cret-1@h/v1'],
    ['--url=https://h/v1?token=s3cret-1'],
    ['--extra-args {"password":"s3cret-1"}'],
  ])('of the command line %s', line => {
    expect(commandLineSecrets(line.split(' '), {})).toContain('s3cret-1')
  })

  test('of a command line without any', () => {
    const line = '--url http://h:8000/v1 --model m --max-tokens 5 --tokenizer-path ./dir --no-keepalive -n 5'
    expect(commandLineSecrets(line.split(' '), { PATH: '/usr/bin', HTTP_PROXY: 'http://proxy:3128' })).toEqual([])
  })

  test('of the environment', () => {
    const env = { HF_TOKEN: 'hf_1234567', HTTPS_PROXY: 'http://me:pr0xy-w0rd@proxy:3128' }
    expect(commandLineSecrets([], env)).toEqual(expect.arrayContaining(['hf_1234567', 'pr0xy-w0rd']))
  })
})

describe('words of a server', () => {
  const secrets = knownSecrets({ apiKey: 'sk-0123456789' })

  test.each([
    ['Incorrect API key provided: sk-0123456789.', `Incorrect API key provided: ${mask}.`],
    ['see https://me:w0rd@h/a?x=1&token=hidden now', `see https://${mask}@h/a?x=1&token=${mask} now`],
    ['Redirecting to "/login?token=hidden"', `Redirecting to "/login?token=${mask}"`],
    ['cut off within it: sk-0123456…', `cut off within it: ${mask}…`],
    ['["cut off within it: sk-0123456"]', `["cut off within it: ${mask}"]`],
    ['sk-012 is not the end of it', 'sk-012 is not the end of it'],
    ['mail a@b.c, 5 = 5, a/b?c', 'mail a@b.c, 5 = 5, a/b?c'],
  ])('%s', (words, shown) => {
    expect(maskWords(words, secrets)).toBe(shown)
  })

  test('hold no secret in any form, wherever it stands and is cut', () => {
    const key = fc.string({ unit: fc.constantFrom(...'abAB01-_/+=".~%'), minLength: 16, maxLength: 40 })
    const forms = [String, encodeURIComponent, btoa, (text: string) => JSON.stringify(text).slice(1, -1)]
    fc.assert(
      fc.property(
        key,
        fc.constantFrom(...forms),
        fc.string(),
        fc.string(),
        fc.nat(6),
        (secret, inForm, before, after, cut) => {
          const form = inForm(secret)
          const known = knownSecrets({ apiKey: secret })
          const shown =
            maskWords(`${before} ${form}${after}`, known) + maskWords(`${before} ${form.slice(0, -1 - cut)}`, known)
          expect(shown).not.toContain(form.replace(/=+$/, ''))
          expect(shown).not.toContain(form.slice(0, -1 - cut))
        },
      ),
    )
  })

  test('are masked in linear time', () => {
    const startedMs = performance.now()
    for (const text of ['/', '//', '@', '?a=', 'a', 'sk-012', '//a@']) maskWords(text.repeat(20_000), secrets)
    expect(performance.now() - startedMs).toBeLessThan(2000)
  })
})

test('a key from the environment is masked when it is named', () => {
  const args = new Arguments({ url: 'http://h', headers: { 'X-Note': 'env-secret' } })
  expect(JSON.stringify(maskArguments(args, ['env-secret']))).not.toContain('env-secret')
})
