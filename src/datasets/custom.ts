import type { Dataset } from './dataset.ts'
import { requirePath, resolveFile } from './support/file-path.ts'
import { readLines } from './support/lines.ts'
import { usablePrompts } from './support/prompts.ts'

/** Each line of a text file is a prompt, whatever it holds; blank lines are skipped. */
export const custom: Dataset = {
  names: ['custom'],
  isMultiTurn: false,
  async *open(context) {
    const file = await resolveFile(requirePath(context, 'a text file with one prompt per line'))
    yield* usablePrompts(readTexts(file), context, file)
  },
}

async function* readTexts(file: string): AsyncGenerator<string> {
  for await (const line of readLines(file)) {
    const text = line.text.trim()
    if (text !== '') yield text
  }
}
