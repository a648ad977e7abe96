import { afterEach, describe, expect, test } from 'vitest'
import { loadDataset } from '../../src/datasets/load-dataset.ts'
import { promptDataset } from '../../src/datasets/prompt.ts'
import { ArgumentsError, WorkerError } from '../../src/errors.ts'
import { conversationsOf, drawnConversations, finishFor } from '../../src/load/conversations.ts'
import { PromptThreads } from '../../src/load/prompt-threads.ts'
import type { Conversation } from '../../src/model/conversation.ts'
import type { DatasetSettings, RunPlan } from '../../src/model/run-plan.ts'
import { loadTokenizer } from '../../src/tokenizers/index.ts'
import { take } from '../datasets/context.ts'
import { planFor } from '../support/ask.ts'
import { wordsTokenizerPath } from '../tokenizers/paths.ts'

const tokenizer = await loadTokenizer(wordsTokenizerPath)
const never = new AbortController().signal

/** A plan whose prompts have 3 to 30 tokens, and answers a drawn limit. */
const planOf = (settings: Partial<DatasetSettings>, seed = 5): RunPlan => {
  const plan = planFor('http://127.0.0.1:1/')
  const lengths = { minPromptLength: 3, maxPromptLength: 30 }
  const request = { ...plan.request, chosen: { maxTokens: { min: 1, max: 1000 } } }
  return { ...plan, seed, request, dataset: { ...plan.dataset, prompt: undefined, ...lengths, ...settings } }
}

/** What this thread would make. */
const serially = async (plan: RunPlan, count: number): Promise<Conversation[]> => {
  const { spec, prompt } = plan.dataset
  const dataset = prompt === undefined ? await loadDataset(spec) : promptDataset
  const context = { settings: plan.dataset, seed: plan.seed, tokenizer, say: () => undefined }
  return take(conversationsOf({ dataset, context, finish: finishFor(plan, tokenizer) }), count)
}

const said: string[] = []
let pool: PromptThreads | undefined
const openPool = (tokenizerPath = wordsTokenizerPath): PromptThreads => {
  pool = new PromptThreads({ tokenizerPath }, line => said.push(line))
  return pool
}
afterEach(() => {
  pool?.close()
  said.length = 0
})

const drawn: readonly Partial<DatasetSettings>[] = [
  { spec: 'random', prefixLength: 4, offset: 7 },
  { spec: 'random', tokenizePrompt: true },
  { spec: 'random_vl', images: { widthPx: 8, heightPx: 8, mode: 'RGB', count: 2, patchPx: 28 } },
  { spec: 'random_multi_turn', minTurns: 1, maxTurns: 3, offset: 3 },
  { spec: 'random_embedding', offset: 2 },
  { spec: 'random_embedding_batch', args: { batch_size: 3 } },
  { spec: 'random_rerank', maxPromptLength: 4, args: { num_documents: 2 } },
]

describe('prompts of', () => {
  test.each(drawn)('%j are the same from one, two and three threads as from none', async settings => {
    const plan = planOf(settings)
    const wanted = await serially(plan, 25)
    expect(new Set(wanted.map(conversation => JSON.stringify(conversation))).size).toBe(25)
    const threads = openPool()
    for (const count of [1, 2, 3]) {
      expect(await take(threads.open({ plan, threads: count, count: 25 }, never))).toEqual(wanted)
    }
  })

  test.each<Partial<DatasetSettings>>([
    { spec: 'openqa', offset: 5, minPromptLength: 0, maxPromptLength: 10_000 },
    { spec: 'openqa', prompt: 'the cat sees the dog', tokenizePrompt: true },
  ])('%j, which is read in order, are the same from a thread', async settings => {
    const plan = planOf(settings)
    const made = await take(openPool().open({ plan, threads: 1, count: Number.POSITIVE_INFINITY }, never), 60)
    expect(made).toEqual(await serially(plan, 60))
  })
})

test('shares of one, two and three makers add up to the whole', async () => {
  const plan = planOf({ spec: 'random' })
  const dataset = await loadDataset('random')
  const context = { settings: plan.dataset, seed: plan.seed, tokenizer, say: () => undefined }
  const parts = { dataset, context, finish: finishFor(plan, tokenizer) }
  const wanted = await serially(plan, 10)
  for (const step of [1, 2, 3]) {
    for (let first = 0; first < step; first++) {
      const share = await take(drawnConversations(parts, { first, step, count: 10 }))
      expect(share).toEqual(wanted.filter((_, index) => index % step === first))
    }
  }
})

test('the same threads make prompts for the next run, though the one before was left early', async () => {
  const threads = openPool()
  const [first, second] = [planOf({ spec: 'random' }, 1), planOf({ spec: 'random' }, 2)]
  expect(await take(threads.open({ plan: first, threads: 2, count: 1_000_000 }, never), 3)).toEqual(
    await serially(first, 3),
  )
  expect(await take(threads.open({ plan: second, threads: 2, count: 30 }, never))).toEqual(await serially(second, 30))
})

test('who waits gets nothing when no more are wanted', async () => {
  const closing = new AbortController()
  const iterator = openPool().open({ plan: planOf({ spec: 'random' }), threads: 1, count: 5 }, closing.signal)
  const waiting = iterator.next()
  closing.abort()
  expect(await waiting).toMatchObject({ done: true })
})

test('closing ends threads where they stand', async () => {
  const threads = openPool()
  // Each of its prompts takes seconds.
  const plan = planOf({ spec: 'random', minPromptLength: 3_000_000, maxPromptLength: 3_000_000 })
  const waiting = threads.open({ plan, threads: 2, count: 5 }, never).next()
  setTimeout(() => threads.close(), 50)
  expect(await waiting).toMatchObject({ done: true })
})

test('a mistake in the dataset is told as it would be here, lines for the user too', async () => {
  const plan = planOf({ spec: 'random', minPromptLength: 1, maxPromptLength: 2 })
  await expect(take(openPool().open({ plan, threads: 1, count: 5 }, never))).rejects.toThrow(
    new ArgumentsError(
      "--max-prompt-length 2 is less than the chat template's own 4 tokens; give more or --no-apply-chat-template",
    ),
  )
  await take(openPool().open({ plan: planOf({ spec: 'random', minPromptLength: 1 }), threads: 1, count: 1 }, never))
  expect(said).toEqual(['random: the chat template alone takes 4 tokens, more than --min-prompt-length 1'])
})

test('a thread that ends by itself is one line that says what to do', async () => {
  const threads = openPool('/nowhere/tokenizer')
  const lost = await take(threads.open({ plan: planOf({ spec: 'random' }), threads: 2, count: 5 }, never)).catch(
    (error: unknown) => error,
  )
  expect(lost).toBeInstanceOf(WorkerError)
  expect((lost as Error).message).toMatch(
    /^prompt thread 1 ended: --tokenizer-path \/nowhere\/tokenizer does not exist.+; --num-workers 1 does without threads$/,
  )
})
