import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { answerText } from '../../../src/report/html/answer-text.ts'
import { cutText } from '../../../src/report/html/cut-text.ts'
import { histogramOf } from '../../../src/report/html/histogram.ts'
import { KeepBest } from '../../../src/report/html/keep-best.ts'
import { sampleSizes } from '../../../src/report/html/request-sample.ts'
import { Tally } from '../../../src/stats/tally.ts'

describe('the text of an answer', () => {
  const chunk = (delta: object) => ({ choices: [{ index: 0, delta }] })
  test.each([
    [
      'a stream of OpenAI',
      [chunk({ role: 'assistant', content: '' }), chunk({ content: 'Hi' }), chunk({ content: '!' })],
      'Hi!',
    ],
    ['a body of OpenAI', [{ choices: [{ message: { content: 'Hi' } }, { message: { content: 'other' } }] }], 'Hi'],
    ['completions', [{ choices: [{ text: 'H' }] }, { choices: [{ text: 'i' }] }], 'Hi'],
    ['reasoning', [chunk({ reasoning_content: 'hm' }), chunk({ content: 'Hi' })], '<think>hm</think>\nHi'],
    ['Ollama', [{ message: { content: 'H' } }, { message: { content: 'i' } }, { done: true }], 'Hi'],
    [
      'Anthropic',
      [{ type: 'content_block_delta', delta: { type: 'text_delta', text: 'Hi' } }, { type: 'message_stop' }],
      'Hi',
    ],
    ['a body of Anthropic', [{ type: 'message', content: [{ type: 'text', text: 'Hi' }] }], 'Hi'],
    [
      'Responses',
      [
        { type: 'response.output_text.delta', delta: 'Hi' },
        { type: 'response.function_call_arguments.delta', delta: '{' },
      ],
      'Hi',
    ],
    ['DashScope', [{ output: { choices: [{ message: { content: [{ text: 'Hi' }] } }] } }], 'Hi'],
    ['text alone', [{ text: 'Hi', reasoning: '' }], 'Hi'],
    ['vectors', [{ data: [{ embedding: [0.1] }] }], undefined],
  ])('is found in %s', (_, answer, text) => {
    expect(answerText(JSON.stringify(answer))).toBe(text)
  })

  test('is not found in any other JSON, nor in none, and nothing breaks', () => {
    fc.assert(fc.property(fc.json(), json => typeof answerText(json) !== 'number'))
    expect(answerText('{')).toBeUndefined()
  })
})

test('a text is cut between characters, to at most so many bytes', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 4, max: 40 }), (text, bytes) => {
      const cut = cutText(text, bytes)
      expect(Buffer.byteLength(cut)).toBeLessThanOrEqual(bytes)
      expect(text.startsWith(cut.replace(/…$/, '')) || text === cut).toBe(true)
      if (Buffer.byteLength(text) <= bytes) expect(cut).toBe(text)
    }),
  )
})

test('the best of many are those that sorting finds', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(1000), { maxLength: 500 }), fc.integer({ min: 1, max: 20 }), (scores, limit) => {
      const kept = new KeepBest<number>(limit)
      for (const score of scores) kept.add(score, score)
      expect(kept.list()).toEqual(scores.toSorted((a, b) => b - a).slice(0, limit))
    }),
  )
})

test('a histogram counts every value once, in few steps', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(10_000_000), { minLength: 1, maxLength: 300 }), values => {
      const tally = new Tally()
      for (const value of values) tally.add(value)
      const histogram = histogramOf(tally)
      expect(histogram?.counts.reduce((sum, count) => sum + count, histogram.above)).toBe(values.length)
      expect(histogram?.counts.length).toBeLessThanOrEqual(62)
    }),
    { numRuns: 30 },
  )
  expect(histogramOf(new Tally())).toBeUndefined()
})

test('a long sweep shows fewer requests of each run', () => {
  expect([1, 4].map(runs => sampleSizes(runs).random)).toEqual([1000, 1000])
  expect(sampleSizes(8)).toEqual({ failures: 150, slowest: 150, random: 500 })
})
