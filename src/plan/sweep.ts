import type { Arguments, ArgumentValues } from '../arguments/arguments.ts'
import { deepFreeze } from '../arguments/deep-freeze.ts'
import { completeUrl, isChatUrl, openaiChatEndpoints, parseEndpoint } from '../arguments/endpoint.ts'
import { flagName } from '../arguments/flags.ts'
import { maskUrl } from '../arguments/secrets.ts'
import { ArgumentsError } from '../errors.ts'
import { type DatasetSettings, hasOutputTokens, type RunPlan, type Task } from '../model/run-plan.ts'
import { asksBareText, checkChatTemplate, explainChatTemplate } from './chat-template.ts'
import { explainForeignUrl } from './foreign-url.ts'
import { explainIdleFlags, type IdleFlags } from './idle-flags.ts'
import { readObjectives } from './objectives.ts'
import { numberRule, planPoints, type SweepPoint } from './points.ts'
import { planRequest } from './request.ts'
import { planTarget, type TargetFacts, toMs } from './target.ts'
import { explainLoneTexts, placeOptions, planSaving } from './task.ts'
import { explainWorkers, planWorkers } from './workers.ts'

/** What a sweep needs to know beside the arguments. */
export interface SweepFacts extends TargetFacts {
  /** Model name to send: the user's, or the one the endpoint named. */
  readonly model: string
  readonly dataset: IdleFlags & {
    readonly size?: number
    readonly plainPrompts?: boolean
    readonly isMultiTurn?: boolean
    readonly hasArrivals?: boolean
    readonly task?: Task
    /** The keys that `--dataset-args` may have. */
    readonly options?: Readonly<Record<string, unknown>>
  }
  /** The dataset's file where the user gave none: the one that was downloaded. */
  readonly datasetPath?: string | undefined
  /** That this process may use at the same time. */
  readonly cores: number
}

/** The runs of a sweep in their order; the same arguments and facts give the same runs. Throws `ArgumentsError`. */
export const planSweep = (args: Arguments, facts: SweepFacts): readonly RunPlan[] => {
  const { values } = args
  checkFit(args, facts)
  checkChatTemplate(args, facts)
  checkPrompts(args, facts)
  const target = planTarget(args, facts, isPlain(args, facts))
  const request = planRequest(args, facts.model, placeOptions(values, facts.dataset).extraArgs)
  const objectives = readObjectives(values)
  const met = new Map<string, number>()
  let offset = values.datasetOffset
  return planPoints(values, builtInSize(values, facts)).map(({ name, load, number, warmupNumber }) => {
    const plan: RunPlan = {
      name: uniqueName(name, met),
      number,
      warmupNumber,
      load,
      workers: planWorkers(values, { load, number }, facts.cores),
      rampUpMs: toMs(values.rampUp),
      durationMs: values.duration === undefined ? undefined : toMs(values.duration),
      graceMs: toMs(values.grace),
      seed: args.runSeed,
      model: facts.model,
      task: facts.api.task ?? 'generate',
      api: values.api,
      target,
      request,
      dataset: planDataset(values, facts, offset),
      saveResponses: planSaving(args, facts.api.task),
      ...(objectives.length > 0 && { objectives }),
    }
    // How many a run without a number takes shows when it is over: see `withLaterOffset`.
    offset += warmupNumber + (number ?? 0)
    return deepFreeze(plan)
  })
}

/** Checks what depends on the dataset: whether it holds conversations, and whether these tell their times. */
const checkFit = ({ values }: Arguments, facts: SweepFacts): void => {
  const { dataset, multiTurn, openLoop, rate, prompt } = values
  const { isMultiTurn, hasArrivals } = prompt === undefined ? facts.dataset : { isMultiTurn: false, hasArrivals: false }
  if (isMultiTurn === true && !multiTurn) {
    throw new ArgumentsError(`--dataset ${dataset} holds conversations of several turns; give --multi-turn`)
  }
  if (isMultiTurn === false && multiTurn) {
    throw new ArgumentsError(
      `--multi-turn needs conversations, and --dataset ${dataset} has none; give one such as custom_multi_turn`,
    )
  }
  const endings = facts.api.chatEndpoints ?? openaiChatEndpoints
  if (multiTurn && values.applyChatTemplate === false) {
    throw new ArgumentsError('--multi-turn sends the history as chat messages; leave out --no-apply-chat-template')
  }
  if (multiTurn && (endings.length === 0 || !planDataset(values, facts, 0).chat)) {
    throw new ArgumentsError(
      endings.length === 0
        ? `--multi-turn sends the history as chat messages, which --api ${values.api} does not take; leave one out`
        : `--multi-turn sends the history as chat messages; give a --url that ends in ${endings.join(' or ')}`,
    )
  }
  if (hasArrivals && !openLoop) {
    throw new ArgumentsError(`--dataset ${dataset} has times of its own; give --open-loop, which sends at them`)
  }
  if (openLoop && rate === undefined && !hasArrivals && !values.slaAutoTune) {
    throw new ArgumentsError('--open-loop needs --rate; give the requests per second, or leave out --open-loop')
  }
}

/** Checks that the API can send what the dataset holds. */
const checkPrompts = ({ values }: Arguments, { api, dataset }: SweepFacts): void => {
  const { task = 'generate', sends } = api
  const wanted = values.prompt === undefined ? dataset.task : undefined
  if (wanted !== undefined && wanted !== task) {
    const other = wanted === 'embed' ? 'openai_embedding' : wanted === 'rerank' ? 'openai_rerank' : 'openai'
    throw new ArgumentsError(`--dataset ${values.dataset} is not for --api ${values.api}; give one such as ${other}`)
  }
  if (values.tokenizePrompt && sends !== undefined && !sends.includes('tokens')) {
    throw new ArgumentsError(`--tokenize-prompt sends token ids, which --api ${values.api} does not take; leave it out`)
  }
}

