import { expect, test } from 'vitest'
import { openaiEmbedding } from '../../src/apis/openai-embedding.ts'
import { ask, planFor } from '../support/ask.ts'
import { plainAnswer, startRawServer } from '../support/raw-server.ts'

const vector = { data: [{ index: 0, embedding: [0.6, 0.8] }] }

test.each([
  ['counted by the server', { usage: { prompt_tokens: 9, total_tokens: 9 } }, 9, 'usage'],
  // As vLLM writes it.
  ['with no completion tokens', { usage: { prompt_tokens: 9, completion_tokens: 0 } }, 9, 'usage'],
  ['not counted', {}, undefined, undefined],
])('a vector %s has prompt tokens or none, and never output tokens', async (_, fields, inputTokens, tokenSource) => {
  const body = JSON.stringify({ ...vector, ...fields })
  const server = await startRawServer(socket => void socket.write(plainAnswer('200 OK', 'application/json', body)))
  const [record] = await ask(planFor(server.url, { task: 'embed' }), 1, openaiEmbedding)
  await server.close()
  expect(record).toMatchObject({ failure: undefined, inputTokens, tokenSource, outputTokens: undefined })
  expect(record).toMatchObject({ isStream: false, ttftUs: undefined, gapsUs: [] })
})
