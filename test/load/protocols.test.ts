import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { anthropic } from '../../src/apis/anthropic.ts'
import type { Api } from '../../src/apis/api.ts'
import { openaiResponses } from '../../src/apis/openai-responses.ts'
import type { Message, Turn } from '../../src/model/conversation.ts'
import type { RunPlan, Sampling } from '../../src/model/run-plan.ts'
import type { SimulatedServer } from '../../src/server/simulated.ts'
import { startSimulatedServer } from '../../src/server/simulated.ts'
import { fastKnobs } from '../server/client.ts'
import { planFor } from '../support/ask.ts'
import { load } from '../support/load.ts'

const chosen = (stream: boolean): Sampling => ({ stream, maxTokens: { min: 4, max: 4 } })

/** 16 bytes; four of them are a token of the simulated server, whose answer ` one token is one` has 17. */
const says = (role: string): Message => ({ role, content: 'four byte tokens' })
const conversation: readonly Turn[] = [
  { prompt: { kind: 'messages', messages: [says('system'), says('user')] } },
  { prompt: { kind: 'messages', messages: [says('user')] } },
]

describe.each<[name: string, api: Api, path: string]>([
  ['openai_responses', openaiResponses, '/v1/responses'],
  ['anthropic', anthropic, '/v1/messages'],
])('%s against the simulated server', (_, api, path) => {
  let server: SimulatedServer
  let failing: SimulatedServer
  beforeAll(async () => {
    server = await startSimulatedServer({ knobs: fastKnobs })
    failing = await startSimulatedServer({ knobs: { ...fastKnobs, errorRate: 1 } })
  })
  afterAll(() => Promise.all([server.close(), failing.close()]))

  const plan = (url: string, stream: boolean): RunPlan => {
    const base = planFor(url + path, { number: 8, load: { kind: 'closed', concurrency: 4 } })
    const headers = { ...base.target.headers, ...api.headers?.(undefined) }
    return {
      ...base,
      target: { ...base.target, headers },
      request: { ...base.request, chosen: chosen(stream), extraArgs: { ignore_eos: true } },
    }
  }

  test.each([true, false])('conversations have exact counts in both turns (streamed: %s)', async stream => {
    const { records } = await load(plan(server.url, stream), { api, prepare: () => ({ turns: conversation }) })
    expect(records.map(({ failure }) => failure)).toEqual(Array(16).fill(undefined))
    for (const {
      turn,
      inputTokens,
      outputTokens,
      cachedTokens,
      tokenSource,
      isStream,
      chunkCount,
      gapsUs,
    } of records) {
      // Contents are joined by line breaks: 33 bytes, then 33 + 1 + 17 + 1 + 16.
      expect([turn, inputTokens]).toEqual(turn === 1 ? [1, 9] : [2, 17])
      expect([outputTokens, cachedTokens, tokenSource, isStream]).toEqual([4, 0, 'usage', stream])
      expect([chunkCount, gapsUs.length]).toEqual(stream ? [4, 3] : [1, 0])
    }
  })

  test.each([true, false])('failures are told in the words of the server (streamed: %s)', async stream => {
    const { records } = await load(plan(failing.url, stream), { api })
    const told = new Set(records.map(({ failure }) => `${failure?.kind}: ${failure?.message}`))
    const kinds = [
      'http_5xx: HTTP 500: simulated failure',
      ...(stream ? ['inband_error: simulated failure midway'] : []),
    ]
    expect([...told].sort()).toEqual(kinds)
  })
})
