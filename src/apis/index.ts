import type { Api } from './api.ts'
import { openai } from './openai.ts'

/** The built-in APIs. To add one: write its file, add its line; its conformance tests come free. */
export const builtinApis: readonly Api[] = [openai]
