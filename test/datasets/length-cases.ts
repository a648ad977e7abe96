import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect } from 'vitest'
import type { Dataset } from '../../src/datasets/dataset.ts'
import { lineByLine } from '../../src/datasets/line-by-line.ts'
import { checkOptions } from '../../src/datasets/support/options.ts'
import { ArgumentsError } from '../../src/errors.ts'
import type { Prompt } from '../../src/model/conversation.ts'
import type { JsonObject } from '../../src/model/json.ts'
import type { DatasetSettings } from '../../src/model/run-plan.ts'
import type { Tokenizer } from '../../src/tokenizers/tokenizer.ts'
import { createContext, promptsOf, take } from './context.ts'

/** One character is one token: every length can be had, and pieces are easy to foresee. */
export const letters: Tokenizer = {
  encode: text => Array.from(text, letter => letter.codePointAt(0) ?? 0),
  decode: ids => String.fromCodePoint(...ids),
  encodeChat: () => [],
  hasChatTemplate: false,
  ordinaryIds: () => [97, 98, 99],
}

interface Case {
  readonly tokenizer?: Tokenizer | undefined
  readonly settings?: Partial<DatasetSettings>
  readonly said?: string[]
  readonly dataset?: Dataset
}

/** Reads small files with `--dataset-args`, for the tests of one file. */
export const createLengthCases = () => {
  let root = ''
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'target-length-'))
  })
  afterAll(() => rm(root, { recursive: true }))

  const fileOf = async (content: string | Buffer, name = 'file.txt'): Promise<string> => {
    const path = join(await mkdtemp(join(root, 'case-')), name)
    await writeFile(path, content)
    return path
  }

  const readFrom = async (
    text: string,
    args: JsonObject,
    { tokenizer = letters, settings = {}, said = [], dataset = lineByLine }: Case = {},
  ): Promise<Prompt[]> => {
    checkOptions(args, dataset.options, 'own')
    const context = createContext({ path: await fileOf(text), args, ...settings }, { tokenizer, said })
    return promptsOf(await take(dataset.open(context)))
  }

  const errorFrom = async (...read: Parameters<typeof readFrom>): Promise<string> => {
    const error = await readFrom(...read).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(ArgumentsError)
    expect((error as Error).message).not.toContain('\n')
    return (error as Error).message.replace(/\/\S*\/(?=[^/]+(?:\s|$|:))/g, '')
  }
  return { fileOf, readFrom, errorFrom }
}
