import type { Incomplete, RunSummary } from '../model/result.ts'
import { hasOutputTokens, type RunPlan } from '../model/run-plan.ts'
import type { TokenFindings, UsageComparison } from '../model/token-findings.ts'
import type { Accumulator } from './accumulator.ts'
import { decimalText } from './decimal.ts'
import { isOffUsage, templateMatters } from './worth-showing.ts'

/** What notes on tokens are made from. */
interface TokenContext {
  readonly plan: RunPlan
  readonly summary: RunSummary
  readonly accumulator: Accumulator
  readonly tokens: TokenFindings | undefined
  /** Streams without usage whose body did not ask for it, where records do not tell. */
  readonly usageUnasked?: number | undefined
  /** What the server's usage had where a count should be, in words. */
  readonly oddUsage?: string | undefined
  readonly incomplete?: Incomplete | undefined
}

/** Where token counts are from, what is not counted and how it could be, and what a tokenizer says of the server's. */
export const tokenNotes = (context: TokenContext): string[] =>
  [
    oddUsageNote(context),
    tokenizerNote(context),
    ...findingsNotes(context),
    missingNote(context),
    usageNote('input', context.tokens?.input),
    usageNote('output', context.tokens?.output),
    templateNote(context.tokens),
  ].filter(note => note !== undefined)

type Note = string | undefined

const oddUsageNote = ({ oddUsage }: TokenContext): Note =>
  oddUsage === undefined ? undefined : `The server's usage holds what is no count: ${oddUsage}.`

const tokenizerNote = ({ plan, summary: { succeededRequests, tokenSources } }: TokenContext): Note => {
  if (tokenSources.tokenizer === 0) return undefined
  const tokens = hasOutputTokens(plan.task) ? 'Output tokens' : 'Input tokens'
  return `${tokens} of ${part(tokenSources.tokenizer, succeededRequests)} were counted by the tokenizer, not by the server.`
}

const findingsNotes = ({ summary: { succeededRequests }, tokens }: TokenContext): readonly Note[] => {
  const { countedPrompts = 0, estimatedPrompts = 0, partialPrompts = 0, unchecked } = tokens ?? {}
  return [
    countedPrompts > 0
      ? `The server counts answers but not prompts: those of ${part(countedPrompts, succeededRequests)} were counted by the tokenizer.`
      : undefined,
    estimatedPrompts > 0
      ? `The prompts of ${part(estimatedPrompts, succeededRequests)} hold images, of which each square of --image-patch-size pixels is taken for a token: an estimate.`
      : undefined,
    partialPrompts > 0
      ? `The prompts of ${part(partialPrompts, succeededRequests)} hold tools, images elsewhere or their like, of which the tokenizer counts nothing: their input tokens are too few.`
      : undefined,
    unchecked === undefined
      ? undefined
      : `The server's counts of ${requestsText(unchecked.requests)} are not checked: ${unchecked.reason}.`,
  ]
}

const requestsText = (count: number): string => (count === 1 ? '1 request' : `${count} requests`)

/** One note for all that is missing, with what to do about it. */
const missingNote = (context: TokenContext): Note => {
  const { plan, summary, accumulator } = context
  const { succeededRequests, tokenSources } = summary
  const { chunks, none } = tokenSources
  const uncounted = hasOutputTokens(plan.task) ? succeededRequests - accumulator.inputTokens.count : 0
  const missing = [
    chunks > 0
      ? `output tokens of ${part(chunks, succeededRequests)} are chunks, not tokens${uncounted === chunks ? ', and their prompts are not counted' : ''}`
      : undefined,
    none > 0 ? `no token count for ${part(none, succeededRequests)}, which are in no token figure` : undefined,
    uncounted > none && uncounted !== chunks
      ? `no count of the prompts of ${part(uncounted, succeededRequests)}`
      : undefined,
  ].filter(text => text !== undefined)
  return missing.length === 0 ? undefined : `${capitalised(missing.join('; '))}: ${remedy(context)}.`
}

const remedy = ({ plan, accumulator, tokens, usageUnasked, incomplete }: TokenContext): string => {
  if (tokens !== undefined) return tokens.uncounted?.reason ?? 'there is no text that the tokenizer could count'
  // It counts when the load is over.
  if (incomplete !== undefined && plan.dataset.tokenizerPath !== undefined) {
    return incomplete === 'under way'
      ? 'the tokenizer counts when all have ended'
      : 'the tokenizer had not counted yet when the run ended'
  }
  const mayAsk = plan.api === 'openai' && (usageUnasked ?? accumulator.totals.usageUnasked) > 0
  return mayAsk
    ? `give --tokenizer-path, or ask for usage with --extra-args '{"stream_options": {"include_usage": true}}'`
    : 'give --tokenizer-path, or use a server that sends usage'
}

const usageNote = (kind: 'input' | 'output', comparison: UsageComparison | undefined): Note => {
  if (comparison === undefined || !isOffUsage(comparison)) return undefined
  const { requests, meanUsage, meanTokenizer, constantDifference, worst } = comparison
  // Answers that are always longer than what is counted have no such simple cause.
  if (constantDifference !== undefined && (kind === 'input' || constantDifference > 0)) {
    const count = Math.abs(constantDifference)
    const sign = constantDifference > 0 ? 'more' : 'less'
    const tokens = `${count} ${kind} token${count === 1 ? '' : 's'} ${sign}`
    const cause = kind === 'output' ? endMarks : constantInput[sign]
    return `The server counts ${tokens} than the tokenizer in each of ${requests} requests compared: ${cause}.`
  }
  const example = worst === undefined ? '' : `, ${worst.usage} against ${worst.tokenizer} in ${worst.requestId}`
  const means = `${decimalText(meanUsage, 1)} against ${decimalText(meanTokenizer, 1)} on average over ${requests} requests`
  return `The server counts other ${kind} tokens than the tokenizer: ${means}${example}. ${causes[kind]}.`
}

const constantInput = {
  more: 'a system prompt or a chat template of its own would do that',
  less: 'another tokenizer, a shorter chat template, or prompts that it cuts would do that',
} as const

const endMarks = 'end marks would do that, or tokens whose text it does not send'

const causes = {
  input: "The tokenizer may not be the model's own, or the server may change prompts",
  output:
    "A token or two an answer are its end mark, and text that is tokenized otherwise than it was generated; with more, the tokenizer may not be the model's own",
} as const

const templateNote = (tokens: TokenFindings | undefined): Note => {
  const template = tokens?.template
  if (template === undefined || !templateMatters(template)) return undefined
  const { meanPromptTokens, meanTextTokens } = template
  const added = meanPromptTokens - meanTextTokens
  const percent = decimalText((100 * added) / meanPromptTokens, 1)
  return `The chat template adds ${decimalText(added, 1)} of ${decimalText(meanPromptTokens, 1)} prompt tokens (${percent}%).`
}

const part = (count: number, all: number): string => `${count} of ${all} successful requests`

const capitalised = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}`
