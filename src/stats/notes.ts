import type { HealthSummary } from '../model/health.ts'
import type { ConcurrencySummary, Incomplete, RunSummary } from '../model/result.ts'
import { hasOutputTokens, type RunPlan } from '../model/run-plan.ts'
import type { TokenFindings } from '../model/token-findings.ts'
import type { ReasonName, Verdict } from '../model/verdict.ts'
import type { Accumulator } from './accumulator.ts'
import { decimalText } from './decimal.ts'
import { conversationNotes } from './notes-conversations.ts'
import { goodputNotes } from './notes-goodput.ts'
import { reconnectNote, unobservedNote, wavesNote } from './notes-load.ts'
import { type ShownSamples, sampleNote } from './notes-samples.ts'
import { scheduleNotes } from './notes-schedule.ts'
import { tokenNotes } from './notes-tokens.ts'
import {
  isChance,
  isOffGauge,
  scheduled,
  showsFirstChunk,
  showsSpeculation,
  tokensPerChunkLimit,
  waitedForPrompts,
} from './worth-showing.ts'

/** What notes are made from. */
export interface NoteContext {
  readonly plan: RunPlan
  readonly summary: RunSummary
  readonly accumulator: Accumulator
  readonly concurrency: ConcurrencySummary | undefined
  readonly samples: ShownSamples
  readonly tokens: TokenFindings | undefined
  /** What its reasons say is not said twice. */
  readonly verdict: Verdict
  readonly health: HealthSummary | undefined
  readonly datasetFailed: boolean
  readonly interrupted: boolean
  /** Where more is known of its end than that it was interrupted, the verdict says it. */
  readonly statement?: string | undefined
  /** Why a database may lack requests of the run. */
  readonly incomplete?: Incomplete | undefined
  /** Streams without usage whose body did not ask for it, where records do not tell. */
  readonly usageUnasked?: number | undefined
  /** What the server's usage had where a count should be, in words. */
  readonly oddUsage?: string | undefined
  /** What is to be said of the floor that the doctor found on the machine of the run. */
  readonly floorNote?: string | undefined
}

/** Plain sentences a reader should know beside the figures; they change none. */
export const makeNotes = (context: NoteContext): string[] => {
  const { plan, summary, accumulator, concurrency } = context
  const isSaid = (name: ReasonName): boolean => context.verdict.reasons.some(reason => reason.name === name)
  return [
    interruptedNote(context),
    unsentNote(context),
    cutOffNote(context, isSaid('requests cut off')),
    ...conversationNotes(summary.conversations, {
      durationMs: context.interrupted ? undefined : plan.durationMs,
      cutOffRequests: summary.cutOffRequests,
    }),
    rampUpNote(context),
    ...scheduleNotes(plan, summary, accumulator, isSaid('schedule missed')),
    isSaid('dataset too slow') ? undefined : promptNote(summary),
    gaugeNote(concurrency, summary),
    stretchNote(summary),
    sampleNote(context),
    context.interrupted ? undefined : wavesNote(plan, summary),
    reconnectNote(plan, summary, context.health),
    unobservedNote(summary, context.health),
    resentNote(summary),
    unstreamedNote(context),
    ...goodputNotes(summary),
    lateFirstTokenNote(summary),
    hiddenReasoningNote(context),
    tokensPerChunkNote(summary),
    coalescedNote(summary),
    ...tokenNotes(context),
    context.floorNote,
  ].filter(note => note !== undefined)
}

type Note = string | undefined

const interruptedNote = ({ interrupted, statement, summary }: NoteContext): Note => {
  if (!interrupted || statement !== undefined) return undefined
  return summary.totalRequests + summary.cutOffRequests === 0
    ? 'Interrupted before the first measured request.'
    : 'Interrupted: the figures cover the requests that had ended by then.'
}

const unsentNote = ({ plan, summary, datasetFailed, interrupted, incomplete }: NoteContext): Note => {
  const { totalRequests, cutOffRequests, expectedRequests, conversations } = summary
  const [sent, expected, were] = conversations
    ? [conversations.begun, conversations.expected, 'conversations were begun']
    : [totalRequests + cutOffRequests, expectedRequests, 'requests were sent']
  if (datasetFailed) {
    const could = were.replace('were', 'could be')
    return `The dataset broke: no more than ${sent} ${sent === 1 ? could.replace('s ', ' ') : could}.`
  }
  if (expected === undefined || sent >= expected) return undefined
  if (incomplete !== undefined) {
    return `The database holds ${sent} of ${expected} ${conversations ? 'conversations' : 'requests'}${unheld[incomplete]}.`
  }
  if (plan.durationMs === undefined || interrupted) return `Only ${sent} of ${expected} ${were}.`
  return `--duration ${secondsText(plan.durationMs)} was over before all ${expected} ${were}: ${sent} ${sent === 1 ? 'was' : 'were'}.`
}

/** What is not in a database may well have been sent. */
const unheld: Readonly<Record<Incomplete, string>> = {
  'under way': ' so far; what is under way is not in it',
  unfinished: '; what was under way is not known',
  damaged: ' that can be read; what became of the others is not known',
}