/** The same plan with prompts from `count` later on: for what runs without a number took before it. Frozen. */
export const withLaterOffset = (plan: RunPlan, count: number): RunPlan =>
  deepFreeze({ ...plan, dataset: { ...plan.dataset, offset: plan.dataset.offset + count } })

/** Lines that say what the plan decided for the user: the URL completed or exchanged, flags left out, the number of requests. */
export const explainSweep = (args: Arguments, facts: SweepFacts): readonly string[] => {
  const { url } = planTarget(args, facts, isPlain(args, facts))
  const completed = completeUrl(facts.url, facts.api.endpoints)
  const lines: string[] = []
  if (new URL(url).pathname !== new URL(completed).pathname) {
    lines.push(`prompts are no chat messages, so requests go to ${maskUrl(url)}`)
  } else if (!parseEndpoint(facts.url).pathname.startsWith(new URL(url).pathname)) {
    lines.push(`requests go to ${maskUrl(url)}`)
  }
  const said = [
    explainForeignUrl(args.values.api, facts),
    explainChatTemplate(args, facts),
    explainLoneTexts(args.values, facts.api.task ?? 'generate', facts.dataset),
  ]
  lines.push(...said.filter(line => line !== undefined))
  const points = planPoints(args.values, builtInSize(args.values, facts))
  const noun = args.values.multiTurn ? 'conversations' : 'requests'
  const numbers = explainNumbers(points, numberRule(args.values, builtInSize(args.values, facts)), noun)
  return [
    ...lines,
    ...explainUnsent(args, facts),
    ...explainIdleFlags(args, facts.dataset),
    ...numbers,
    ...explainWorkers(args.values, points, facts.cores),
  ]
}

const explainUnsent = (args: Arguments, { api }: SweepFacts): readonly string[] => {
  // Vectors and orders come in one piece, so that --no-stream is no mistake.
  const asksStream = args.values.stream && !hasOutputTokens(api.task ?? 'generate')
  const unsent = [...(api.unsent ?? []), ...(asksStream ? (['stream'] as const) : [])]
  const flags = unsent.filter(parameter => args.isSet(parameter)).map(flagName)
  if (flags.length === 0) return []
  const [verb, them] = flags.length === 1 ? ['is', 'it'] : ['are', 'them']
  return [
    `${flags.join(', ')} ${verb} not sent: the protocol of --api ${args.values.api} lacks ${them}; ` +
      "keys of a server's own go into --extra-args",
  ]
}

const explainNumbers = (points: readonly SweepPoint[], rule: string | undefined, noun: string): readonly string[] => {
  const lines: string[] = []
  for (const { load, number } of points) {
    if (load.kind !== 'closed' || number === undefined || number >= load.concurrency) continue
    lines.push(`--number ${number} is below --parallel ${load.concurrency}: no more than ${number} are in flight`)
    break
  }
  if (rule !== undefined) {
    lines.push(`--number not given: ${points.map(({ number }) => number).join(' ')} ${noun} (${rule})`)
  }
  return lines
}

/** Pause between two runs of a sweep, in ms. */
export const sleepBetweenRunsMs = (args: Arguments): number => toMs(args.values.sleepInterval)

/** Adds `_2`, `_3` … to a name that was met before. */
const uniqueName = (name: string, met: Map<string, number>): string => {
  const count = (met.get(name) ?? 0) + 1
  met.set(name, count)
  return count === 1 ? name : `${name}_${count}`
}

/** Prompts of a finite built-in set; `--prompt` stands in for any dataset. */
const builtInSize = (values: ArgumentValues, { dataset }: SweepFacts): number | undefined =>
  values.prompt === undefined ? dataset.size : undefined

/** Whether the dataset's prompts are bare strings, whatever the URL. */
const isBare = (values: ArgumentValues, { dataset }: SweepFacts): boolean =>
  values.prompt === undefined && dataset.plainPrompts === true

/** Whether the endpoint, completed, takes chat messages. */
const isChat = ({ url, api }: SweepFacts): boolean => isChatUrl(completeUrl(url, api.endpoints), api.chatEndpoints)

/** Whether what is sent is no chat message: token ids or bare strings. */
const isPlain = (args: Arguments, facts: SweepFacts): boolean =>
  args.values.tokenizePrompt || isBare(args.values, facts) || asksBareText(args, facts)

const planDataset = (values: ArgumentValues, facts: SweepFacts, offset: number): DatasetSettings => ({
  spec: values.dataset,
  path: values.datasetPath ?? facts.datasetPath,
  // Decided by the URL as completed: token ids too are those of the chat template, when the user named a chat URL.
  chat: !isBare(values, facts) && (values.applyChatTemplate ?? isChat(facts)),
  offset,
  minPromptLength: values.minPromptLength,
  maxPromptLength: values.maxPromptLength,
  prefixLength: values.prefixLength,
  tokenizerPath: values.tokenizerPath,
  tokenizePrompt: values.tokenizePrompt,
  args: placeOptions(values, facts.dataset).datasetArgs,
  minTurns: values.minTurns,
  maxTurns: values.maxTurns,
  images: {
    widthPx: values.imageWidth,
    heightPx: values.imageHeight,
    mode: values.imageFormat,
    count: values.imageNum,
    patchPx: values.imagePatchSize,
  },
  prompt: values.prompt,
})
