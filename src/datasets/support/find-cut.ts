/** A place to cut a text, in UTF-16 units from its start, and the tokens up to there. */
export interface Cut {
  readonly end: number
  readonly tokens: number
}

/** Where `text` is to be cut for `countAt` to give `target`; `guess` is near it. */
export interface CutQuestion {
  readonly text: string
  readonly target: number
  readonly guess: number
  readonly countAt: (end: number) => number
}

/** The nearest cut, and the nearest with no more tokens than wanted. */
export interface FoundCut {
  readonly nearest: Cut
  readonly below: Cut
}

/**
 * The cut that comes nearest to `target`, never inside a code point. A token may end inside a character, and pieces of a
 * word may have more tokens than the word: counts nearly rise with the text, and are found by strides and halving. What
 * is missed then is what the last character jumps over.
 */
export const findCut = ({ text, target, guess, countAt }: CutQuestion): FoundCut => {
  let low: Cut = { end: 0, tokens: Number.NEGATIVE_INFINITY }
  let high: Cut = { end: text.length + 1, tokens: Number.POSITIVE_INFINITY }
  let next = guess
  for (let strideChars = 4; ; strideChars *= 2) {
    const end = placeBetween(low.end, high.end, next, text)
    if (end === undefined) break
    const cut = { end, tokens: countAt(end) }
    if (cut.tokens === target) return { nearest: cut, below: cut }
    if (cut.tokens < target) low = cut
    else high = cut
    next = end + Math.sign(target - cut.tokens) * Math.max(strideChars, Math.abs(target - cut.tokens))
  }
  const below = low.end === 0 ? { end: 0, tokens: countAt(0) } : low
  return { nearest: target - below.tokens <= high.tokens - target ? below : high, below }
}

/** A place strictly between two others that parts no surrogates: `wanted`, or else the middle. */
const placeBetween = (low: number, high: number, wanted: number, text: string): number | undefined => {
  const isBetween = (place: number): boolean => place > low && place < high
  const middle = Math.floor((low + high) / 2)
  return [wanted, middle, middle + 1, middle - 1].find(place => isBetween(place) && !partsCharacter(text, place))
}

const partsCharacter = (text: string, place: number): boolean =>
  place < text.length && /^[\uD800-\uDBFF][\uDC00-\uDFFF]$/.test(text.slice(place - 1, place + 1))
