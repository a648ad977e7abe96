import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type OnnxConstant, type OnnxGraph, type OnnxNode, onnxFile } from './onnx.ts'

/** What the model says from any prompt on, token by token. The fox is four tokens of a byte each. */
export const sentence: readonly string[] = [
  ...['The', ' quick', ' brown', ' fox', ' '],
  ...['\xf0', '\x9f', '\xa6', '\x8a'],
  ...[' says', ' what', ' foxes', ' say', '.'],
]

/** The sentence as text. */
export const sentenceText = 'The quick brown fox 🦊 says what foxes say.'

/** Tokens of the whole sentence with the end mark. */
export const sentenceTokens = sentence.length + 1

export const chatTemplate =
  "{% for message in messages %}{{ '<|' + message['role'] + '|>' + message['content'] }}{% endfor %}" +
  "{% if add_generation_prompt %}{{ '<|assistant|>' }}{% endif %}"

/** The characters in which byte-level BPE writes the 256 bytes, by byte: GPT-2's table. */
const byteCharacters: readonly string[] = (() => {
  const printable = (byte: number): boolean =>
    (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || (byte >= 174 && byte <= 255)
  let others = 256
  return Array.from({ length: 256 }, (_, byte) => String.fromCodePoint(printable(byte) ? byte : others++))
})()

/** A token, whose characters stand for bytes, as the vocabulary writes it. */
const written = (token: string): string => Array.from(token, byte => byteCharacters[byte.charCodeAt(0)]).join('')

const specials = ['<|system|>', '<|user|>', '<|assistant|>', '<|end|>'] as const
const vocabulary: readonly string[] = [
  ...byteCharacters,
  ...new Set(sentence.filter(token => token.length > 1).map(written)),
  ...specials,
]

/** Id of a token as the sentence writes it, or of a special one. */
export const idOf = (token: string): number => {
  const id = vocabulary.indexOf((specials as readonly string[]).includes(token) ? token : written(token))
  if (id < 0) throw new Error(`the tiny model has no token ${JSON.stringify(token)}`)
  return id
}

const endId = idOf('<|end|>')
const startId = idOf(sentence[0] as string)

/** Which token follows which: the sentence, and its start after everything else, the end included. */
const successors = (): readonly number[] => {
  const next = vocabulary.map(() => startId)
  for (const [place, token] of sentence.entries()) {
    next[idOf(token)] = place + 1 < sentence.length ? idOf(sentence[place + 1] as string) : endId
  }
  return next
}

const whole = (name: string, values: readonly number[], dims: readonly number[] = [values.length]): OnnxConstant => ({
  name,
  values: BigInt64Array.from(values, BigInt),
  dims,
})

/** Keys and values hold the ids that went in: no use, but the shapes that a runtime has to carry on. */
const cache = (part: 'key' | 'value'): OnnxNode => ({
  op: 'Concat',
  inputs: [`past_key_values.0.${part}`, 'ids_as_cache'],
  outputs: [`present.0.${part}`],
  attributes: { axis: 2 },
})

/** A square matrix multiplied by itself, times zero: time spent that no optimizer sees through. */
const labour: readonly OnnxNode[] = [
  { op: 'ReduceSum', inputs: ['ids_as_floats'], outputs: ['sum'], attributes: { keepdims: 0 } },
  { op: 'Expand', inputs: ['sum', 'square'], outputs: ['matrix'] },
  { op: 'MatMul', inputs: ['matrix', 'matrix'], outputs: ['product'] },
  { op: 'ReduceMax', inputs: ['product'], outputs: ['highest'], attributes: { keepdims: 0 } },
  { op: 'Mul', inputs: ['highest', 'zero'], outputs: ['nothing'] },
  { op: 'Add', inputs: ['biased', 'nothing'], outputs: ['logits'] },
]

const graph = (labourSize: number): OnnxGraph => {
  const pastDims = ['batch', 1, 'past', 1]
  const presentDims = ['batch', 1, 'total', 1]
  return {
    inputs: [
      { name: 'input_ids', type: 'int64', dims: ['batch', 'length'] },
      { name: 'attention_mask', type: 'int64', dims: ['batch', 'total'] },
      { name: 'past_key_values.0.key', type: 'float', dims: pastDims },
      { name: 'past_key_values.0.value', type: 'float', dims: pastDims },
    ],
    outputs: [
      { name: 'logits', type: 'float', dims: ['batch', 'length', vocabulary.length] },
      { name: 'present.0.key', type: 'float', dims: presentDims },
      { name: 'present.0.value', type: 'float', dims: presentDims },
    ],
    constants: [
      whole('successors', successors()),
      whole('depth', [vocabulary.length], []),
      { name: 'levels', values: Float32Array.of(0, 10), dims: [2] },
      // The second likeliest: what comes where the end is not allowed yet.
      {
        name: 'bias',
        values: Float32Array.from(vocabulary, (_, id) => (id === startId ? 5 : 0)),
        dims: [vocabulary.length],
      },
      whole('cache_axes', [1, 3]),
      whole('square', [labourSize, labourSize]),
      { name: 'zero', values: Float32Array.of(0), dims: [] },
    ],
    nodes: [
      { op: 'Gather', inputs: ['successors', 'input_ids'], outputs: ['next_ids'] },
      { op: 'OneHot', inputs: ['next_ids', 'depth', 'levels'], outputs: ['scores'] },
      { op: 'Add', inputs: ['scores', 'bias'], outputs: [labourSize > 0 ? 'biased' : 'logits'] },
      { op: 'Cast', inputs: ['input_ids'], outputs: ['ids_as_floats'], attributes: { to: 1 } },
      { op: 'Unsqueeze', inputs: ['ids_as_floats', 'cache_axes'], outputs: ['ids_as_cache'] },
      cache('key'),
      cache('value'),
      ...(labourSize > 0 ? labour : []),
    ],
  }
}

const json = (value: object): string => JSON.stringify(value, null, 2)

/** What differs from a small and quick model in the usual layout. */
export interface TinyModelOptions {
  /** Where the weights go; default `onnx/model.onnx`. */
  readonly file?: string
  /** The template in `tokenizer_config.json` (default), in a file of its own, or none. */
  readonly template?: 'config' | 'file' | 'none'
  /** Longest prompt with output; default 256. */
  readonly contextTokens?: number
  /** Side of a matrix to multiply for each token: 500 takes some ms. Default 0. */
  readonly labourSize?: number
}

/** Writes a language model of a few KB into a directory, as an export of a Llama looks. */
export const writeTinyModel = (directory: string, options: TinyModelOptions = {}): string => {
  const { file = 'onnx/model.onnx', template = 'config', contextTokens = 256, labourSize = 0 } = options
  mkdirSync(join(directory, file, '..'), { recursive: true })
  writeFileSync(join(directory, file), onnxFile(graph(labourSize)))
  const write = (name: string, content: object): void => writeFileSync(join(directory, name), json(content))
  write('config.json', {
    architectures: ['LlamaForCausalLM'],
    model_type: 'llama',
    ...{ hidden_size: 1, num_attention_heads: 1, num_key_value_heads: 1, num_hidden_layers: 1 },
    vocab_size: vocabulary.length,
    max_position_embeddings: contextTokens,
  })
  write('generation_config.json', { eos_token_id: endId })
  write('tokenizer.json', tokenizer)
  write('tokenizer_config.json', {
    tokenizer_class: 'PreTrainedTokenizerFast',
    eos_token: '<|end|>',
    ...(template === 'config' ? { chat_template: chatTemplate } : {}),
  })
  if (template === 'file') writeFileSync(join(directory, 'chat_template.jinja'), chatTemplate)
  return directory
}

const byteLevel = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true }
const tokenizer = {
  version: '1.0',
  added_tokens: specials.map(content => ({
    ...{ id: vocabulary.indexOf(content), content, special: true },
    ...{ single_word: false, lstrip: false, rstrip: false, normalized: false },
  })),
  normalizer: null,
  pre_tokenizer: byteLevel,
  post_processor: null,
  decoder: byteLevel,
  model: {
    type: 'BPE',
    // Whole words are looked up first, so that no merges are needed to form them.
    ignore_merges: true,
    vocab: Object.fromEntries(vocabulary.map((token, id) => [token, id])),
    merges: [],
  },
}
