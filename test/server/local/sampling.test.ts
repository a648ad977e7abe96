import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { penalize, pickToken, type Sampling } from '../../../src/server/local/sampling.ts'
import { rngFor } from '../../../src/stats/rng.ts'

const plain: Sampling = {
  temperature: 1,
  topK: 0,
  topP: 1,
  frequencyPenalty: 0,
  presencePenalty: 0,
  repetitionPenalty: 1,
}

/** Scores of tokens with these probabilities. */
const logitsOf = (...probabilities: readonly number[]): Float32Array => Float32Array.from(probabilities, Math.log)

/** How often each token is drawn, of 4000 times. */
const shares = (logits: Float32Array, change: Partial<Sampling>): readonly number[] => {
  const { float } = rngFor(1, 'shares')
  const counts = Array.from(logits, () => 0)
  for (let draw = 0; draw < 4000; draw++) {
    const id = pickToken(logits, { ...plain, ...change }, float)
    counts[id] = (counts[id] ?? 0) + 1
  }
  return counts.map(count => count / 4000)
}

const expectNear = (found: readonly number[], expected: readonly number[]): void => {
  // Five standard deviations of a share of 4000.
  for (const [id, share] of expected.entries()) expect(Math.abs((found[id] as number) - share)).toBeLessThan(0.04)
}

describe('the next token', () => {
  const logits = logitsOf(0.1, 0.5, 0.3, 0.1)

  test.each<[what: string, change: Partial<Sampling>, expected: number[]]>([
    ['as likely as the model has it', {}, [0.1, 0.5, 0.3, 0.1]],
    ['temperature 0.5 squares the probabilities', { temperature: 0.5 }, [0.028, 0.694, 0.25, 0.028]],
    ['a high temperature makes all alike', { temperature: 100 }, [0.25, 0.25, 0.25, 0.25]],
    ['the likeliest two', { topK: 2 }, [0, 0.625, 0.375, 0]],
    ['those that make 80 %', { topP: 0.7 }, [0, 0.625, 0.375, 0]],
    ['of the likeliest two those that make 60 %', { topK: 2, topP: 0.6 }, [0, 1, 0, 0]],
  ])('%s', (_, change, expected) => {
    expectNear(shares(logits, change), expected)
  })

  test('the likeliest one at temperature 0, the lowest id of several, and whatever else is asked', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 1, maxLength: 30 }), scores => {
        const best = scores.indexOf(Math.max(...scores))
        const draw = (): number => 0.999
        expect(pickToken(Float32Array.from(scores), { ...plain, temperature: 0 }, draw)).toBe(best)
        expect(pickToken(Float32Array.from(scores), { ...plain, topK: 1 }, draw)).toBe(best)
        expect(pickToken(Float32Array.from(scores), { ...plain, topP: 0 }, draw)).toBe(best)
      }),
    )
  })

  test('what the output has already is less likely by its penalties', () => {
    const scores = Float32Array.of(1, 1, 1)
    const sampling = { ...plain, frequencyPenalty: 0.25, presencePenalty: 0.5 }
    penalize(scores, sampling, new Map([[0, 1], [2, 3]])) // biome-ignore format: a table
    expect([...scores]).toEqual([0.25, 1, -0.25])
  })
})
