import { wrapText } from '../datasets/support/prompts.ts'
import { tokenizeConversation } from '../datasets/support/tokenize.ts'
import { probe } from '../load/probe.ts'
import type { Prompt } from '../model/conversation.ts'
import type { RunPlan } from '../model/run-plan.ts'
import { type Host, unlessStopped } from './host.ts'
import type { Prepared } from './prepare.ts'

/** Reads the first prompt, so that a wrong path or file is met before anything is made or sent. */
export const checkDataset = (plan: RunPlan, { dataset, tokenizer }: Prepared, host: Host): Promise<void> => {
  const context = { settings: plan.dataset, seed: plan.seed, tokenizer, say: () => undefined }
  const readOne = async (): Promise<void> => {
    for await (const _ of dataset.open(context)) return
  }
  return unlessStopped(readOne(), host.stop)
}

/** Sends one short request before the first run and says how it went. Throws `TargetUnreachableError` or `Stopped`. */
export const testConnection = async (
  plan: RunPlan,
  { api, tokenizer }: Prepared,
  host: Host,
  say: (line: string) => void,
): Promise<void> => {
  const show = (line: string): void => host.status.show(line)
  const probing = probe({ plan, api, prompt: probePrompt(plan, tokenizer), say, show, signal: host.stop.draining })
  const record = await unlessStopped(probing, host.stop)
  host.status.clear()
  const latencyMs = Math.round((record.endUs - record.sentUs) / 1000)
  say(`connection test: answered in ${latencyMs} ms`)
}

/** `hello` in the form of the run's prompts. */
const probePrompt = ({ dataset }: RunPlan, tokenizer: Prepared['tokenizer']): Prompt => {
  const prompt = wrapText('hello', dataset.chat)
  if (!dataset.tokenizePrompt || tokenizer === undefined) return prompt
  return tokenizeConversation({ turns: [{ prompt }] }, tokenizer).turns[0]?.prompt ?? prompt
}
