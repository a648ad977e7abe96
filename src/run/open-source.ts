import type { Dataset, DatasetContext } from '../datasets/dataset.ts'
import { builtinDatasets } from '../datasets/index.ts'
import { promptDataset } from '../datasets/prompt.ts'
import { conversationsOf, finishFor } from '../load/conversations.ts'
import { usableCores } from '../load/cpu-quota.ts'
import type { PromptThreads } from '../load/prompt-threads.ts'
import { promptTokenizer } from '../load/prompt-tokenizer.ts'
import { ConversationSource, lookAheadSize } from '../load/source.ts'
import { inFlightLimit, type RunPlan } from '../model/run-plan.ts'
import { explainPromptWorkers, type PromptWork, planPromptWorkers } from '../plan/prompt-workers.ts'
import type { Tokenizer } from '../tokenizers/tokenizer.ts'

/** What a run's prompts come from. */
export interface SourceFacts {
  readonly dataset: Dataset
  readonly tokenizer: Tokenizer | undefined
  /** Others that may make them. */
  readonly promptThreads: PromptThreads
  /** `--num-workers`. */
  readonly numWorkers: number
  readonly say: (line: string) => void
}

/** Prompts kept ready where nobody knows how many there will be, or where none takes long. */
const usualLookAhead = 1024
/** Prompts with images that surely fit into what is kept ready: a megabyte each. */
const imagesAhead = lookAheadSize / 2 ** 20

/** The prompts of a run, made ahead of need: in this thread where that is over before the clock starts, else in others. */
export const openSource = async (plan: RunPlan, facts: SourceFacts): Promise<ConversationSource> => {
  const { dataset, promptThreads, numWorkers, say } = facts
  const tokenizer = promptTokenizer(plan.request, facts.tokenizer)
  const context: DatasetContext = { settings: plan.dataset, seed: plan.seed, tokenizer, say }
  const count = plan.number === undefined ? Number.POSITIVE_INFINITY : plan.warmupNumber + plan.number
  const likely = likelyNumber(plan) ?? count
  const meanTokens = (await dataset.draw?.(context))?.meanTokens
  const { isDear = false } = dataset
  const isAhead = isDear ? likely <= imagesAhead : fitsAhead(likely, meanTokens)
  const work: PromptWork = {
    count: likely,
    meanTokens,
    isAhead,
    isTokenized: tokenizer !== undefined && meanTokens !== 0,
    isDear,
    canBeElsewhere: await isKnownByName(dataset, plan.dataset.spec),
    senders: plan.workers,
  }
  const threads = planPromptWorkers(numWorkers, work, usableCores())
  for (const line of explainPromptWorkers(numWorkers, work, threads)) say(line)
  const parts = { dataset, context, finish: finishFor(plan, tokenizer) }
  return new ConversationSource({
    open: closing =>
      threads > 0
        ? promptThreads.open({ plan, threads, count }, closing)
        : conversationsOf(parts, () => closing.aborted),
    count,
    lookAhead: tokenizer !== undefined && Number.isFinite(likely) ? likely : usualLookAhead,
    enough: threads > 0 && !isAhead ? enoughFor(plan) : undefined,
    isMadeHere: threads === 0 && (tokenizer !== undefined || isDear),
    arrivalMs: dataset.arrivalMs && (index => dataset.arrivalMs?.(index)),
  })
}

/** How many requests a schedule without a number wants, with a tenth to spare; undefined without a schedule. */
const likelyNumber = ({ number, load, durationMs, warmupNumber }: RunPlan): number | undefined =>
  number !== undefined || load.pacing === undefined || durationMs === undefined
    ? undefined
    : warmupNumber + Math.ceil((1.1 * load.pacing.ratePerSec * durationMs) / 1000) + 20

/** Characters of a drawn token, on average over a vocabulary. */
const charsPerToken = 6.5

/** Whether all prompts can be kept ready; of those whose length is not known that many are taken to fit. */
const fitsAhead = (count: number, meanTokens: number | undefined): boolean => {
  if (!Number.isFinite(count)) return false
  return meanTokens === undefined ? count <= usualLookAhead : count * meanTokens * charsPerToken <= lookAheadSize
}

/** Another thread has a built-in dataset as it is: no plugin, and none that has learned something from its file. */
const isKnownByName = async (dataset: Dataset, spec: string): Promise<boolean> =>
  dataset === promptDataset || dataset === (await builtinDatasets[spec]?.())

/**
 * Prompts that let a closed loop begin while more are made: some for each slot. An open loop waits for all that are kept
 * ready, as nothing slows it down when they run out.
 */
const enoughFor = ({ load }: RunPlan): number | undefined =>
  load.kind === 'closed' ? Math.max(32, 4 * inFlightLimit(load)) : undefined
