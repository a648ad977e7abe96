import type { Arguments, ArgumentValues } from '../arguments/arguments.ts'
import { deepFreeze } from '../arguments/deep-freeze.ts'
import { completeUrl, isChatUrl, parseEndpoint, simulatedApi } from '../arguments/endpoint.ts'
import { maskUrl } from '../arguments/secrets.ts'
import type { DatasetSettings, RunPlan } from '../model/run-plan.ts'
import { planRequest } from './request.ts'
import { planTarget, type TargetFacts, toMs } from './target.ts'

/** What a sweep needs to know beside the arguments. */
export interface SweepFacts extends TargetFacts {
  /** Model name to send: the user's, or the one the endpoint named. */
  readonly model: string
  readonly dataset: { readonly size?: number; readonly plainPrompts?: boolean }
}

/** The runs of a sweep in their order; the same arguments and facts give the same runs. Throws `ArgumentsError`. */
export const planSweep = (args: Arguments, facts: SweepFacts): readonly RunPlan[] => {
  const { values } = args
  const target = planTarget(args, facts, isPlain(args, facts))
  const request = planRequest(args, facts.model)
  const met = new Map<string, number>()
  let offset = values.datasetOffset
  return planPoints(args, facts).map(({ concurrency, number }) => {
    const plan: RunPlan = {
      name: uniqueName(`parallel_${concurrency}_number_${number}`, met),
      number,
      load: { kind: 'closed', concurrency },
      seed: args.runSeed,
      model: facts.model,
      // Our own server speaks this protocol.
      api: values.api === simulatedApi ? 'openai' : values.api,
      target,
      request,
      dataset: planDataset(args, facts, offset),
      saveResponses: values.saveResponses,
    }
    offset += number
    return deepFreeze(plan)
  })
}

/** Lines that say what the plan decided for the user: the URL completed or exchanged, the number of requests. */
export const explainSweep = (args: Arguments, facts: SweepFacts): readonly string[] => {
  const { url } = planTarget(args, facts, isPlain(args, facts))
  const completed = completeUrl(facts.url, facts.api.endpoints)
  const lines: string[] = []
  if (new URL(url).pathname !== new URL(completed).pathname) {
    lines.push(`prompts are no chat messages, so requests go to ${maskUrl(url)}`)
  } else if (!parseEndpoint(facts.url).pathname.startsWith(new URL(url).pathname)) {
    lines.push(`requests go to ${maskUrl(url)}`)
  }
  const short = planPoints(args, facts).find(({ concurrency, number }) => number < concurrency)
  if (short !== undefined) {
    lines.push(
      `--number ${short.number} is below --parallel ${short.concurrency}: no more than ${short.number} are in flight`,
    )
  }
  if (!args.values.number) {
    const numbers = planPoints(args, facts).map(({ number }) => number)
    const rule = builtInSize(args, facts) === undefined ? '10 x --parallel, at least 20' : 'all prompts of the dataset'
    lines.push(`--number not given: ${numbers.join(' ')} requests (${rule})`)
  }
  return lines
}

/** Pause between two runs of a sweep, in ms. */
export const sleepBetweenRunsMs = (args: Arguments): number => toMs(args.values.sleepInterval)

interface Point {
  readonly concurrency: number
  readonly number: number
}

/** Pairs both lists; a single value goes with every value of the other list. */
const planPoints = (args: Arguments, facts: SweepFacts): readonly Point[] => {
  const { parallel, number } = args.values
  const size = builtInSize(args, facts)
  const runs = Math.max(parallel.length, number?.length ?? 1)
  return Array.from({ length: runs }, (_, run) => {
    const concurrency = pick(parallel, run)
    return { concurrency, number: number ? pick(number, run) : (size ?? Math.max(20, 10 * concurrency)) }
  })
}

const pick = (list: readonly number[], run: number): number => list[list.length === 1 ? 0 : run] as number

/** Adds `_2`, `_3` … to a name that was met before. */
const uniqueName = (name: string, met: Map<string, number>): string => {
  const count = (met.get(name) ?? 0) + 1
  met.set(name, count)
  return count === 1 ? name : `${name}_${count}`
}

/** Prompts of a finite built-in set; `--prompt` stands in for any dataset. */
const builtInSize = ({ values }: Arguments, { dataset }: SweepFacts): number | undefined =>
  values.prompt === undefined ? dataset.size : undefined

/** Whether the dataset's prompts are bare strings, whatever the URL. */
const isBare = (values: ArgumentValues, { dataset }: SweepFacts): boolean =>
  values.prompt === undefined && dataset.plainPrompts === true

/** Whether what is sent is no chat message: token ids or bare strings. */
const isPlain = ({ values }: Arguments, facts: SweepFacts): boolean => values.tokenizePrompt || isBare(values, facts)

const planDataset = ({ values }: Arguments, facts: SweepFacts, offset: number): DatasetSettings => ({
  spec: values.dataset,
  path: values.datasetPath,
  // Decided by the URL as completed: token ids too are those of the chat template, when the user named a chat URL.
  chat: values.applyChatTemplate ?? (!isBare(values, facts) && isChatUrl(completeUrl(facts.url, facts.api.endpoints))),
  offset,
  minPromptLength: values.minPromptLength,
  maxPromptLength: values.maxPromptLength,
  prefixLength: values.prefixLength,
  tokenizerPath: values.tokenizerPath,
  tokenizePrompt: values.tokenizePrompt,
  prompt: values.prompt,
})
