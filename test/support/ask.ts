import type { Api } from '../../src/apis/api.ts'
import { openai } from '../../src/apis/openai.ts'
import { nowMs } from '../../src/load/clock.ts'
import { exchange } from '../../src/load/exchange.ts'
import { openExchange } from '../../src/load/open-exchange.ts'
import type { RequestRecord } from '../../src/model/record.ts'
import type { RunPlan } from '../../src/model/run-plan.ts'

/** A plan of one request to `url`; `change` replaces what a test is about. */
export const planFor = (url: string, change: Partial<RunPlan> = {}): RunPlan => ({
  name: 'parallel_1_number_1',
  number: 1,
  warmupNumber: 0,
  rampUpMs: 0,
  durationMs: undefined,
  graceMs: 30_000,
  load: { kind: 'closed', concurrency: 1 },
  workers: 1,
  seed: 1,
  model: 'm',
  task: 'generate',
  api: 'openai',
  target: {
    url,
    headers: { 'content-type': 'application/json' },
    timeouts: { connectMs: 5000, readMs: 5000, totalMs: 20_000 },
    keepAlive: true,
    verifyTls: true,
    secrets: [],
    proxyUrl: undefined,
  },
  request: {
    chosen: {},
    defaults: { model: 'm', maxTokens: { min: 16, max: 16 }, stream: true, temperature: 0 },
    extraArgs: {},
    queryTemplate: undefined,
  },
  dataset: {
    spec: 'openqa',
    path: undefined,
    chat: true,
    offset: 0,
    minPromptLength: 0,
    maxPromptLength: 131_072,
    prefixLength: 0,
    tokenizerPath: undefined,
    tokenizePrompt: false,
    args: {},
    minTurns: 1,
    maxTurns: undefined,
    images: { widthPx: 224, heightPx: 224, mode: 'RGB', count: 1, patchPx: 28 },
    prompt: undefined,
  },
  saveResponses: 'full',
  ...change,
})

/** Sends `count` requests one after the other over one transport and gives their records. */
export const ask = async (plan: RunPlan, count = 1, api: Api = openai, asksStream = true): Promise<RequestRecord[]> => {
  const { exchangeParts, close } = openExchange(plan, api)
  const records: RequestRecord[] = []
  for (let index = 0; index < count; index++) {
    const { record } = await exchange(
      {
        index,
        phase: 'measured',
        requestId: `test-${index}`,
        conversationId: `bench-${index}`,
        turn: 1,
        isLastTurn: true,
        body: JSON.stringify({ stream: asksStream }),
        asksStream,
        scheduledMs: nowMs(),
        slotWaitMs: undefined,
      },
      exchangeParts,
    )
    records.push(record)
  }
  await close()
  return records
}
