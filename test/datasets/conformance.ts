import { existsSync, readdirSync, readlinkSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { Dataset, DatasetContext } from '../../src/datasets/dataset.ts'
import type { Conversation, Prompt } from '../../src/model/conversation.ts'
import { isJsonObject } from '../../src/model/json.ts'
import type { DatasetSettings } from '../../src/model/run-plan.ts'
import { promptsOf, take } from './context.ts'

/** How one dataset is put through the contract. */
export interface ConformanceCase {
  readonly dataset: Dataset
  /** A context in which the dataset works; called for each use. */
  readonly createContext: (settings?: Partial<DatasetSettings>, seed?: number) => DatasetContext
  /** The file that it reads then. */
  readonly file?: string
  /** Whether seed and offset decide what comes; else they change nothing. */
  readonly draws?: true
}

// Enough to see a sequence, and an end to what has none.
const sampleSize = 25

/** The contract of every dataset, built in or a plugin: run it inside a test file. */
export const describeDatasetContract = ({ dataset, createContext, file, draws }: ConformanceCase): void => {
  const sample = (settings?: Partial<DatasetSettings>, seed?: number): Promise<Conversation[]> =>
    take(dataset.open(createContext(settings, seed)), sampleSize)

  describe(`the dataset ${dataset.names[0]}`, () => {
    test('yields at least one conversation, all of them well formed and plain JSON', async () => {
      const conversations = await sample()
      expect(conversations.length).toBeGreaterThan(0)
      for (const conversation of conversations) {
        expect(conversation.turns.length).toBeGreaterThan(0)
        expect(JSON.parse(JSON.stringify(conversation))).toEqual(conversation)
      }
      expect(promptsOf(conversations).filter(prompt => !isWellFormed(prompt))).toEqual([])
    })

    test('gives the same conversations for the same seed', async () => {
      expect(await sample({}, 7)).toEqual(await sample({}, 7))
    })

    test('gives the same conversations in a second pass', async () => {
      const context = createContext()
      const first = await take(dataset.open(context), sampleSize)
      expect(await take(dataset.open(context), sampleSize)).toEqual(first)
    })

    test(draws ? 'gives others for another seed or offset' : 'does not depend on seed and offset', async () => {
      const first = JSON.stringify(await sample({ offset: 0 }, 7))
      expect(JSON.stringify(await sample({ offset: 100 }, 7)) !== first).toBe(draws ?? false)
      expect(JSON.stringify(await sample({ offset: 0 }, 8)) !== first).toBe(draws ?? false)
    })

    test.runIf(dataset.size !== undefined)('keeps to its stated size', async () => {
      expect(await take(dataset.open(createContext()))).toHaveLength(dataset.size ?? 0)
    })

    test.runIf(file !== undefined && existsSync('/proc/self/fd'))(
      'closes its file when the reader leaves early, and at the end',
      async () => {
        const pass = dataset.open(createContext())
        for await (const _ of pass) {
          expect(openFiles()).toContain(file)
          break
        }
        expect(openFiles()).not.toContain(file)
        await take(dataset.open(createContext()))
        expect(openFiles()).not.toContain(file)
      },
    )
  })
}

const isWellFormed = (prompt: Prompt): boolean => {
  switch (prompt.kind) {
    case 'text':
      return typeof prompt.text === 'string'
    case 'messages':
      return prompt.messages.length > 0 && prompt.messages.every(message => typeof message.role === 'string')
    case 'tokens':
      return prompt.ids.every(id => Number.isInteger(id) && id >= 0)
    case 'body':
      return isJsonObject(prompt.body)
    case 'inputs':
      return prompt.inputs.length > 0 && prompt.inputs.every(text => typeof text === 'string')
    case 'rerank':
      return prompt.query !== '' && prompt.documents.length > 0
  }
}

/** What this process has open, as paths. */
const openFiles = (): readonly string[] =>
  readdirSync('/proc/self/fd').flatMap(descriptor => {
    try {
      return [readlinkSync(`/proc/self/fd/${descriptor}`)]
    } catch {
      return []
    }
  })
