import { LeastFirst } from './least-first.ts'
import { createPairTable, type PairTable } from './pair-table.ts'

/** What is used of the byte-pair model of Hugging Face's library. */
export interface MergeModel {
  readonly merges: readonly (readonly [string, string])[]
  readonly tokens_to_ids: ReadonlyMap<string, number>
  readonly vocab: readonly string[]
  readonly end_of_word_suffix?: string | null
  readonly continuing_subword_suffix?: string | null
  /** Splits a word into tokens. */
  bpe(word: string): string[]
}

/** A model of that library, of this kind or another. */
export type LibraryModel = MergeModel | { readonly merges?: never }

/** Words that are left to the library before tables are built, which takes as long as 10 000 words. */
const wordsBeforeTables = 1000
/** Words whose tokens are kept, if they are short: all of a vocabulary, in 20 MB. */
const mostWordsKept = 2 ** 17
const longestWordKept = 64

/**
 * Makes the library's merging quick, with the same tokens: 1 µs each, where its queue of objects, a JSON text for each
 * pair, and a cache that walks over what it has dropped take 15. What is not covered here is left to the library.
 */
export const quickenMerges = (model: LibraryModel): void => {
  if (model.merges === undefined || model.end_of_word_suffix || model.continuing_subword_suffix) return
  const slowly = model.bpe.bind(model)
  let wordsSeen = 0
  let quickly: ((word: string) => string[] | undefined) | undefined
  model.bpe = word => {
    if (wordsSeen++ < wordsBeforeTables) return slowly(word)
    quickly ??= keepingWords(createMerger(model))
    return quickly(word) ?? slowly(word)
  }
}

/** The tokens of words, found once for those that come again. */
const keepingWords = (merger: Merger | undefined): ((word: string) => string[] | undefined) => {
  const kept = new Map<string, string[]>()
  return word => {
    const known = kept.get(word)
    if (known !== undefined) return known
    const tokens = merger?.merge(word)
    if (tokens === undefined || word.length > longestWordKept) return tokens
    // All at once: dropping the oldest for each new one takes longer than to merge.
    if (kept.size >= mostWordsKept) kept.clear()
    kept.set(word, tokens)
    return tokens
  }
}

const createMerger = ({ merges, tokens_to_ids: idOf, vocab }: MergeModel): Merger | undefined => {
  const pairs = createPairTable(merges, idOf)
  if (pairs === undefined) return undefined
  const idOfUnit = new Int32Array(65_536).fill(-1)
  for (const [token, id] of idOf) if (token.length === 1) idOfUnit[token.charCodeAt(0)] = id
  return new Merger(pairs, idOfUnit, vocab)
}

/** A rank and a position in one number, which stays exact up to 2^53. */
const positions = 2 ** 25

/** Merges words: of all pairs the one of the lowest rank first, of equal ones the leftmost. Keeps its memory for the next. */
class Merger {
  readonly #pairs: PairTable
  /** By UTF-16 unit: the id of the token that it is by itself, −1 for none. */
  readonly #idOfUnit: Int32Array
  readonly #vocab: readonly string[]
  readonly #queue = new LeastFirst()
  #ids = new Int32Array(0)
  /** Of each piece the one before and the one after it, −1 for none. */
  #before = new Int32Array(0)
  #after = new Int32Array(0)
  /** Where the table has the pair that each piece begins, −1 for nowhere. */
  #places = new Int32Array(0)

  constructor(pairs: PairTable, idOfUnit: Int32Array, vocab: readonly string[]) {
    this.#pairs = pairs
    this.#idOfUnit = idOfUnit
    this.#vocab = vocab
  }

  /** Undefined for a word with characters that are no tokens, and for none at all. */
  merge(word: string): string[] | undefined {
    if (word === '' || word.length >= positions || !this.#lay(word)) return undefined
    const { rankAt } = this.#pairs
    for (let least = this.#queue.pop(); least !== undefined; least = this.#queue.pop()) {
      const index = least % positions
      const place = this.#places[index] as number
      // Else one of the two has been merged with its other neighbour since.
      if (place >= 0 && rankAt[place] === (least - index) / positions) this.#join(index, place)
    }
    const tokens: string[] = []
    for (let index = 0; index >= 0; index = this.#after[index] as number) {
      tokens.push(this.#vocab[this.#ids[index] as number] as string)
    }
    return tokens
  }

  /** Takes each unit of a word as a piece; false where one is no token. */
  #lay(word: string): boolean {
    const { length } = word
    if (length > this.#ids.length) this.#grow(2 * length)
    for (let index = 0; index < length; index++) {
      const id = this.#idOfUnit[word.charCodeAt(index)] as number
      if (id < 0) return false
      this.#ids[index] = id
      this.#before[index] = index - 1
      this.#after[index] = index + 1 < length ? index + 1 : -1
    }
    for (let index = 0; index < length; index++) this.#look(index)
    return true
  }

  /** Makes one of a piece and the next. */
  #join(index: number, place: number): void {
    const gone = this.#after[index] as number
    const next = this.#after[gone] as number
    this.#ids[index] = this.#pairs.mergedAt[place] as number
    this.#places[gone] = -1
    this.#after[index] = next
    if (next >= 0) this.#before[next] = index
    this.#look(index)
    const previous = this.#before[index] as number
    if (previous >= 0) this.#look(previous)
  }

  /** Queues the pair that a piece begins. */
  #look(index: number): void {
    const next = this.#after[index] as number
    const place = next < 0 ? -1 : this.#pairs.find(this.#ids[index] as number, this.#ids[next] as number)
    this.#places[index] = place
    if (place >= 0) this.#queue.push((this.#pairs.rankAt[place] as number) * positions + index)
  }

  #grow(length: number): void {
    this.#ids = new Int32Array(length)
    this.#before = new Int32Array(length)
    this.#after = new Int32Array(length)
    this.#places = new Int32Array(length)
  }
}
