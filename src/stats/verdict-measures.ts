import { hasOutputTokens, hasSchedule, type RunPlan } from '../model/run-plan.ts'
import type { TokenFindings } from '../model/token-findings.ts'
import type { Accumulator } from './accumulator.ts'
import { decimalText } from './decimal.ts'
import { meanPaused } from './paused-slots.ts'
import { neverSteadyWindow, steadyLevel, steadyWindow } from './steady-window.ts'
import { carriedAt } from './verdict-client.ts'
import type { Measure } from './verdict-facts.ts'

/** Lateness in ms, of a load that has a schedule. */
export const latenessMs: Measure = ({ plan, accumulator }) => {
  const [late] = hasSchedule(plan.load) ? carriedAt(accumulator.latenessUs, 99) : []
  if (late === undefined) return undefined
  return { measured: late.us / 1000, found: `requests left ${msText(late.us)} ms late (p${late.level})` }
}

/** By how many ms the time over which requests left is off that of the schedule, waits for slots counted to this. */
export const offScheduleMs: Measure = ({ plan, accumulator }) => {
  const { possible, onSchedule } = accumulator
  if (!hasSchedule(plan.load) || possible.lengthUs === undefined || onSchedule.lengthUs === undefined) return undefined
  return {
    measured: Math.abs(onSchedule.lengthUs - possible.lengthUs) / 1000,
    found: `requests left over ${secondsText(onSchedule.lengthUs)} where the schedule took ${secondsText(possible.lengthUs)}`,
  }
}

/** Mean in flight of an unpaced closed loop while it was to be steady, in % of what it is to keep in flight. */
export const inFlightPercent: Measure = ({ plan, accumulator, hasThinkTime, pauses }) => {
  const { load, number } = plan
  const level = steadyLevel(plan)
  if (load.kind !== 'closed' || level === undefined || hasThinkTime) return undefined
  const steady = steadyWindow(accumulator, plan)
  const window = steady ?? neverSteadyWindow(accumulator, plan)
  const held = window && accumulator.inFlight.meanBetween(window.fromUs, window.toUs)
  if (window === undefined || held === undefined) return undefined
  // Slots that paused because the server refused them are its doing, and stand in the failures.
  const mean = held + meanPaused(pauses, window)
  const target = Math.min(load.concurrency, number ?? load.concurrency)
  const measured = (100 * mean) / target
  const [during, never] =
    steady === undefined ? ['', `, and never ${level} at a time`] : [' while the load was steady', '']
  return {
    measured,
    found: `${decimalText(mean, 2)} of ${target} requests were in flight on average${during}, ${decimalText(measured, 1)}%${never}`,
  }
}

/** Time that requests waited for prompts, in % of the time that they took. */
export const promptWaitPercent: Measure = ({ summary, accumulator }) => {
  const { promptWaiting } = summary
  const tookMs = accumulator.latencyUs.sum / 1000
  if (promptWaiting === undefined || tookMs === 0) return undefined
  const { requests, totalMs, maxMs } = promptWaiting
  const measured = (100 * totalMs) / tookMs
  return {
    measured,
    found: `${requests} requests waited up to ${decimalText(maxMs, 0)} ms for their prompts, in all ${decimalText(measured, 1)}% of all latencies`,
  }
}

/** Successes, in % of what ended by itself. */
export const successPercent: Measure = ({ summary: { successPercent, failedRequests, totalRequests } }) =>
  successPercent === undefined
    ? undefined
    : {
        measured: successPercent,
        found: `${failedRequests} of ${totalRequests} requests failed, ${decimalText(successPercent, 2)}% succeeded`,
      }

/** Requests that we cut off because `--grace` was over; a signal or a loss that does so is told otherwise. */
export const cutOffPercent: Measure = ({ summary: { cutOffRequests, totalRequests }, interrupted }) => {
  const sent = cutOffRequests + totalRequests
  if (interrupted || sent === 0) return undefined
  const measured = (100 * cutOffRequests) / sent
  return {
    measured,
    found: `${cutOffRequests} of ${sent} requests were cut off when --grace was over, ${decimalText(measured, 1)}%`,
  }
}

