import type { Dataset } from './dataset.ts'
import { singleTurn } from './support/prompts.ts'

// Common tokenizers make one token of this character, so the repetitions are the prompt's length in tokens.
const filler = '熵'
const repeats = 2

const createSpeedBenchmark = (name: string, lengths: readonly number[]): Dataset => ({
  names: [name],
  isMultiTurn: false,
  size: lengths.length * repeats,
  plainPrompts: true,
  *open() {
    for (const length of lengths) {
      const conversation = singleTurn({ kind: 'text', text: filler.repeat(length) })
      for (let round = 0; round < repeats; round++) yield conversation
    }
  },
})

/** Qwen's speed benchmark: prompts of 1 to 30 720 tokens, each twice. */
export const speedBenchmark = createSpeedBenchmark('speed_benchmark', [1, 6144, 14_336, 30_720])

/** Qwen's speed benchmark for long contexts: prompts of 63 488 and 129 024 tokens, each twice. */
export const speedBenchmarkLong = createSpeedBenchmark('speed_benchmark_long', [63_488, 129_024])
