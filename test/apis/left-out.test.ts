import { describe, expect, test } from 'vitest'
import { builtinApis } from '../../src/apis/index.ts'
import type { Prompt } from '../../src/model/conversation.ts'
import type { JsonObject } from '../../src/model/json.ts'
import type { RequestSettings } from '../../src/model/run-plan.ts'

const body: JsonObject = { messages: [{ role: 'user', content: 'hi' }], input: 'hi', temperature: 0.5 }
const prompts: readonly Prompt[] = [
  { kind: 'messages', messages: [{ role: 'user', content: 'hello' }] },
  { kind: 'text', text: 'hello' },
  { kind: 'body', body },
  { kind: 'body', body, text: JSON.stringify(body) },
]

const build = (
  name: string,
  prompt: Prompt,
  extraArgs: JsonObject,
  more: Partial<RequestSettings> = {},
): JsonObject => {
  const api = builtinApis.find(({ names }) => names.includes(name))
  if (api === undefined) throw new Error(`no API ${name}`)
  const defaults = { model: 'm', maxTokens: { min: 8, max: 8 }, stream: true, temperature: 0 }
  return api.buildRequest({ prompt }, [], { chosen: {}, defaults, extraArgs, queryTemplate: undefined, ...more })
}

describe('null in extra arguments leaves a key out', () => {
  test.each(builtinApis.map(({ names }) => names[0] as string))('of every body of --api %s, and no other', name => {
    for (const prompt of prompts) {
      const { model, ...rest } = build(name, prompt, {})
      expect(model).toBe('m')
      expect(build(name, prompt, { model: null, nobody: null })).toEqual(rest)
    }
  })

  test.each<[string, JsonObject, (whole: JsonObject) => unknown]>([
    ['openai', { temperature: null, stream_options: null }, ({ temperature: _, stream_options: __, ...rest }) => rest],
    ['ollama', { options: { temperature: null } }, whole => ({ ...whole, options: { num_predict: 8 } })],
    ['ollama', { options: null }, ({ options: _, ...rest }) => rest],
    [
      'dashscope',
      { parameters: { temperature: null, result_format: null } },
      whole => ({ ...whole, parameters: { max_tokens: 8, incremental_output: true } }),
    ],
    ['dashscope', { parameters: null }, ({ parameters: _, ...rest }) => rest],
  ])('--api %s %j', (name, extraArgs, expected) => {
    const prompt = prompts[0] as Prompt
    expect(build(name, prompt, extraArgs)).toEqual(expected(build(name, prompt, {})))
  })

  test('whoever set it: a flag or a template', () => {
    const prompt = prompts[0] as Prompt
    const built = build(
      'openai',
      prompt,
      { top_p: null, user: null },
      { chosen: { topP: 0.5 }, queryTemplate: { user: 'me' } },
    )
    expect(Object.keys(built)).not.toContain('top_p')
    expect(Object.keys(built)).not.toContain('user')
  })

  test('deeper than parameters stand a null is a value', () => {
    const schema = { response_format: { schema: { default: null } } }
    expect(build('openai', prompts[0] as Prompt, schema)).toMatchObject(schema)
  })
})
