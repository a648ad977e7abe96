import { reasonOf } from '../../errors.ts'
import { isJsonObject, type JsonObject } from '../../model/json.ts'
import { readLines } from './lines.ts'
import { mostPromptTokens } from './options.ts'
import type { SkippedLines } from './skipped-lines.ts'

/** One request of a trace, as lengths. */
export interface TraceTurn {
  readonly inputTokens: number
  readonly outputTokens: number
  /** How long the tool ran whose output this turn sends; absent in the first. */
  readonly waitMs?: number
}

/** The traces of a file; lines that hold none are told to `skipped`, where there is one. */
export async function* readTraces(
  file: string,
  skipped: SkippedLines | undefined,
): AsyncGenerator<readonly TraceTurn[]> {
  for await (const { number, text } of readLines(file)) {
    if (text.trim() === '') continue
    const trace = readTrace(text)
    if (typeof trace === 'string') skipped?.skip(number, trace)
    else yield trace
  }
  skipped?.end()
}

/** The turns of a line, or why it has none: `num_turns` calls of a tool, then the final answer. */
const readTrace = (text: string): readonly TraceTurn[] | string => {
  const row = parseObject(text)
  if (typeof row === 'string') return row
  const { num_turns: toolCalls, input_prompt_length: input, final_assistant_response_length: final } = row
  if (!isLength(toolCalls)) return '"num_turns" is no number from 0 on'
  if (!isLength(input)) return '"input_prompt_length" is no number from 0 on'
  if (!isLength(final)) return '"final_assistant_response_length" is no number from 0 on'
  const outputs = readList(row, 'assistant_response_length', toolCalls)
  if (typeof outputs === 'string') return outputs
  if (input > mostPromptTokens) return `"input_prompt_length" is above ${mostPromptTokens}`
  const toolOutputs = readList(row, 'tool_call_output_length', toolCalls)
  if (typeof toolOutputs === 'string') return toolOutputs
  if (toolOutputs.some(length => length > mostPromptTokens))
    return `"tool_call_output_length" has one above ${mostPromptTokens}`
  const latencies = readList(row, 'tool_call_latency', toolCalls)
  if (typeof latencies === 'string') return latencies
  return [...outputs, final].map((outputTokens, index) => ({
    inputTokens: atLeastOne(index === 0 ? input : toolOutputs[index - 1]),
    outputTokens: atLeastOne(outputTokens),
    // `tool_call_latency` is in seconds, says the description of the traces in evalscope.
    ...(index === 0 ? {} : { waitMs: (latencies[index - 1] ?? 0) * 1000 }),
  }))
}

const parseObject = (text: string): JsonObject | string => {
  try {
    const value: unknown = JSON.parse(text)
    return isJsonObject(value) ? value : 'not a JSON object'
  } catch (error) {
    return `not valid JSON (${reasonOf(error)})`
  }
}

const readList = (row: JsonObject, key: string, length: number): readonly number[] | string => {
  const values = row[key]
  if (!Array.isArray(values) || !values.every(isLength)) return `"${key}" is no list of numbers from 0 on`
  return values.length === length ? values : `"${key}" has ${values.length} values, "num_turns" is ${length}`
}

const isLength = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value) && value >= 0

/** Chat templates refuse empty messages, and servers an output limit of 0. */
const atLeastOne = (length: number | undefined): number => Math.max(1, Math.trunc(length ?? 0))
