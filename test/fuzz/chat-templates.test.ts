import { Script } from 'node:vm'
import fc from 'fast-check'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { ArgumentsError } from '../../src/errors.ts'
import type { Message } from '../../src/model/conversation.ts'
import type { JsonObject } from '../../src/model/json.ts'
import { compileChatTemplate } from '../../src/tokenizers/chat-template.ts'
import { createHuggingFaceTokenizer } from '../../src/tokenizers/huggingface.ts'
import { fuzz } from './fuzz.ts'
import { asObject, hostileJson, hostileText, hostileValue, unprintable } from './hostile.ts'

/** Pieces of templates: those that real ones are made of, and those that reach for more. */
const pieces = [
  ...[
    '{% for m in messages %}',
    '{% endfor %}',
    '{% for a in m %}',
    '{% if m.role == "user" %}',
    '{% else %}',
    '{% endif %}',
  ],
  ...[
    '{{ m.role }}',
    '{{ m.content | trim }}',
    '{{ m["content"] }}',
    '{{ messages }}',
    '{{ messages | tojson }}',
    '{{ bos_token }}',
  ],
  ...[
    '{% set x = messages %}',
    '{% set ns = namespace(a=1) %}',
    '{% set ns.a = ns.a + 1 %}',
    '{{ x[0] }}',
    '{{ messages[1:] }}',
  ],
  ...[
    '{{ raise_exception("no") }}',
    '{{ range(3) }}',
    '{% for i in range(50) %}',
    '{{ "a" * 50 }}',
    '{{ strftime_now("%Y") }}',
  ],
  ...[
    '{% macro f(a) %}',
    '{% endmacro %}',
    '{{ f(1) }}',
    '{{ self }}',
    '{{ __proto__ }}',
    '{{ constructor }}',
    '{{ m.constructor }}',
  ],
  ...['{{ "".__class__ }}', '{{ messages.constructor.constructor("return process")() }}', '{{ m.__proto__.polluted }}'],
  ...[
    '{%',
    '%}',
    '{{',
    '}}',
    '{#',
    '#}',
    '{%- ',
    ' -%}',
    "'",
    '"',
    '|',
    '{{ 1 // 0 }}',
    '{{ m.content.split(" ") }}',
    '{{ x | default("") }}',
  ],
]

const source = fc
  .array(fc.oneof({ weight: 8, arbitrary: fc.constantFrom(...pieces) }, hostileText), { maxLength: 9 })
  .map(parts => parts.join(''))

const messages: fc.Arbitrary<readonly Message[]> = fc.array(
  fc.record({ role: fc.constantFrom('user', 'assistant', 'tool', '__proto__'), content: hostileValue }),
  { maxLength: 3 },
)

const tokenizer: JsonObject = {
  added_tokens: [],
  decoder: null,
  post_processor: null,
  normalizer: null,
  model: { type: 'WordLevel', vocab: { a: 0, '<unk>': 1 }, unk_token: '<unk>' },
  pre_tokenizer: { type: 'WhitespaceSplit' },
}

fuzz<[string, readonly Message[], JsonObject]>(
  'chat templates',
  [source, messages, hostileJson.map(text => asObject(JSON.parse(text)))],
  async (chatTemplate, said, config) => {
    const loaded = await createHuggingFaceTokenizer({ directory: '/model', tokenizer, config, chatTemplate })
    try {
      for (const id of loaded.encodeChat(said)) expect(Number.isSafeInteger(id)).toBe(true)
    } catch (error) {
      if (!(error instanceof ArgumentsError)) throw error
      expect(error.message).toContain('/model')
      expect(error.message).not.toMatch(unprintable)
    }
  },
)

describe('a template that would never end', () => {
  afterEach(() => void vi.restoreAllMocks())

  const loops = (depth: number): string =>
    `${'{% for a in [1,2,3,4,5,6,7,8,9] %}'.repeat(depth)}{{ a }}${'{% endfor %}'.repeat(depth)}`

  test.each([
    ['loops in loops', loops(12)],
    [
      'a macro that calls itself twice',
      '{% macro f(n) %}{% if n %}{{ f(n - 1) }}{{ f(n - 1) }}{% endif %}{% endmacro %}{{ f(60) }}',
    ],
  ])('%s is broken off', (_, text) => {
    expect(() => compileChatTemplate(text, {}, 100)([])).toThrow('it has not ended after 0.1 s')
  })

  test('more messages than have been rendered are guarded anew, and only these', () => {
    const watched = vi.spyOn(Script.prototype, 'runInContext')
    const said = { role: 'user', content: 'a' }
    const render = compileChatTemplate(`a{% if messages[1] %}${loops(12)}{% endif %}`, {}, 100)
    expect([render([said]), render([said]), render([])]).toEqual(['a', 'a', 'a'])
    expect(watched).toHaveBeenCalledTimes(1)
    for (let time = 0; time < 2; time++) expect(() => render([said, said])).toThrow('it has not ended after 0.1 s')
  })

  test('what ends in time is rendered, again and again', () => {
    const render = compileChatTemplate(
      '{{ bos }}{% for m in messages %}{{ m.content }}{% endfor %}',
      { bos: '<s>' },
      5000,
    )
    expect(render([{ role: 'user', content: 'a' }])).toBe('<s>a')
    expect(render([{ role: 'user', content: 'b' }])).toBe('<s>b')
  })
})
