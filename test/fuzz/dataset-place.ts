import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, expect } from 'vitest'
import { loadDataset } from '../../src/datasets/load-dataset.ts'
import { UserError } from '../../src/errors.ts'
import type { Conversation } from '../../src/model/conversation.ts'
import type { JsonObject } from '../../src/model/json.ts'
import { loadTokenizer } from '../../src/tokenizers/index.ts'
import { createContext } from '../datasets/context.ts'
import { wordsTokenizerPath } from '../tokenizers/paths.ts'
import { unprintable } from './hostile.ts'

/** More conversations of one file tell nothing new. */
const mostConversations = 30

const tokenizer = await loadTokenizer(wordsTokenizerPath)

/** A directory for the files of one test file, removed after its tests. */
export const createPlace = () => {
  const root = mkdtempSync(join(tmpdir(), 'evalscope-fuzz-'))
  afterAll(() => rmSync(root, { recursive: true, force: true }))

  /** Writes a file in place of the one of that name; gives its path. */
  const put = (name: string, bytes: Uint8Array | string): string => {
    const path = join(root, name)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, bytes)
    return path
  }

  return { root, put }
}

/**
 * Reads a file as a dataset does: gives its prompts, or nothing where it is refused as it should be, in one line that
 * names it. Anything else is thrown.
 */
export const readDataset = async (
  name: string,
  path: string,
  args: JsonObject = {},
): Promise<readonly Conversation[]> => {
  const said: string[] = []
  const taken: Conversation[] = []
  const context = createContext({ spec: name, path, args }, { tokenizer, said })
  try {
    const asked = await loadDataset(name)
    const dataset = (await asked.prepare?.(context)) ?? asked
    for await (const conversation of dataset.open(context)) {
      expectConversation(conversation)
      taken.push(conversation)
      if (taken.length >= mostConversations) break
    }
    return taken
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    expect(error.message).toContain(path)
    expect(error.message).not.toMatch(unprintable)
    expect(error.message.length).toBeLessThan(5000)
    return []
  } finally {
    for (const line of said) expect(line.length).toBeLessThan(5000)
  }
}

const expectConversation = (conversation: Conversation): void => {
  const { turns, requestId, arrivalMs } = conversation
  if (turns.length === 0) throw new Error('a conversation without turns')
  for (const { prompt } of turns) {
    if (prompt.kind === 'messages') {
      for (const { role } of prompt.messages) expect(typeof role).toBe('string')
      expect(prompt.messages.length).toBeGreaterThan(0)
    } else if (prompt.kind === 'text') expect(prompt.text).not.toBe('')
    else if (prompt.kind === 'inputs') for (const text of prompt.inputs) expect(typeof text).toBe('string')
  }
  if (requestId !== undefined) expect(requestId).not.toMatch(/[\r\n\0]/)
  if (arrivalMs !== undefined) expect(arrivalMs).toBeGreaterThanOrEqual(0)
  // As a request's body has to be written.
  JSON.stringify(conversation)
}
