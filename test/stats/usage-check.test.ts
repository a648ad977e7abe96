import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { differencePercent, TemplateCheck, UsageCheck } from '../../src/stats/usage-check.ts'

type Pair = readonly [usage: number, tokenizer: number]

const comparisonOf = (pairs: readonly Pair[]) => {
  const check = new UsageCheck()
  for (const [position, [usage, tokenizer]] of pairs.entries()) {
    check.add({ requestId: `r${position}`, usage, tokenizer })
  }
  return check.comparison
}

describe('usage against the tokenizer', () => {
  test('by hand: means, their difference, the worst', () => {
    const pairs: Pair[] = [
      [11, 10],
      [110, 100],
      [60, 40],
    ]
    expect(comparisonOf(pairs)).toEqual({
      requests: 3,
      meanUsage: 181 / 3,
      meanTokenizer: 50,
      differencePercent: (100 * 31) / 150,
      constantDifference: undefined,
      worst: { requestId: 'r2', usage: 60, tokenizer: 40 },
    })
  })

  test.each<[string, Pair[], string | undefined]>([
    [
      'none where both agree',
      [
        [5, 5],
        [7, 7],
      ],
      undefined,
    ],
    [
      'too few as well as too many',
      [
        [90, 100],
        [105, 100],
      ],
      'r0',
    ],
    [
      'not an end mark of a short answer, though it is more in percent',
      [
        [3, 2],
        [120, 100],
      ],
      'r1',
    ],
    [
      'an end mark where there is nothing worse',
      [
        [101, 100],
        [3, 2],
      ],
      'r1',
    ],
    [
      'the first of several',
      [
        [120, 100],
        [120, 100],
      ],
      'r0',
    ],
    [
      'one of which the tokenizer sees no text',
      [
        [120, 100],
        [9, 0],
      ],
      'r1',
    ],
  ])('the worst is %s', (_, pairs, requestId) => {
    expect(comparisonOf(pairs)?.worst?.requestId).toBe(requestId)
  })

  test.each<[Pair[], number | undefined]>([
    [
      [
        [26, 5],
        [51, 30],
      ],
      21,
    ],
    [
      [
        [5, 26],
        [30, 51],
      ],
      -21,
    ],
    [
      [
        [5, 5],
        [6, 6],
      ],
      0,
    ],
    [
      [
        [26, 5],
        [52, 30],
      ],
      undefined,
    ],
    // One request says nothing about the others.
    [[[26, 5]], undefined],
  ])('%j has the constant difference %s', (pairs, difference) => {
    expect(comparisonOf(pairs)?.constantDifference).toBe(difference)
  })

  test('nothing to compare is no comparison; a tokenizer that counts nothing has no percent', () => {
    expect(comparisonOf([])).toBeUndefined()
    expect(comparisonOf([[5, 0]])).toMatchObject({ meanUsage: 5, meanTokenizer: 0, differencePercent: undefined })
    expect(differencePercent({ usage: 5, tokenizer: 0 })).toBeUndefined()
  })

  test('order changes nothing but which of equals is the worst', () => {
    const pairs = fc.array(fc.tuple(fc.nat(500), fc.integer({ min: 1, max: 500 })), { minLength: 1, maxLength: 20 })
    const percentOf = (given: readonly Pair[]) => {
      const { worst, ...rest } = comparisonOf(given) ?? {}
      return { ...rest, worst: worst && differencePercent(worst) }
    }
    fc.assert(
      fc.property(pairs, given => {
        const [there, back] = [percentOf(given), percentOf(given.toReversed())]
        expect({ ...back, worst: Math.abs(back.worst ?? 0) }).toEqual({ ...there, worst: Math.abs(there.worst ?? 0) })
      }),
    )
  })
})

describe('what a chat template adds', () => {
  test('is the mean over prompts', () => {
    const check = new TemplateCheck()
    check.add(40, 31)
    check.add(20, 11)
    expect(check.share).toEqual({ requests: 2, meanPromptTokens: 30, meanTextTokens: 21 })
  })

  test('is nothing where there is none', () => {
    const check = new TemplateCheck()
    expect(check.share).toBeUndefined()
    check.add(40, 40)
    expect(check.share).toBeUndefined()
  })
})
