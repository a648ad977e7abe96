import type { Api } from '../apis/api.ts'
import { maskUrl } from '../arguments/secrets.ts'
import type { Prompt } from '../model/conversation.ts'
import { isJsonObject, type JsonObject, type JsonValue } from '../model/json.ts'
import type { RequestRecord } from '../model/record.ts'
import type { RequestSettings, RunPlan } from '../model/run-plan.ts'
import { nowMs } from './clock.ts'
import { converse } from './converse.ts'
import { Gate } from './gate.ts'
import { openExchange } from './open-exchange.ts'
import { type Attempt, retryWhileStarting } from './retry.ts'
import { neverStops } from './stop.ts'

const probeOutputTokens = 16

/** What the connection test needs beside the plan. */
export interface ProbeParts {
  readonly plan: RunPlan
  readonly api: Api
  /** `hello` in the form that the run's prompts have. */
  readonly prompt: Prompt
  /** How long a server that starts is waited for. */
  readonly readyLimitMs: number
  /** Tells the user how the wait goes. */
  readonly say: (line: string) => void
  /** Shows the countdown, where there is a terminal. */
  readonly show: (line: string) => void
  /** Breaks the test off: its connection is closed at once. */
  readonly signal: AbortSignal
}

/**
 * Sends the run's own request with a short prompt until it is answered, so that a server that still starts is waited
 * for, and a wrong URL, key or model is met before anything is measured. It also warms our own code. Resolves with the
 * answer's record; throws `TargetUnreachableError` with the server's words.
 */
export const probe = (parts: ProbeParts): Promise<RequestRecord> => {
  const { plan, readyLimitMs, say, show, signal } = parts
  let tries = 0
  const attempt = async (): Promise<Attempt<RequestRecord>> => {
    const record = await probeOnce(parts, tries++)
    const { failure } = record
    return failure === undefined || provesConnection(record)
      ? { value: record }
      : { failure, hasAnswered: record.statusCode !== undefined }
  }
  return retryWhileStarting(attempt, {
    what: `connection test of ${maskUrl(plan.target.url)}`,
    limitMs: readyLimitMs,
    say,
    show,
    signal,
  })
}

/** An empty answer to a limit of 16 tokens does, and one that goes on for minutes; the run itself will judge. */
const provesConnection = ({ failure, chunkCount }: RequestRecord): boolean =>
  failure?.kind === 'empty' || (failure?.kind === 'timeout_total' && chunkCount > 0)

const probeOnce = async ({ plan, api, prompt, signal }: ProbeParts, index: number): Promise<RequestRecord> => {
  const { exchangeParts, cut: cutFor, close } = openExchange(plan, api)
  const cut = (): void => cutFor('cut off because the run was stopped')
  signal.addEventListener('abort', cut)
  const records: RequestRecord[] = []
  const sink = { write: (record: RequestRecord) => records.push(record), close: () => undefined }
  const conversation = { turns: [{ prompt, maxTokens: probeOutputTokens }] }
  await converse(
    { index, conversation },
    { scheduledMs: nowMs(), slotWaitMs: undefined },
    {
      exchange: exchangeParts,
      // The signal cuts what is under way; `retryWhileStarting` begins nothing new.
      gate: new Gate(neverStops().draining),
      draining: signal,
      settings: probeSettings(plan.request),
      sinks: [sink],
      phase: 'warmup',
      requestIdPrefix: 'probe',
    },
  )
  signal.removeEventListener('abort', cut)
  await close()
  return records[0] as RequestRecord
}

/**
 * Keys of a body that would make a probe long, or contradict its short limit, as a budget of `thinking` does; limits
 * become the probe's own.
 */
const droppedKeys = new Set(['min_tokens', 'ignore_eos', 'thinking'])
const limitKeys = new Set([
  ...['max_tokens', 'max_completion_tokens', 'max_output_tokens', 'max_new_tokens'],
  'num_predict',
])
/** Objects in which protocols keep such keys. */
const groupKeys = new Set(['options', 'parameters'])

const probeSettings = (settings: RequestSettings): RequestSettings => {
  const { minTokens: _min, ...chosen } = settings.chosen
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
      .map(([key, value]) => [key, shortenedValue(key, value as JsonValue)]),
  )

const shortenedValue = (key: string, value: JsonValue): JsonValue => {
  // A null leaves its key out.
  if (limitKeys.has(key) && value !== null) return probeOutputTokens
  return groupKeys.has(key) && isJsonObject(value) ? shorten(value) : value
}
