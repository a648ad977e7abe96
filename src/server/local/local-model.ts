import { rngFor } from '../../stats/rng.ts'
import type { Tokenizer } from '../../tokenizers/tokenizer.ts'
import { penalize, pickToken, type Sampling } from './sampling.ts'
import type { CausalModel, LogitsProcessor, Transformers } from './transformers.ts'

/** One output as the model is asked for it. */
export interface Generation {
  readonly promptIds: readonly number[]
  readonly maxTokens: number
  /** None of `endIds` before so many. */
  readonly minTokens: number
  /** Tokens that end the output. */
  readonly endIds: readonly number[]
  readonly sampling: Sampling
  /** The same seed draws the same tokens; undefined for others each time. */
  readonly seed: number | undefined
}

/** A language model that is ready; one output at a time. */
export interface LocalModel {
  /** As requests and `/v1/models` call it. */
  readonly name: string
  readonly tokenizer: Tokenizer
  /** Most tokens of prompt and output together; undefined when the model does not tell. */
  readonly contextTokens: number | undefined
  /** Ids are below it. */
  readonly vocabularySize: number | undefined
  /** Its own end marks. */
  readonly endIds: readonly number[]
  /** Tells each token as it comes, an end mark too, until the output is over or `onToken` returns false. */
  generate(generation: Generation, onToken: (id: number) => boolean): Promise<void>
}

/** A model that transformers.js has loaded, with the tokenizer of its directory. */
export const createLocalModel = (
  name: string,
  transformers: Transformers,
  model: CausalModel,
  tokenizer: Tokenizer,
): LocalModel => ({
  name,
  tokenizer,
  contextTokens: firstNumber(model.config, 'max_position_embeddings', 'n_positions', 'n_ctx', 'max_seq_len'),
  vocabularySize: firstNumber(model.config, 'vocab_size'),
  endIds: idList(model.generation_config?.eos_token_id ?? model.config.eos_token_id),
  generate: async (generation, onToken) => {
    const { promptIds, maxTokens, minTokens, endIds, sampling } = generation
    const stopper = new transformers.InterruptableStoppingCriteria()
    // What its generation_config.json prefers is set aside: OpenAI's defaults hold for what a request leaves open.
    await model.generate({
      inputs: new transformers.Tensor('int64', BigInt64Array.from(promptIds, BigInt), [1, promptIds.length]),
      max_new_tokens: maxTokens,
      min_new_tokens: minTokens,
      eos_token_id: endIds.length === 0 ? null : endIds,
      repetition_penalty: sampling.repetitionPenalty,
      // The library has neither top_p nor seeds of a request's own, so what comes next is picked here.
      do_sample: false,
      logits_processor: processorsFor(transformers, generation),
      stopping_criteria: stopper,
      streamer: streamerFor(id => {
        if (!onToken(id)) stopper.interrupt()
      }),
    })
  },
})

const processorsFor = (transformers: Transformers, generation: Generation): unknown => {
  const { sampling, seed, promptIds } = generation
  const isGreedy = sampling.temperature === 0
  const hasPenalty = sampling.frequencyPenalty !== 0 || sampling.presencePenalty !== 0
  if (isGreedy && !hasPenalty) return null
  const processors = new transformers.LogitsProcessorList()
  processors.push(picker(sampling, promptIds.length, seed === undefined ? Math.random : rngFor(seed, 'local').float))
  return processors
}

/** Makes the token that we pick the one that the library takes. */
const picker = (sampling: Sampling, promptTokens: number, draw: () => number): LogitsProcessor => {
  const counts = new Map<number, number>()
  return ([ids = []], logits) => {
    const last = ids.length > promptTokens ? Number(ids.at(-1)) : undefined
    if (last !== undefined) counts.set(last, (counts.get(last) ?? 0) + 1)
    penalize(logits.data, sampling, counts)
    logits.data[pickToken(logits.data, sampling, draw)] = Number.POSITIVE_INFINITY
    return logits
  }
}

/** The library tells the prompt first, then each token. */
const streamerFor = (tell: (id: number) => void): object => {
  let isPrompt = true
  return {
    put: ([ids = []]: readonly (readonly bigint[])[]) => {
      if (!isPrompt) for (const id of ids) tell(Number(id))
      isPrompt = false
    },
    end: () => {},
  }
}

/** Models of several parts keep the language's settings in a config of its own. */
const firstNumber = (config: CausalModel['config'], ...names: readonly string[]): number | undefined => {
  const inner = config.text_config as CausalModel['config'] | undefined
  return names.map(name => inner?.[name] ?? config[name]).find(value => typeof value === 'number')
}

const idList = (value: unknown): readonly number[] =>
  (Array.isArray(value) ? value : [value]).filter(id => typeof id === 'number')
