import { fileURLToPath } from 'node:url'
import type { Dataset, DatasetContext } from './dataset.ts'
import { resolveFile } from './support/file-path.ts'
import { readJsonLines } from './support/json-lines.ts'
import { lengthOptions } from './support/length-options.ts'
import { lineError } from './support/lines.ts'
import { usablePrompts } from './support/prompts.ts'

const fileName = 'open_qa.jsonl'

/** Questions from the field `question` of a JSON Lines file; where there is none, from the file that comes with us. */
export const openqa: Dataset = {
  names: ['openqa'],
  isMultiTurn: false,
  hubFile: {
    modelscope: { repository: 'AI-ModelScope/HC3-Chinese', path: fileName },
    huggingface: { repository: 'Hello-SimpleAI/HC3-Chinese', path: fileName },
  },
  sample: `the questions are our own, from datasets/${fileName} of this package`,
  options: lengthOptions,
  async *open(context) {
    const file = await questionFile(context)
    yield* usablePrompts(readQuestions(file), context, file)
  },
}

const questionFile = async ({ settings }: DatasetContext): Promise<string> => {
  if (settings.path !== undefined) return resolveFile(settings.path, fileName)
  // The same from `src/datasets` and from `dist/datasets`.
  return fileURLToPath(new URL(`../../datasets/${fileName}`, import.meta.url))
}

async function* readQuestions(file: string): AsyncGenerator<string> {
  for await (const { number, value } of readJsonLines(file)) {
    const { question } = value
    if (typeof question !== 'string') throw lineError(file, number, 'no field "question" with a text in it')
    const text = question.trim()
    if (text !== '') yield text
  }
}