/** Mean output, in % of one length that was asked for; only where the server counts all of it. */
export const outputPercent: Measure = ({ plan: { task, request }, summary }) => {
  const asked = request.chosen.maxTokens ?? request.defaults.maxTokens
  const { meanOutputTokens, tokenSources, succeededRequests } = summary
  if (asked === undefined || asked.min !== asked.max || request.chosen.minTokens !== asked.max) return undefined
  if (!hasOutputTokens(task) || meanOutputTokens === undefined) return undefined
  if (tokenSources.usage !== succeededRequests) return undefined
  const measured = (100 * meanOutputTokens) / asked.max
  return {
    measured,
    found: `answers have ${decimalText(meanOutputTokens, 1)} tokens on average, ${decimalText(measured, 1)}% of the ${asked.max} that --min-tokens and --max-tokens ask for`,
  }
}

/** Difference of the server's count of prompts of a given length from the tokenizer's, in % of this. */
export const promptOffPercent: Measure = ({ plan, tokens }) => {
  const input = tokens?.input
  if (!asksForLength(plan) || input?.differencePercent === undefined) return undefined
  const measured = Math.abs(input.differencePercent)
  return {
    measured,
    found: `the server counts ${decimalText(input.meanUsage, 1)} prompt tokens on average where the tokenizer counts ${decimalText(input.meanTokenizer, 1)}, ${decimalText(measured, 1)}% off`,
  }
}

/** Whether prompts have lengths in tokens that somebody asked for. */
const asksForLength = ({ dataset }: RunPlan): boolean =>
  isDrawn(dataset) ||
  dataset.args.target_input_len !== undefined ||
  (dataset.tokenizerPath !== undefined && dataset.minPromptLength === dataset.maxPromptLength)

/** Cached prompt tokens of a run that meant to be cold: of single requests with drawn prompts that share no prefix. */
export const cachedPercent: Measure = ({ plan: { dataset }, summary, accumulator, tokens }) => {
  const isCold = isDrawn(dataset) && dataset.prefixLength === 0 && summary.conversations === undefined
  const { cachedTokens, cacheablePromptTokens } = accumulator.totals
  if (!isCold || cacheablePromptTokens === 0) return undefined
  const head = sharedHead(accumulator, tokens)
  const measured = (100 * (cachedTokens - head * accumulator.cachedTokens.count)) / cacheablePromptTokens
  const butFor = head === 0 ? '' : `, ${decimalText(head, 1)} a prompt for the chat template not counted`
  return { measured, found: `the server had ${decimalText(measured, 1)}% of the prompt tokens in its cache${butFor}` }
}

/** Samples of the gated percentile that lacks most, in % of those that it takes. */
export const sampledPercent: Measure = ({ figures = [] }) => {
  const [worst] = figures
    .flatMap(({ figure, value, count, neededSamples }) =>
      value === undefined || neededSamples === undefined ? [] : [{ figure, count, neededSamples }],
    )
    .map(one => ({ ...one, measured: (100 * one.count) / one.neededSamples }))
    .sort((a, b) => a.measured - b.measured)
  if (worst === undefined) return undefined
  const { figure, count, neededSamples, measured } = worst
  return {
    measured,
    found: `${figure.name}, which a gate uses, rests on ${count} of the ${neededSamples} samples that it takes, ${decimalText(measured, 1)}%`,
  }
}

/** Tokens at the head of all prompts that the template put there: those that each had in the cache, at most its own. */
const sharedHead = ({ cachedTokens }: Accumulator, tokens: TokenFindings | undefined): number => {
  const { meanPromptTokens = 0, meanTextTokens = 0 } = tokens?.template ?? {}
  return Math.min(cachedTokens.min ?? 0, Math.max(0, meanPromptTokens - meanTextTokens))
}

/** Whether prompts are drawn token by token, so that no two are alike. */
const isDrawn = ({ spec, prompt }: RunPlan['dataset']): boolean =>
  prompt === undefined && /^random(_[a-z]+)*$/.test(spec)

const msText = (us: number): string => decimalText(us / 1000, 2)

const secondsText = (us: number): string => `${decimalText(us / 1_000_000, 3)} s`
