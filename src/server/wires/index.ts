import { openaiChat, openaiText } from './openai.ts'
import type { Wire } from './wire.ts'

/** The protocols that the simulated server speaks. */
export const wires: readonly Wire[] = [openaiChat, openaiText]
