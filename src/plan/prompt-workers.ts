/** What decides how many threads make the prompts of a run. */
export interface PromptWork {
  /** Prompts that are likely wanted; infinite where that depends on the answers. */
  readonly count: number
  /** Tokens of a prompt on average where each is drawn by itself, so that several threads may share the work. */
  readonly meanTokens: number | undefined
  /** All can be made and kept before the load begins. */
  readonly isAhead: boolean
  /** Making one takes a tokenizer, and time. */
  readonly isTokenized: boolean
  /** It takes time without one, too: images are unpacked. */
  readonly isDear: boolean
  /** Another thread has the dataset, too. */
  readonly canBeElsewhere: boolean
  /** Threads that send. */
  readonly senders: number
}

/** Each loads the tokenizer by itself, which takes half a second to two, and some 150 MB. */
const mostThreads = 8
/** Tokens that a thread makes in that time, and some. */
const tokensPerThread = 512 * 1024

/**
 * Threads that make prompts, 0 for none of their own. `--num-workers` above 1 asks for so many, 1 for none. 0 leaves it
 * to us: prompts that take time while requests are under way have threads, many before that where it saves time.
 */
export const planPromptWorkers = (numWorkers: number, work: PromptWork, cores: number): number => {
  const { count, meanTokens, isAhead, isTokenized, isDear, canBeElsewhere, senders } = work
  if (numWorkers === 1 || !canBeElsewhere || (numWorkers === 0 && !isTokenized && !isDear)) return 0
  // Who reads in order is not to be two.
  if (meanTokens === undefined) return numWorkers > 1 || !isAhead ? 1 : 0
  if (numWorkers > 1) return Math.min(numWorkers, count)
  const most = Math.min(mostThreads, count)
  if (!isAhead) return Math.max(1, Math.min(cores - senders, most))
  const threads = Math.min(cores, most, Math.ceil((count * meanTokens) / tokensPerThread))
  return threads > 1 ? threads : 0
}

/** Lines that say where prompts are made, if not simply ahead in the thread that sends. */
export const explainPromptWorkers = (numWorkers: number, work: PromptWork, threads: number): readonly string[] => {
  if (threads > 0) return [threadsLine(numWorkers, work, threads)]
  if (numWorkers > 1) {
    const which = 'threads can make prompts only of built-in datasets that keep nothing of their files'
    return [`--num-workers ${numWorkers} has no effect: ${which}`]
  }
  const { count, meanTokens, isAhead, isTokenized, isDear } = work
  // How long texts are that are read in order, nobody knows.
  const isSlow = isDear || (isTokenized && (meanTokens !== undefined || !Number.isFinite(count)))
  if (isAhead || !isSlow) return []
  const remedy = numWorkers === 1 ? 'leave out --num-workers 1' : 'give --number with --duration'
  const made = isTokenized ? 'tokenized' : 'unpacked'
  return [`some prompts are ${made} during the run, which disturbs its times; ${remedy}`]
}

const threadsLine = (numWorkers: number, { meanTokens, isAhead }: PromptWork, threads: number): string => {
  const make = threads === 1 ? '1 thread makes prompts' : `${threads} threads make prompts`
  const when = isAhead ? 'before the clock starts' : 'also while requests are sent'
  const why = meanTokens === undefined ? ': they are read in order' : ': one for each'
  return `--num-workers ${numWorkers || 'auto'}: ${make}, ${when}${numWorkers > threads ? why : ''}`
}