const cutOffNote = ({ plan, summary, interrupted }: NoteContext, isBiasSaid: boolean): Note => {
  const { cutOffRequests, totalRequests } = summary
  if (cutOffRequests === 0) return undefined
  const why =
    plan.durationMs === undefined || interrupted
      ? 'cut off by us'
      : `still under way --grace ${secondsText(plan.graceMs)} after --duration and cut off`
  // Those that take longest are the ones that have not ended.
  const tooLow = hasOutputTokens(plan.task) ? 'latencies and TTFT' : 'latencies'
  const bias =
    isBiasSaid || totalRequests === 0 || isChance(cutOffRequests, totalRequests)
      ? ''
      : ` The ${totalRequests} that had ended are the quickest, and all that the figures know: ${tooLow} are too low, and throughputs lack what was under way.`
  return `${counted(cutOffRequests, 'request')} ${why}; not a failure, and in no latency or token figure.${bias}`
}

const rampUpNote = ({ plan: { rampUpMs, load }, summary: { durationMs } }: NoteContext): Note => {
  if (rampUpMs === 0) return undefined
  if (durationMs !== undefined && durationMs <= rampUpMs) {
    return `The run ended within its ramp-up of ${secondsText(rampUpMs)}, so nothing is steady.`
  }
  const rate = load.pacing === undefined ? '' : ', drawn and realised rate included'
  return `The first ${secondsText(rampUpMs)} are ramp-up: part of all figures but the steady ones${rate}.`
}

const promptNote = (summary: RunSummary): Note => {
  const { promptWaiting } = summary
  if (promptWaiting === undefined || !waitedForPrompts(promptWaiting)) return undefined
  const { requests, totalMs, maxMs } = promptWaiting
  const { noun } = scheduled(summary)
  const longest = `${decimalText(maxMs, 0)} ms`
  const waits =
    requests === 1
      ? `1 ${noun} waited ${longest} for its prompt`
      : `${requests} ${noun}s waited up to ${longest} for their prompts, ${secondsText(totalMs)} in all`
  return `${waits}: the dataset was too slow for this load.`
}

const gaugeNote = (concurrency: ConcurrencySummary | undefined, summary: RunSummary): Note => {
  const { mean, gauge } = concurrency ?? {}
  const { durationMs = 0, totalRequests } = summary
  if (mean === undefined || gauge === undefined) return undefined
  if (!isOffGauge(gauge.mean, mean, durationMs / Math.max(1, totalRequests))) return undefined
  const why =
    gauge.mean > mean ? 'working requests off takes this client noticeable time' : 'the two should agree within 1%'
  return `The load loop counted ${decimalText(gauge.mean, 2)} requests in flight on average, the records give ${decimalText(mean, 2)}: ${why}.`
}

const stretchNote = ({ outputTokensPerSecToLastSuccess, inputTokensPerSecToLastSuccess }: RunSummary): Note => {
  const [kind, perSec] =
    inputTokensPerSecToLastSuccess === undefined
      ? ['output', outputTokensPerSecToLastSuccess]
      : ['input', inputTokensPerSecToLastSuccess]
  return perSec === undefined
    ? undefined
    : `Failures after the last success stretch the duration; up to that success, ${kind} throughput was ${decimalText(perSec, 2)} tok/s.`
}

const resentNote = ({ resentRequests }: RunSummary): Note =>
  resentRequests > 0
    ? `${counted(resentRequests, 'request')} sent again, once, because the kept-alive connection was lost before any answer; time counts from the first attempt. If they are many, see the server's log: one that dies on a request looks the same.`
    : undefined

const unstreamedNote = ({ plan: { task }, summary: { succeededRequests, streamRequests } }: NoteContext): Note =>
  hasOutputTokens(task) && succeededRequests > 0 && streamRequests === 0
    ? 'No answer came as a stream, so there is no TTFT, ITL, TPOT or decode speed.'
    : undefined

const lateFirstTokenNote = ({ lateFirstTokenPercent }: RunSummary): Note =>
  lateFirstTokenPercent !== undefined && showsFirstChunk(lateFirstTokenPercent)
    ? `In ${decimalText(lateFirstTokenPercent, 1)}% of streams the first chunk came well before the first token (more than one median gap); both are shown.`
    : undefined

const hiddenReasoningNote = ({ accumulator: { totals } }: NoteContext): Note =>
  totals.reasonedHidden > 0
    ? `In ${totals.reasonedHidden} of ${totals.goodStreams} streams reasoning was counted but not sent (${decimalText(totals.hiddenReasoningTokens / totals.reasonedHidden, 1)} tokens on average): it is part of TTFT, and not in TPOT, decode speed and tokens per chunk.`
    : undefined

const tokensPerChunkNote = ({ meanTokensPerChunk, meanItlMs }: RunSummary): Note =>
  meanItlMs !== undefined && meanTokensPerChunk !== undefined && meanTokensPerChunk > tokensPerChunkLimit
    ? `ITL is the gap between chunks, which carry ${decimalText(meanTokensPerChunk, 2)} tokens on average.`
    : undefined

const coalescedNote = (summary: RunSummary): Note =>
  showsSpeculation(summary) && summary.coalescedPercent !== undefined && summary.coalescedPercent > 0
    ? `In ${decimalText(summary.coalescedPercent, 1)}% of streams several chunks shared one socket read: tokens per iteration may show batching on the way rather than speculative decoding.`
    : undefined

const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? ' was' : 's were'}`

const secondsText = (ms: number): string => `${decimalText(ms / 1000, 3)} s`
