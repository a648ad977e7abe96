import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { workloadTrace } from '../../src/datasets/workload-trace.ts'
import type { Conversation, Prompt } from '../../src/model/conversation.ts'
import type { JsonObject } from '../../src/model/json.ts'
import { createContext, take } from './context.ts'

/** A place for one trace after the other, removed after the tests of the file that asks for it. */
export const createTraces = () => {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'trace-')))
  afterAll(() => rmSync(root, { recursive: true }))
  const path = join(root, 'trace.jsonl')

  /** Prepares a trace of this content. */
  const prepare = async (content: string | Buffer, args: JsonObject = {}, said: string[] = []) => {
    writeFileSync(path, content)
    const context = createContext({ spec: 'workload_trace', path, args }, { said })
    const dataset = await workloadTrace.prepare?.(context)
    if (dataset === undefined) throw new Error('a trace has to be prepared')
    return { dataset, context }
  }

  const read = async (
    content: string | Buffer,
    args: JsonObject = {},
    said: string[] = [],
  ): Promise<Conversation[]> => {
    const { dataset, context } = await prepare(content, args, said)
    return take(dataset.open(context))
  }

  return { root, path, prepare, read }
}

/** The body that a conversation of a trace asks for, with its text. */
export const promptOf = (conversation: Conversation | undefined) =>
  conversation?.turns[0]?.prompt as Prompt & { kind: 'body' }

/** That body alone. */
export const bodyOf = (conversation: Conversation | undefined): JsonObject => promptOf(conversation).body
