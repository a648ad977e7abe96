import type { SimulatedTimes } from '../../model/machine-floor.ts'
import type { IntegerRange, RunPlan } from '../../model/run-plan.ts'

/** The engine that streams come from: 50 chunks a second each, as of a small model on a GPU. */
export const engineTimes: SimulatedTimes = { ttftMs: 50, itlMs: 20 }

/** How long a rung takes, without the answers that are still under way at its end. */
export interface RungTimes {
  /** Streams begin one after the other, so that they do not end all at once. */
  readonly rampUpMs: number
  readonly windowMs: number
}

/** One load: so many streams at a time from the server at `url`. */
export const rungPlan = (url: string, streams: number, { rampUpMs, windowMs }: RungTimes): RunPlan => ({
  name: `doctor_${streams}`,
  number: undefined,
  warmupNumber: 0,
  load: { kind: 'closed', concurrency: streams },
  workers: 1,
  rampUpMs,
  durationMs: rampUpMs + windowMs,
  // Where so many are too many, answers may take for ever.
  graceMs: 2000,
  seed: 1,
  model: 'simulated',
  task: 'generate',
  api: 'openai',
  target: {
    url: `${url}/v1/chat/completions`,
    headers: { 'content-type': 'application/json' },
    timeouts: { connectMs: 10_000, readMs: 10_000, totalMs: 30_000 },
    keepAlive: true,
    verifyTls: true,
    proxyUrl: undefined,
    secrets: [],
  },
  request: {
    chosen: {},
    defaults: { model: 'simulated', maxTokens: answerTokens(streams), stream: true, temperature: 0 },
    // Answers are then as long as they may be.
    extraArgs: { ignore_eos: true },
    queryTemplate: undefined,
  },
  dataset: {
    spec: 'prompt',
    path: undefined,
    chat: true,
    offset: 0,
    minPromptLength: 0,
    maxPromptLength: 1000,
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
})

/** Few streams have short answers, for enough first tokens; many have longer ones, as chunks are to be the load. */
export const answerTokens = (streams: number): IntegerRange => {
  const mean = Math.min(40, Math.max(6, streams / 2))
  return { min: Math.round(mean / 2), max: Math.round((mean * 3) / 2) }
}
