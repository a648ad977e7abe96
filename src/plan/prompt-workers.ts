/** What decides how many threads make the prompts of a run. */
export interface PromptWork {
  /** Prompts that are likely wanted; infinite where that depends on the answers. */
  readonly count: number
  /** Tokens of a prompt on average where each is drawn by itself, so that several threads may share the work. */
  readonly meanTokens: number | undefined
  /** All can be made and kept before the load begins. */
  readonly isAhead: boolean
  readonly hasTokenizer: boolean
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
 * to us: prompts that are tokenized while requests are under way have threads, many before that where it saves time.
 */
export const planPromptWorkers = (numWorkers: number, work: PromptWork, cores: number): number => {
  const { count, meanTokens, isAhead, hasTokenizer, canBeElsewhere, senders } = work
  if (numWorkers === 1 || !canBeElsewhere || (numWorkers === 0 && !hasTokenizer)) return 0
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
  const { count, meanTokens, isAhead, hasTokenizer, canBeElsewhere } = work
  if (numWorkers > 1 && !canBeElsewhere) {
    return [`--num-workers ${numWorkers} has no effect: it is for built-in datasets that are read as they are needed`]
  }
  if (threads > 0) {
    const of =
      numWorkers > threads ? (meanTokens === undefined ? ', as it is read in order' : ', one for each prompt') : ''
    const made = threads === 1 ? '1 thread makes prompts' : `${threads} threads make prompts`
    return [
      `--num-workers ${numWorkers === 0 ? 'auto' : numWorkers}: ${made}${isAhead ? ', before the clock starts' : ', also while requests are sent'}${of}`,
    ]
  }
  if (!hasTokenizer || isAhead || (Number.isFinite(count) && meanTokens === undefined)) return []
  const remedy = numWorkers === 1 ? 'leave out --num-workers 1' : 'give --number with --duration'
  return [`some prompts are tokenized during the run, which disturbs its times; ${remedy}`]
}
