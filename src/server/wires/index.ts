import { anthropic } from './anthropic.ts'
import { dashscope } from './dashscope.ts'
import { openaiEmbeddings } from './embeddings.ts'
import { ollamaChat, ollamaGenerate } from './ollama.ts'
import { openaiChat, openaiText } from './openai.ts'
import { cohereRerank, rerank } from './rerank.ts'
import { responses } from './responses.ts'
import type { Wire } from './wire.ts'

/** The protocols that the simulated server speaks. */
export const wires: readonly Wire[] = [
  openaiChat,
  openaiText,
  responses,
  anthropic,
  dashscope,
  ollamaChat,
  ollamaGenerate,
  openaiEmbeddings,
  rerank,
  cohereRerank,
]
