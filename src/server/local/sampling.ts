/** How the next token is picked. */
export interface Sampling {
  /** 0 takes the likeliest. */
  readonly temperature: number
  /** The likeliest so many; 0 for all. */
  readonly topK: number
  /** The likeliest that together have this probability; 1 for all. */
  readonly topP: number
  /** Taken off a token's score for each time that the output has it already. */
  readonly frequencyPenalty: number
  /** Taken off once, however often the output has it. */
  readonly presencePenalty: number
  /** Divides a positive score of what prompt or output have already, and multiplies a negative one; 1 for none. */
  readonly repetitionPenalty: number
}

/** Below this share of the likeliest one's weight a token is never drawn; it spares sorting 150 000 of them. */
const negligible = 1e-9

/** The token that comes next, by its scores; `draw` gives a number in [0, 1). Ties go to the lowest id. */
export const pickToken = (logits: Float32Array, { temperature, topK, topP }: Sampling, draw: () => number): number => {
  const best = likeliest(logits)
  if (temperature === 0 || topK === 1) return best
  const candidates = weigh(logits, logits[best] as number, temperature)
  const kept = topK === 0 && topP >= 1 ? candidates : cut(candidates, topK, topP)
  const total = kept.reduce((sum, { weight }) => sum + weight, 0)
  let left = draw() * total
  for (const { id, weight } of kept) {
    left -= weight
    if (left < 0) return id
  }
  return best
}

/** Takes the penalties of the output so far off the scores, in place. */
export const penalize = (
  logits: Float32Array,
  { frequencyPenalty, presencePenalty }: Sampling,
  counts: ReadonlyMap<number, number>,
): void => {
  for (const [id, count] of counts) {
    logits[id] = (logits[id] as number) - frequencyPenalty * count - presencePenalty
  }
}

const likeliest = (logits: Float32Array): number => {
  let best = 0
  for (let id = 1; id < logits.length; id++) if ((logits[id] as number) > (logits[best] as number)) best = id
  return best
}

interface Candidate {
  readonly id: number
  readonly weight: number
}

const weigh = (logits: Float32Array, highest: number, temperature: number): readonly Candidate[] => {
  const candidates: Candidate[] = []
  for (let id = 0; id < logits.length; id++) {
    const weight = Math.exp(((logits[id] as number) - highest) / temperature)
    if (weight > negligible) candidates.push({ id, weight })
  }
  return candidates
}

const cut = (candidates: readonly Candidate[], topK: number, topP: number): readonly Candidate[] => {
  const sorted = candidates.toSorted((a, b) => b.weight - a.weight)
  const likeliestFew = topK === 0 ? sorted : sorted.slice(0, topK)
  const enough = topP * likeliestFew.reduce((sum, { weight }) => sum + weight, 0)
  let sum = 0
  const count = likeliestFew.findIndex(({ weight }) => {
    sum += weight
    return sum >= enough
  })
  return count < 0 ? likeliestFew : likeliestFew.slice(0, count + 1)
}
