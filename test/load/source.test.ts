import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import type { Dataset } from '../../src/datasets/dataset.ts'
import { ArgumentsError } from '../../src/errors.ts'
import { conversationsOf } from '../../src/load/conversations.ts'
import { ConversationSource, type SourceParts } from '../../src/load/source.ts'
import type { Conversation } from '../../src/model/conversation.ts'
import { planFor } from '../support/ask.ts'

const never = new AbortController().signal
const conversation = (text: string): Conversation => ({ turns: [{ prompt: { kind: 'text', text } }] })
const textOf = (item: { conversation: Conversation } | undefined): string => {
  const prompt = item?.conversation.turns[0]?.prompt
  return prompt?.kind === 'text' ? prompt.text : ''
}

/** A dataset of these texts that counts how many of them were pulled. */
const listDataset = (texts: readonly string[], more: Partial<Dataset> = {}): Dataset & { pulled: number } => {
  const dataset = {
    names: ['list'],
    pulled: 0,
    *open() {
      for (const text of texts) {
        dataset.pulled++
        yield conversation(text)
      }
    },
    ...more,
  }
  return dataset
}

const open = (dataset: Dataset, count: number, change: { offset?: number } & Partial<SourceParts> = {}) => {
  const { offset = 0, ...parts } = change
  const settings = { ...planFor('http://h/').dataset, offset }
  const context = { settings, seed: 1, tokenizer: undefined, say: () => undefined }
  return new ConversationSource({
    open: closing => conversationsOf({ dataset, context, finish: made => made }, () => closing.aborted),
    count,
    lookAhead: 1024,
    ...parts,
  })
}

const drain = async (source: ConversationSource): Promise<string[]> => {
  const texts: string[] = []
  for (;;) {
    const item = await source.take()
    if (item === undefined) return texts
    texts.push(textOf(item))
  }
}

test('exactly as many as asked, in order, over several passes', async () => {
  const source = open(listDataset(['a', 'b', 'c']), 7)
  expect(await drain(source)).toEqual(['a', 'b', 'c', 'a', 'b', 'c', 'a'])
})

test.each([
  [1, ['b', 'c', 'a', 'b']],
  [3, ['a', 'b', 'c', 'a']],
  // Beyond the end it goes round.
  [3_000_000_001, ['b', 'c', 'a', 'b']],
])('an offset of %i starts there', async (offset, texts) => {
  expect(await drain(open(listDataset(['a', 'b', 'c']), 4, { offset }))).toEqual(texts)
})

test('a dataset that applies the offset itself is not skipped into', async () => {
  expect(await drain(open(listDataset(['a', 'b'], { appliesOffset: true }), 2, { offset: 1 }))).toEqual(['a', 'b'])
})

test('a long dataset is read ahead of need, not whole', async () => {
  const dataset = listDataset(Array.from({ length: 50_000 }, (_, i) => String(i)))
  const source = open(dataset, 50_000)
  await source.filled(never, () => undefined)
  expect(dataset.pulled).toBeLessThan(2000)
  expect(await drain(source)).toHaveLength(50_000)
})

test('long prompts are kept ready in smaller numbers', async () => {
  const mebibyte = 'x'.repeat(1024 * 1024)
  const dataset = listDataset(Array.from({ length: 1000 }, () => mebibyte))
  const source = open(dataset, 1000)
  await source.filled(never, () => undefined)
  expect(dataset.pulled).toBeLessThan(80)
  source.close()
})

test('so are prompts with images', async () => {
  const content = [{ type: 'image_url', image_url: { url: 'x'.repeat(1024 * 1024) } }]
  let pulled = 0
  const images: Dataset = {
    names: ['images'],
    *open() {
      while (++pulled < 1000) yield { turns: [{ prompt: { kind: 'messages', messages: [{ role: 'user', content }] } }] }
    },
  }
  const source = open(images, 1000, { lookAhead: 1000 })
  await source.filled(never, () => undefined)
  expect(pulled).toBe(64)
  source.close()
})

