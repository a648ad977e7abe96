import type { Task } from '../../src/model/run-plan.ts'
import { countItem } from '../../src/run/count-item.ts'
import type { Counting } from '../../src/run/count-worker.ts'
import type { Tokenizer } from '../../src/tokenizers/tokenizer.ts'
import { wordTokenizer } from './word-tokenizer.ts'

/** Counts in this thread, a turn of the event loop later; ends by itself, as a thread may, after `batches`. */
export const countHere = (
  task: Task = 'generate',
  tokenizer: Tokenizer = wordTokenizer,
  batches = Number.POSITIVE_INFINITY,
): Counting => {
  let left = batches
  let isOver = false
  let problem: string | undefined
  return {
    get problem() {
      return problem
    },
    count: async items => {
      await new Promise(resolve => setImmediate(resolve))
      if (left-- <= 0) problem = 'its thread left'
      return isOver || problem !== undefined
        ? undefined
        : items.map(item => countItem(item, { task, patchPx: 1 }, tokenizer))
    },
    end: () => {
      isOver = true
    },
  }
}
