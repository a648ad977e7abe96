import { expect, test } from 'vitest'
import { openaiKeys, sampled, unsentWith } from '../../src/apis/support/sampling.ts'
import type { Sampling } from '../../src/model/run-plan.ts'

const everything: Required<Sampling> = {
  topK: 40,
  topP: 0.9,
  temperature: 0,
  stopTokenIds: [1],
  stream: false,
  stop: ['a', 'b'],
  seed: 0,
  nChoices: 2,
  logprobs: true,
  repetitionPenalty: 1.1,
  frequencyPenalty: 0.1,
  minTokens: 0,
  maxTokens: { min: 3, max: 7 },
  model: 'm',
}

test('an OpenAI body has its parameters in the order of the reference tool, whatever order they come in', () => {
  expect(JSON.stringify(sampled(everything, openaiKeys))).toBe(
    '{"model":"m","max_tokens":7,"min_tokens":0,"frequency_penalty":0.1,"repetition_penalty":1.1,"logprobs":true,' +
      '"n":2,"seed":0,"stop":["a","b"],"stream":false,"stop_token_ids":[1],"temperature":0,"top_p":0.9,"top_k":40}',
  )
})

test('each parameter is either sent under its key or told as unsent', () => {
  const keys = { maxTokens: 'limit', stream: 'live' }
  expect(sampled(everything, keys)).toEqual({ limit: 7, live: false })
  expect([...unsentWith(keys), 'maxTokens', 'stream'].sort()).toEqual(Object.keys(everything).sort())
  expect(sampled({}, keys)).toEqual({})
})
