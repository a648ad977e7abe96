import type { JsonObject } from '../../model/json.ts'
import type { Sampling } from '../../model/run-plan.ts'

/** Sampling parameters under their names in an OpenAI body, in the reference tool's order; absent ones are left out. */
export const openaiSampling = (sampling: Sampling): JsonObject => ({
  ...(sampling.model !== undefined && { model: sampling.model }),
  ...(sampling.maxTokens !== undefined && { max_tokens: sampling.maxTokens.max }),
  ...(sampling.minTokens !== undefined && { min_tokens: sampling.minTokens }),
  ...(sampling.frequencyPenalty !== undefined && { frequency_penalty: sampling.frequencyPenalty }),
  ...(sampling.repetitionPenalty !== undefined && { repetition_penalty: sampling.repetitionPenalty }),
  ...(sampling.logprobs !== undefined && { logprobs: sampling.logprobs }),
  ...(sampling.nChoices !== undefined && { n: sampling.nChoices }),
  ...(sampling.seed !== undefined && { seed: sampling.seed }),
  ...(sampling.stop !== undefined && { stop: sampling.stop }),
  ...(sampling.stream !== undefined && { stream: sampling.stream }),
  ...(sampling.stopTokenIds !== undefined && { stop_token_ids: sampling.stopTokenIds }),
  ...(sampling.temperature !== undefined && { temperature: sampling.temperature }),
  ...(sampling.topP !== undefined && { top_p: sampling.topP }),
  ...(sampling.topK !== undefined && { top_k: sampling.topK }),
})
