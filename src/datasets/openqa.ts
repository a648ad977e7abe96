import { fileURLToPath } from 'node:url'
import type { Dataset, DatasetContext } from './dataset.ts'
import { resolveFile } from './support/file-path.ts'
import { readJsonLines } from './support/json-lines.ts'
import { lengthOptions } from './support/length-options.ts'
import { lineError } from './support/lines.ts'
import { usablePrompts } from './support/prompts.ts'

const fileName = 'open_qa.jsonl'

/** Questions from the field `question` of a JSON Lines file; without a path, from the file that comes with us. */
export const openqa: Dataset = {
  names: ['openqa'],
  isMultiTurn: false,
  options: lengthOptions,
  async *open(context) {
    const file = await questionFile(context)
    yield* usablePrompts(readQuestions(file), context, file)
  },
}

const questionFile = async ({ settings, say }: DatasetContext): Promise<string> => {
  if (settings.path !== undefined) return resolveFile(settings.path, fileName)
  // The same from `src/datasets` and from `dist/datasets`.
  const file = fileURLToPath(new URL(`../../datasets/${fileName}`, import.meta.url))
  say(`openqa: no --dataset-path given; the questions are our own, from datasets/${fileName} of this package`)
  return file
}

async function* readQuestions(file: string): AsyncGenerator<string> {
  for await (const { number, value } of readJsonLines(file)) {
    const { question } = value
    if (typeof question !== 'string') throw lineError(file, number, 'no field "question" with a text in it')
    const text = question.trim()
    if (text !== '') yield text
  }
}
