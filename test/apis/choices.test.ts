import { describe, expect, test } from 'vitest'
import { emptyDraft } from '../../src/apis/api.ts'
import { dashscope } from '../../src/apis/dashscope.ts'
import { openai } from '../../src/apis/openai.ts'
import type { JsonObject } from '../../src/model/json.ts'

const delta = (index: number, content: string, more: JsonObject = {}) => ({ index, delta: { content }, ...more })

describe('of several answers each is read by itself', () => {
  test('in a stream, whose chunks have one or several', () => {
    const draft = emptyDraft()
    const chunks = [
      [delta(1, 'b')],
      [delta(0, 'a')],
      [delta(0, 'aa'), delta(1, 'bb')],
      [{ index: 1, delta: { reasoning_content: 'hm' } }],
      [delta(0, '', { finish_reason: 'stop' })],
      [delta(1, '', { finish_reason: 'stop' })],
    ]
    const contents = chunks.map(choices => openai.readChunk({ choices }, draft))
    expect(contents).toEqual(['answer', 'answer', 'answer', 'reasoning', 'choice', 'choice'])
    expect(draft).toMatchObject({ text: 'bbb', reasoning: 'hm', finished: true })
    expect(draft.otherChoices).toEqual([{ index: 0, text: 'aaa', reasoning: '', toolCalls: [] }])
  })

  test('in one piece', () => {
    const draft = emptyDraft()
    const call = { id: 'c', function: { name: 'f', arguments: '{}' } }
    const choices = [
      { index: 0, message: { content: 'a' } },
      { index: 1, message: { content: null, tool_calls: [call] } },
      { message: { content: 'c', reasoning_content: 'hm' } },
    ]
    expect(openai.readBody({ choices }, draft)).toBe('answer')
    expect(draft).toMatchObject({ text: 'a', reasoning: '', finished: true })
    expect(draft.otherChoices).toMatchObject([
      { text: '', toolCalls: [call] },
      { text: 'c', reasoning: 'hm' },
    ])
  })

  test('of DashScope', () => {
    const draft = emptyDraft()
    const choices = ['a', 'b'].map((content, index) => ({ index, message: { content }, finish_reason: 'stop' }))
    expect(dashscope.readBody({ output: { choices } }, draft)).toBe('answer')
    expect([draft.text, draft.otherChoices?.map(({ text }) => text)]).toEqual(['a', ['b']])
  })
})

test('one answer is the answer, whatever its number', () => {
  const draft = emptyDraft()
  openai.readChunk({ choices: [delta(1, 'a')] }, draft)
  openai.readChunk({ choices: [delta(1, 'b')] }, draft)
  expect([draft.text, draft.otherChoices]).toEqual(['ab', undefined])
})

test('a server that numbers answers wildly fills no memory', () => {
  const draft = emptyDraft()
  for (let index = 0; index < 10_000; index++) openai.readChunk({ choices: [delta(index * 1e6, 'a')] }, draft)
  expect(draft.otherChoices?.length).toBeLessThan(128)
})
