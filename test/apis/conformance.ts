import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Api, emptyDraft } from '../../src/apis/api.ts'
import type { Prompt } from '../../src/model/conversation.ts'
import { isJsonObject, type JsonObject } from '../../src/model/json.ts'
import type { RequestSettings } from '../../src/model/run-plan.ts'

/** One API under the contract, with what its own protocol looks like. */
export interface ConformanceCase {
  readonly api: Api
  /** Prompts it can send. */
  readonly prompts: readonly Prompt[]
  /** Streamed events of one whole answer that says `AB`; absent where it is no text, which comes in one piece. */
  readonly events?: readonly JsonObject[]
  /** The same answer in one piece; any, where there are no events, with 5 tokens in the prompt. */
  readonly body: JsonObject
  /** An error in the protocol's own shape, saying `oom`. */
  readonly error: JsonObject
}

const settings: RequestSettings = {
  chosen: { maxTokens: { min: 7, max: 7 } },
  defaults: { model: 'the-model', stream: true, temperature: 0 },
  extraArgs: { extra: { deep: true } },
  queryTemplate: undefined,
}

/** The contract of every API plugin; run it over yours. */
export const describeApiContract = ({ api, prompts, events, body, error }: ConformanceCase): void => {
  const name = api.names[0] ?? 'unnamed'

  test(`${name}: bodies are plain JSON, hold extra arguments, and the same turn gives the same body`, () => {
    for (const prompt of prompts) {
      const built = api.buildRequest({ prompt }, [], settings)
      expect(JSON.parse(JSON.stringify(built))).toEqual(built)
      expect(built).toMatchObject({ model: 'the-model', extra: { deep: true } })
      expect(api.buildRequest({ prompt }, [], settings)).toEqual(built)
    }
  })

  test(`${name}: building does not change what it is given`, () => {
    for (const prompt of prompts) {
      const before = JSON.stringify([prompt, settings])
      api.buildRequest({ prompt, maxTokens: 3 }, [], settings)
      expect(JSON.stringify([prompt, settings])).toBe(before)
    }
  })

  if (events === undefined) {
    test(`${name}: no stream is asked for, and of an answer no text is kept`, () => {
      for (const prompt of prompts) expect(api.buildRequest({ prompt }, [], settings)).not.toHaveProperty('stream')
      const whole = emptyDraft()
      expect(api.readBody(body, whole)).toBe('answer')
      expect(whole).toEqual({ ...emptyDraft(), finished: true, inputTokens: 5 })
      const streamed = emptyDraft()
      expect(api.readChunk(body, streamed)).toBe('answer')
      expect(streamed).toEqual(whole)
    })
  } else {
    test(`${name}: a stream and a body of the same answer give the same text, counts and end`, () => {
      const streamed = emptyDraft()
      const contents = events.map(event => api.readChunk(event, streamed))
      const whole = emptyDraft()
      expect(api.readBody(body, whole)).toBe('answer')
      expect(contents).toContain('answer')
      expect(streamed).toEqual(whole)
      expect(streamed).toMatchObject({ text: 'AB', finished: true })
    })
  }

  test(`${name}: an error in the protocol's own shape is told with its words`, () => {
    const draft = emptyDraft()
    expect(api.readChunk(error, draft)).toBe('error')
    expect(draft.errorMessage).toBe('oom')
  })

  test(`${name}: whatever JSON comes is read without an exception`, () => {
    const anyObject = fc.jsonValue({ maxDepth: 4 }).filter(isJsonObject) as fc.Arbitrary<JsonObject>
    const broken = fc.tuple(fc.constantFrom(...(events ?? []), body), fc.string(), fc.jsonValue()).map(corrupt)
    fc.assert(
      fc.property(fc.oneof(anyObject, broken), chunk => {
        const kinds = ['answer', 'reasoning', 'choice', 'other', 'error']
        expect(kinds).toContain(api.readChunk(chunk, emptyDraft()))
        expect(kinds).toContain(api.readBody(chunk, emptyDraft()))
      }),
      { numRuns: 1000 },
    )
  })
}

/** A message of the protocol in which one value, picked by `seed`, is something else. */
const corrupt = ([message, seed, value]: [JsonObject, string, unknown]): JsonObject => {
  const copy = JSON.parse(JSON.stringify(message)) as Record<string, unknown>
  let place: Record<string, unknown> = copy
  for (const char of `${seed}x`) {
    const keys = Object.keys(place)
    const key = keys[(char.codePointAt(0) ?? 0) % Math.max(1, keys.length)]
    if (key === undefined) break
    const next = place[key]
    if (typeof next !== 'object' || next === null || char === 'x') {
      place[key] = value
      break
    }
    place = next as Record<string, unknown>
  }
  return copy as JsonObject
}
