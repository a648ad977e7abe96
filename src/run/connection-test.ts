import { wrapText } from '../datasets/support/prompts.ts'
import { tokenizeConversation } from '../datasets/support/tokenize.ts'
import { probe } from '../load/probe.ts'
import { promptTokenizer } from '../load/prompt-tokenizer.ts'
import type { Prompt } from '../model/conversation.ts'
import type { RunPlan } from '../model/run-plan.ts'
import { type Host, unlessStopped } from './host.ts'
import type { Prepared } from './prepare.ts'

/** A server that loads its model on the first request may take this long; a wrong one is silent for ever. */
const usualPatienceMs = 120_000
/** After this long without an answer the user is told what is waited for. */
const impatientAfterMs = 5000

/** A plan whose connection test waits for as long as is usual: where the user does not say how long to wait. */
export const withUsualPatience = (plan: RunPlan): RunPlan => {
  const { connectMs, readMs, totalMs } = plan.target.timeouts
  const timeouts = {
    connectMs: Math.min(connectMs, usualPatienceMs),
    readMs: Math.min(readMs, usualPatienceMs),
    totalMs: Math.min(totalMs, 2 * usualPatienceMs),
  }
  return { ...plan, target: { ...plan.target, timeouts } }
}

/** Sends one short request before the first run and says how it went. Throws `TargetUnreachableError` or `Stopped`. */
export const testConnection = async (
  plan: RunPlan,
  { api, tokenizer, readyLimitMs }: Pick<Prepared, 'api' | 'tokenizer'> & { readonly readyLimitMs: number },
  host: Host,
  say: (line: string) => void,
): Promise<void> => {
  host.status.show('connection test')
  const impatience = setTimeout(() => {
    say(
      `connection test: no answer yet; it waits for ${plan.target.timeouts.readMs / 1000} s; --read-timeout changes that`,
    )
  }, impatientAfterMs)
  const showRetry = (line: string): void => {
    // It did answer, be it with a refusal; what is asked next may be met with silence.
    impatience.refresh()
    host.status.show(line)
  }
  const prompt = probePrompt(plan, tokenizer)
  const probing = probe({ plan, api, prompt, readyLimitMs, say, show: showRetry, signal: host.stop.draining })
  const record = await unlessStopped(probing, host.stop).finally(() => {
    clearTimeout(impatience)
    host.status.clear()
  })
  const latencyMs = Math.round((record.endUs - record.sentUs) / 1000)
  if (record.failure?.kind === 'timeout_total') {
    return say(`connection test: it answers, though the answer to 16 tokens was not over after ${latencyMs} ms`)
  }
  say(`connection test: answered in ${latencyMs} ms${record.failure === undefined ? '' : ', though without output'}`)
}

/** `hello` in the form of the run's prompts. */
const probePrompt = ({ dataset, request }: RunPlan, given: Prepared['tokenizer']): Prompt => {
  const tokenizer = promptTokenizer(request, given)
  const prompt = wrapText('hello', dataset.chat)
  if (!dataset.tokenizePrompt || tokenizer === undefined) return prompt
  return tokenizeConversation({ turns: [{ prompt }] }, tokenizer).turns[0]?.prompt ?? prompt
}
