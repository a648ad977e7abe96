import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect } from 'vitest'
import { sweSmith } from '../../src/datasets/swe-smith.ts'
import { ArgumentsError } from '../../src/errors.ts'
import type { Conversation } from '../../src/model/conversation.ts'
import type { DatasetSettings } from '../../src/model/run-plan.ts'
import { loadTokenizer } from '../../src/tokenizers/index.ts'
import { qwenTokenizerPath, wordsTokenizerPath } from '../tokenizers/paths.ts'
import { createContext, take } from './context.ts'

/** A place for the files of one test file, removed after its tests; `fileOf` gives the path of a new one. */
export const createPlace = () => {
  const root = mkdtempSync(join(tmpdir(), 'swe-smith-'))
  afterAll(() => rmSync(root, { recursive: true }))
  const fileOf = (name: string, text: string | Buffer): string => {
    const path = join(mkdtempSync(join(root, 'case-')), name)
    writeFileSync(path, text)
    return path
  }
  return { root, fileOf }
}

/** Splits at blanks. */
export const words = await loadTokenizer(wordsTokenizerPath)
/** A real one. */
export const qwen = await loadTokenizer(qwenTokenizerPath)

/** All conversations of a file, and what was said. */
export const open = async (
  path: string | undefined,
  settings: Partial<DatasetSettings>,
  { seed = 1, tokenizer = words } = {},
) => {
  const said: string[] = []
  const context = createContext({ spec: 'swe_smith', path, ...settings }, { tokenizer, seed, said })
  return {
    conversations: await take(sweSmith.open(context)),
    said: said.map(line => line.replace(/^.*\/rows/, 'rows')),
  }
}

/** The contents of each turn. */
export const contentsOf = ({ turns }: Conversation): readonly unknown[][] =>
  turns.map(({ prompt, ...others }) => {
    expect(others).toEqual({})
    if (prompt.kind !== 'messages') throw new Error(`a prompt is ${prompt.kind}`)
    return prompt.messages.map(({ content }) => content)
  })

/** The one line with which a file is refused. */
export const errorOf = async (path: string | undefined, settings: Partial<DatasetSettings> = {}): Promise<string> => {
  const error = await open(path, settings).catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(ArgumentsError)
  expect((error as Error).message).not.toContain('\n')
  return (error as Error).message
}
