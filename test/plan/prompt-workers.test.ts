import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { explainPromptWorkers, type PromptWork, planPromptWorkers } from '../../src/plan/prompt-workers.ts'

/** 100 prompts of 1000 tokens, drawn, all of which are made before the clock starts. */
const few: PromptWork = {
  count: 100,
  meanTokens: 1000,
  isAhead: true,
  isTokenized: true,
  isDear: false,
  canBeElsewhere: true,
  senders: 1,
}
const many: PromptWork = { ...few, count: 5000 }
const endless: PromptWork = { ...few, count: Number.POSITIVE_INFINITY, isAhead: false }
const file: PromptWork = { ...few, meanTokens: undefined }
const longFile: PromptWork = { ...file, count: 5000, isAhead: false }
const images: PromptWork = { ...longFile, isTokenized: false, isDear: true }

describe('how many threads make prompts', () => {
  test.each<[string, number, PromptWork, number, number]>([
    // what, --num-workers, work, cores, threads
    ['few are made here', 0, few, 8, 0],
    ['5 million tokens are shared by ten threads, but no more than 8', 0, many, 16, 8],
    ['nothing else runs before the clock starts: all cores', 0, many, 4, 4],
    ['one core gains nothing', 0, many, 1, 0],
    ['1 million tokens are worth two', 0, { ...few, count: 1000 }, 8, 2],
    ['10 long ones, too', 0, { ...few, count: 10, meanTokens: 100_000 }, 8, 2],
    ['beside the load a core is left for it', 0, endless, 4, 3],
    ['and one for each thread that sends', 0, { ...endless, senders: 2 }, 4, 2],
    ['but there is a thread at least', 0, endless, 1, 1],
    ['what is read in order has one', 0, longFile, 8, 1],
    ['or none, where it is over before the start', 0, file, 8, 0],
    ['without a tokenizer nothing takes long', 0, { ...endless, isTokenized: false }, 8, 0],
    ['but images do', 0, images, 8, 1],
    ['unless they are all ready before the start', 0, { ...images, isAhead: true }, 8, 0],
    ['a plugin stays here', 0, { ...endless, canBeElsewhere: false }, 8, 0],
    ['1 is none of their own', 1, endless, 8, 0],
    ['so many as are asked for', 12, few, 2, 12],
    ['but not more than prompts', 12, { ...few, count: 3 }, 2, 3],
    ['one of them for what is read in order', 4, file, 8, 1],
    ['also where nothing is tokenized', 4, { ...few, isTokenized: false }, 8, 4],
    ['though not of a plugin', 4, { ...many, canBeElsewhere: false }, 8, 0],
  ])('%s', (_what, numWorkers, work, cores, threads) => {
    expect(planPromptWorkers(numWorkers, work, cores)).toBe(threads)
  })

  test('no number is below 0, or other than asked for without a reason', () => {
    const work = fc.record({
      count: fc.oneof(fc.integer({ min: 1, max: 1e7 }), fc.constant(Number.POSITIVE_INFINITY)),
      meanTokens: fc.oneof(fc.constant(undefined), fc.double({ min: 0, max: 1e5, noNaN: true })),
      isAhead: fc.boolean(),
      isTokenized: fc.boolean(),
      isDear: fc.boolean(),
      canBeElsewhere: fc.boolean(),
      senders: fc.integer({ min: 1, max: 64 }),
    })
    fc.assert(
      fc.property(fc.nat(256), work, fc.integer({ min: 1, max: 128 }), (numWorkers, made, cores) => {
        const threads = planPromptWorkers(numWorkers, made, cores)
        expect(Number.isInteger(threads)).toBe(true)
        expect(threads).toBeGreaterThanOrEqual(0)
        expect(threads).toBeLessThanOrEqual(Math.min(made.count, numWorkers === 0 ? 8 : numWorkers))
        const needsThread =
          (made.isTokenized || made.isDear) && made.canBeElsewhere && !made.isAhead && numWorkers !== 1
        if (needsThread) expect(threads).toBeGreaterThan(0)
      }),
    )
  })
})

test.each<[number, PromptWork, number, readonly string[]]>([
  [0, few, 0, []],
  [1, few, 0, []],
  [0, many, 4, ['--num-workers auto: 4 threads make prompts, before the clock starts']],
  [0, endless, 1, ['--num-workers auto: 1 thread makes prompts, also while requests are sent']],
  [12, { ...few, count: 3 }, 3, ['--num-workers 12: 3 threads make prompts, before the clock starts: one for each']],
  [4, longFile, 1, ['--num-workers 4: 1 thread makes prompts, also while requests are sent: they are read in order']],
  [
    4,
    { ...few, canBeElsewhere: false },
    0,
    [
      '--num-workers 4 has no effect: threads can make prompts only of built-in datasets that keep nothing of their files',
    ],
  ],
  [1, endless, 0, ['some prompts are tokenized during the run, which disturbs its times; leave out --num-workers 1']],
  [
    1,
    { ...many, isAhead: false },
    0,
    ['some prompts are tokenized during the run, which disturbs its times; leave out --num-workers 1'],
  ],
  [1, longFile, 0, []],
  [1, images, 0, ['some prompts are unpacked during the run, which disturbs its times; leave out --num-workers 1']],
  [1, { ...images, isAhead: true }, 0, []],
  [
    0,
    { ...endless, canBeElsewhere: false },
    0,
    ['some prompts are tokenized during the run, which disturbs its times; give --number with --duration'],
  ],
  [0, { ...endless, isTokenized: false }, 0, []],
])('--num-workers %i of %j, with %i threads, is told so', (numWorkers, work, threads, lines) => {
  expect(explainPromptWorkers(numWorkers, work, threads)).toEqual(lines)
})
