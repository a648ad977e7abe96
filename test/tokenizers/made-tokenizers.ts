import type { JsonObject } from '../../src/model/json.ts'
import { createHuggingFaceTokenizer } from '../../src/tokenizers/huggingface.ts'
import type { Tokenizer } from '../../src/tokenizers/tokenizer.ts'

// Small tokenizers of the kinds that are no byte-level BPE, made as the files of real ones are.

const letters = [...'abcdefghijklmnopqrstuvwxyz0123456789.,!?-\'"']
const consonants = [...'bdfgklmnprstvz']
const vowels = [...'aeiou']
const syllables = consonants.flatMap(consonant => vowels.map(vowel => consonant + vowel))
/** Every seventh pair of syllables. */
const words = syllables.flatMap(first => syllables.map(second => first + second)).filter((_, index) => index % 7 === 0)

const special = (contents: readonly string[]) =>
  contents.map((content, id) => ({ id, content, special: true, normalized: false, lstrip: false, rstrip: false }))

const vocabOf = (tokens: readonly string[]): JsonObject =>
  Object.fromEntries([...new Set(tokens)].map((token, id) => [token, id]))

const make = (tokenizer: JsonObject, config: JsonObject = {}): Promise<Tokenizer> =>
  createHuggingFaceTokenizer({ directory: 'made', tokenizer, config, chatTemplate: undefined })

/** As Llama 2: BPE over whole texts, a lower bar for each blank, bytes for what is not in the vocabulary. */
export const makeByteFallback = (): Promise<Tokenizer> => {
  const marks = ['<unk>', '<s>', '</s>']
  const bytes = Array.from({ length: 256 }, (_, byte) => `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`)
  const merges: [string, string][] = [
    ...syllables.map((syllable): [string, string] => [syllable[0] ?? '', syllable[1] ?? '']),
    ...syllables.map((syllable): [string, string] => ['▁', syllable]),
    ...words.map((word): [string, string] => [`▁${word.slice(0, 2)}`, word.slice(2)]),
  ]
  return make({
    added_tokens: special(marks),
    normalizer: {
      type: 'Sequence',
      normalizers: [
        { type: 'Prepend', prepend: '▁' },
        { type: 'Replace', pattern: { String: ' ' }, content: '▁' },
      ],
    },
    pre_tokenizer: null,
    post_processor: {
      type: 'TemplateProcessing',
      single: [{ SpecialToken: { id: '<s>', type_id: 0 } }, { Sequence: { id: 'A', type_id: 0 } }],
      pair: [],
    },
    decoder: {
      type: 'Sequence',
      decoders: [
        { type: 'Replace', pattern: { String: '▁' }, content: ' ' },
        { type: 'ByteFallback' },
        { type: 'Fuse' },
        { type: 'Strip', content: ' ', start: 1, stop: 0 },
      ],
    },
    model: {
      type: 'BPE',
      unk_token: '<unk>',
      fuse_unk: true,
      byte_fallback: true,
      vocab: vocabOf([...marks, ...bytes, '▁', ...letters, ...merges.map(([left, right]) => left + right)]),
      merges,
    },
  })
}

/** As BERT: words in lower case and the ends of words. */
export const makeWordPiece = (): Promise<Tokenizer> => {
  const marks = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]']
  const ends = [...letters, ...syllables].map(end => `##${end}`)
  return make({
    added_tokens: special(marks),
    normalizer: {
      type: 'BertNormalizer',
      clean_text: true,
      handle_chinese_chars: true,
      strip_accents: null,
      lowercase: true,
    },
    pre_tokenizer: { type: 'BertPreTokenizer' },
    post_processor: { type: 'BertProcessing', sep: ['[SEP]', 3], cls: ['[CLS]', 2] },
    decoder: { type: 'WordPiece', prefix: '##', cleanup: true },
    model: {
      type: 'WordPiece',
      unk_token: '[UNK]',
      continuing_subword_prefix: '##',
      max_input_chars_per_word: 100,
      vocab: vocabOf([...marks, ...letters, ...ends, ...syllables, ...words]),
    },
  })
}

/** As T5: of all ways to split a text the likeliest one. */
export const makeUnigram = (): Promise<Tokenizer> => {
  const marks = ['<pad>', '</s>', '<unk>']
  const pieces = [...letters, '▁', ...syllables, ...syllables.map(part => `▁${part}`), ...words.map(word => `▁${word}`)]
  return make({
    added_tokens: special(marks),
    normalizer: { type: 'NFKC' },
    pre_tokenizer: { type: 'Metaspace', replacement: '▁', prepend_scheme: 'always', add_prefix_space: true },
    post_processor: {
      type: 'TemplateProcessing',
      single: [{ Sequence: { id: 'A', type_id: 0 } }, { SpecialToken: { id: '</s>', type_id: 0 } }],
      pair: [],
    },
    decoder: { type: 'Metaspace', replacement: '▁', prepend_scheme: 'always', add_prefix_space: true },
    model: {
      type: 'Unigram',
      unk_id: 2,
      vocab: [
        ...marks.map((mark): [string, number] => [mark, 0]),
        ...pieces.map((piece, index): [string, number] => [piece, -4 - index / 300 - 3 / piece.length]),
      ],
    },
  })
}
