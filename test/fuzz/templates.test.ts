import fc from 'fast-check'
import { expect } from 'vitest'
import type { Api } from '../../src/apis/api.ts'
import { builtinApis } from '../../src/apis/index.ts'
import type { Prompt } from '../../src/model/conversation.ts'
import { isJsonObject, type JsonObject } from '../../src/model/json.ts'
import type { RequestSettings } from '../../src/model/run-plan.ts'
import { fuzz } from './fuzz.ts'
import { asObject, changedJson, hostileJson, hostileText, type JsonChange, jsonChange } from './hostile.ts'

/** Texts of a template: marks alone, among words, next to each other, and such as only look like one. */
const marked = fc.oneof(
  fc.constantFrom('%m', '%p', '%d', '%%p', '%P', 'a %p b', '%p%p', '%m: %d', '%', '$&%p', '%p$1'),
  hostileText,
)

const template: fc.Arbitrary<JsonObject> = fc
  .tuple(
    fc.constantFrom<JsonObject>(
      { model: '%m', prompt: '%p' },
      { model: '%m', messages: [{ role: 'user', content: [{ type: 'text', text: 'say %p' }] }] },
      { query: '%p', texts: '%d', options: { num_ctx: 5 }, parameters: { top_k: 1 }, input: { prompt: '%p' } },
      {},
    ),
    fc.array(jsonChange, { maxLength: 3 }),
    fc.array(marked, { maxLength: 3 }),
  )
  .map(([base, changes, texts]) => {
    const shallow = changes.map(
      (change): JsonChange => ({ ...change, json: change.json.length > 1500 ? '[]' : change.json }),
    )
    return { ...asObject(JSON.parse(changedJson(base, shallow))), ...(texts.length > 0 && { more: texts }) }
  })

const extraArgs: fc.Arbitrary<JsonObject> = hostileJson.map(text => asObject(JSON.parse(text)))

const prompts: fc.Arbitrary<Prompt> = fc.oneof(
  hostileText.map((text): Prompt => ({ kind: 'text', text })),
  fc
    .array(fc.tuple(fc.constantFrom('user', 'system', 'assistant', 'tool', '__proto__'), hostileJson), {
      minLength: 1,
      maxLength: 3,
    })
    .map(
      (said): Prompt => ({
        kind: 'messages',
        messages: said.map(([role, content]) => ({ role, content: JSON.parse(content) })),
      }),
    ),
  extraArgs.map((body): Prompt => ({ kind: 'body', body })),
  extraArgs.map((body): Prompt => ({ kind: 'body', body, text: JSON.stringify(body) })),
  fc.array(hostileText, { minLength: 1, maxLength: 3 }).map((inputs): Prompt => ({ kind: 'inputs', inputs })),
  fc
    .tuple(hostileText, fc.array(hostileText, { maxLength: 3 }))
    .map(([query, documents]): Prompt => ({ kind: 'rerank', query, documents })),
)

interface BodyCase {
  readonly api: Api
  readonly prompt: Prompt
  readonly settings: RequestSettings
}

const bodyCase: fc.Arbitrary<BodyCase> = fc
  .record({
    api: fc.constantFrom(...builtinApis),
    prompt: prompts,
    template: fc.option(template, { nil: undefined }),
    extraArgs,
    model: hostileText,
    stream: fc.boolean(),
  })
  .map(({ api, prompt, template: queryTemplate, extraArgs, model, stream }) => ({
    api,
    prompt,
    settings: { chosen: { stream }, defaults: { model, temperature: 0 }, extraArgs, queryTemplate },
  }))

fuzz<[BodyCase]>('bodies from templates and extra arguments', [bodyCase], ({ api, prompt, settings }) => {
  if (api.sends !== undefined && !api.sends.includes(prompt.kind)) return
  const given = JSON.stringify([prompt, settings])
  const body = built(api, prompt, settings)
  expect(JSON.stringify([prompt, settings])).toBe(given)
  if (body === undefined) return
  expect(isJsonObject(body)).toBe(true)
  const sent = JSON.parse(JSON.stringify(body)) as JsonObject
  for (const [key, value] of Object.entries(settings.extraArgs)) {
    if (value === null) expect(Object.hasOwn(sent, key)).toBe(false)
    // Objects of protocols that are merged key by key.
    else if (!['options', 'parameters', 'input'].includes(key))
      expect(sent[key]).toEqual(JSON.parse(JSON.stringify(value)))
  }
})

/** The body; undefined where the API says in a plain sentence why it cannot build one. */
const built = (api: Api, prompt: Prompt, settings: RequestSettings): JsonObject | undefined => {
  try {
    return api.buildRequest({ prompt }, [], settings)
  } catch (error) {
    if (!(error instanceof Error) || error instanceof TypeError || error instanceof RangeError) throw error
    return undefined
  }
}
