import type { Api } from '../apis/api.ts'
import { TargetUnreachableError } from '../errors.ts'
import type { Prompt } from '../model/conversation.ts'
import type { JsonObject, JsonValue } from '../model/json.ts'
import type { RequestFailure, RequestRecord } from '../model/record.ts'
import type { RequestSettings, RunPlan } from '../model/run-plan.ts'
import { nowMs } from './clock.ts'
import { converse } from './converse.ts'
import { openExchange } from './engine.ts'

const probeOutputTokens = 16
const longestRetryMs = 30_000
const retryPauseMs = 2000

/** What the connection test needs beside the plan. */
export interface ProbeParts {
  readonly plan: RunPlan
  readonly api: Api
  /** `hello` in the form that the run's prompts have. */
  readonly prompt: Prompt
  /** Tells the user how the wait goes. */
  readonly say: (line: string) => void
}

/**
 * Sends the run's own request with a short prompt until it is answered, so that a server that is still loading is
 * waited for and a wrong URL, key or model is met before anything is measured. Resolves with the answer's record;
 * throws `TargetUnreachableError` with the server's words. It also warms our own code.
 */
export const probe = async ({ plan, api, prompt, say }: ProbeParts): Promise<RequestRecord> => {
  const untilMs = nowMs() + Math.min(longestRetryMs, plan.target.timeouts.connectMs)
  for (let attempt = 1; ; attempt++) {
    const record = await probeOnce(plan, api, prompt, attempt)
    const { failure } = record
    // An empty answer to a limit of 16 tokens still proves the connection; the run itself will judge.
    if (failure === undefined || failure.kind === 'empty') return record
    const leftMs = untilMs - nowMs()
    if (!isPassing(failure) || leftMs <= 0) throw new TargetUnreachableError(explain(failure, plan.target.url))
    say(`connection test: ${failure.message}; trying again, ${Math.ceil(leftMs / 1000)} s left`)
    await new Promise(resolve => setTimeout(resolve, Math.min(retryPauseMs, leftMs)))
  }
}

const probeOnce = async (plan: RunPlan, api: Api, prompt: Prompt, attempt: number): Promise<RequestRecord> => {
  const { exchangeParts, close } = openExchange(plan, api)
  const records: RequestRecord[] = []
  const sink = { write: (record: RequestRecord) => records.push(record), close: () => undefined }
  const conversation = { turns: [{ prompt, maxTokens: probeOutputTokens }] }
  await converse({ index: attempt - 1, conversation }, nowMs(), {
    exchange: exchangeParts,
    settings: probeSettings(plan.request),
    sinks: [sink],
    phase: 'warmup',
    requestIdPrefix: 'probe',
  })
  await close()
  return records[0] as RequestRecord
}

/** Keys of a body that would make a probe long, or contradict its short limit; limits become the probe's own. */
const droppedKeys = new Set(['min_tokens', 'ignore_eos', 'n', 'logprobs', 'top_logprobs'])
const limitKeys = new Set(['max_tokens', 'max_completion_tokens', 'max_output_tokens', 'max_new_tokens'])

const probeSettings = (settings: RequestSettings): RequestSettings => {
  const { minTokens: _min, nChoices: _n, logprobs: _logprobs, ...chosen } = settings.chosen
  const { queryTemplate } = settings
  return {
    ...settings,
    chosen,
    extraArgs: shorten(settings.extraArgs),
    queryTemplate: queryTemplate === undefined ? undefined : shorten(queryTemplate),
  }
}

const shorten = (body: JsonObject): JsonObject =>
  Object.fromEntries(
    Object.entries(body)
      .filter(([key]) => !droppedKeys.has(key))
      .map(([key, value]) => [key, limitKeys.has(key) ? probeOutputTokens : (value as JsonValue)]),
  )

/** Whether a failure may pass while the server starts or recovers. */
const isPassing = ({ kind, message }: RequestFailure): boolean =>
  kind === 'http_429' || kind === 'http_5xx' || (kind === 'connect' && message.includes('ECONNREFUSED'))

const explain = ({ kind, message }: RequestFailure, url: string): string => {
  const advice =
    kind === 'connect' || kind === 'timeout_connect'
      ? 'check --url and that the server is running'
      : kind === 'tls'
        ? 'check the certificate, or give --insecure for a test certificate'
        : /HTTP 40[13]/.test(message)
          ? 'check --api-key'
          : /HTTP 40[45]/.test(message)
            ? 'check the path of --url and --model'
            : 'check --url, --api and --model'
  return `connection test of ${url} failed (${kind}): ${message.replace(/\s+/g, ' ')}; ${advice}`
}
