import type { ResponseDraft } from '../apis/api.ts'
import { isJsonObject, isTooDeep } from '../model/json.ts'

/**
 * What a server or a plugin has put into a draft that must not get further, in words; undefined where nothing is. Such
 * fields become empty: all that follows relies on their types. Counts are checked where a record takes them.
 */
export const mendDraft = (draft: ResponseDraft): string | undefined => {
  const problem = textProblem(draft) ?? callsProblem(draft.toolCalls) ?? othersProblem(draft.otherChoices)
  if (problem === undefined) return undefined
  for (const key of ['text', 'reasoning'] as const) if (typeof draft[key] !== 'string') draft[key] = ''
  draft.toolCalls = []
  delete draft.otherChoices
  return problem
}

const othersProblem = (others: unknown): string | undefined => {
  if (others === undefined) return undefined
  if (!Array.isArray(others) || !others.every(isJsonObject))
    return 'the API left a draft whose "otherChoices" are no list of drafts'
  for (const other of others as unknown as ResponseDraft[]) {
    const problem = textProblem(other) ?? callsProblem(other.toolCalls)
    if (problem !== undefined) return problem
  }
  return undefined
}

const textProblem = (draft: ResponseDraft): string | undefined => {
  const key = (['text', 'reasoning'] as const).find(name => typeof draft[name] !== 'string')
  return key && `the API left a draft whose "${key}" is no text`
}

/** They go into the body of the next request, and to other threads. */
const callsProblem = (calls: unknown): string | undefined => {
  if (!Array.isArray(calls) || !calls.every(isJsonObject))
    return 'the API left a draft whose "toolCalls" are no objects'
  if (calls.some(call => isTooDeep(call))) return 'a tool call is nested too deeply'
  return calls.every(isWritable) ? undefined : 'the API left a draft whose "toolCalls" are no JSON'
}

const isWritable = (call: object): boolean => {
  try {
    return JSON.stringify(call) !== undefined
  } catch {
    return false
  }
}