test('all may be made before the start; each made here leaves others their turn', async () => {
  const dataset = listDataset(Array.from({ length: 3000 }, (_, i) => String(i)))
  const source = open(dataset, 3000, { lookAhead: 3000, isMadeHere: true })
  const heard: number[] = []
  await source.filled(never, ready => heard.push(ready))
  expect(dataset.pulled).toBe(3000)
  expect(heard.length).toBeGreaterThan(2000)
})

test('a load may begin with fewer than are kept ready', async () => {
  const dataset = listDataset(Array.from({ length: 3000 }, (_, i) => String(i)))
  const source = open(dataset, 3000, { enough: 40 })
  await source.filled(never, () => undefined)
  expect(dataset.pulled).toBeGreaterThanOrEqual(40)
  expect(dataset.pulled).toBeLessThan(100)
  expect(await drain(source)).toHaveLength(3000)
})

test('a long prompt is let go of when it is taken', async () => {
  const registry: WeakRef<object>[] = []
  const dataset: Dataset = {
    names: ['objects'],
    *open() {
      for (;;) {
        const one = conversation('x')
        registry.push(new WeakRef(one))
        yield one
      }
    },
  }
  const source = open(dataset, 100, { lookAhead: 100 })
  await source.filled(never, () => undefined)
  for (let index = 0; index < 90; index++) void source.take()
  await new Promise(resolve => setImmediate(resolve))
  setFlagsFromString('--expose-gc')
  runInNewContext('gc')()
  expect(registry.slice(0, 90).filter(reference => reference.deref() !== undefined).length).toBeLessThan(5)
  expect(registry.slice(90).filter(reference => reference.deref() !== undefined)).toHaveLength(10)
  source.close()
})

test('an empty dataset is one clear mistake', async () => {
  const source = open(listDataset([]), 3)
  await expect(source.filled(never, () => undefined)).rejects.toThrow(ArgumentsError)
})

test('a mistake on the way ends dealing and is kept; what was dealt stays', async () => {
  const broken: Dataset = {
    names: ['broken'],
    *open() {
      yield conversation('a')
      throw new ArgumentsError('data.jsonl:2 is no JSON')
    },
  }
  const source = open(broken, 5)
  await source.filled(never, () => undefined)
  expect(await drain(source)).toEqual(['a'])
  expect(source.failure?.message).toBe('data.jsonl:2 is no JSON')
})

test('a slow dataset makes takers wait, and each gets the next in order', async () => {
  const slow: Dataset = {
    names: ['slow'],
    async *open() {
      for (const text of ['a', 'b', 'c']) {
        await new Promise(resolve => setTimeout(resolve, 5))
        yield conversation(text)
      }
    },
  }
  const source = open(slow, 3)
  const items = await Promise.all([source.take(), source.take(), source.take(), source.take()])
  expect(items.map(textOf)).toEqual(['a', 'b', 'c', ''])
})

test('closing ends the dataset', async () => {
  let isClosed = false
  const endless: Dataset = {
    names: ['endless'],
    *open() {
      try {
        for (;;) yield conversation('a')
      } finally {
        isClosed = true
      }
    },
  }
  const source = open(endless, 1_000_000)
  await source.filled(never, () => undefined)
  source.close()
  await expect.poll(() => isClosed).toBe(true)
})

test('closing answers who waits at once, though the dataset is silent', async () => {
  const silent: Dataset = {
    names: ['silent'],
    open: () => ({ [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => {}) }) }),
  }
  const source = open(silent, 5)
  const waiting = source.take()
  source.close()
  expect(await waiting).toBeUndefined()
})

test('a stop ends the wait for the first prompts', async () => {
  const silent: Dataset = {
    names: ['silent'],
    open: () => ({ [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => {}) }) }),
  }
  const stop = new AbortController()
  const filled = open(silent, 5).filled(stop.signal, () => undefined)
  stop.abort()
  await filled
})
