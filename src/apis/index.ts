import { anthropic } from './anthropic.ts'
import type { Api } from './api.ts'
import { dashscope } from './dashscope.ts'
import { ollama } from './ollama.ts'
import { openai } from './openai.ts'
import { openaiEmbedding } from './openai-embedding.ts'
import { openaiRerank } from './openai-rerank.ts'
import { openaiResponses } from './openai-responses.ts'

/** The built-in APIs. To add one: write its file, add its line; its conformance tests come free. */
export const builtinApis: readonly Api[] = [
  openai,
  openaiResponses,
  anthropic,
  openaiEmbedding,
  openaiRerank,
  dashscope,
  ollama,
]
