import { ArgumentsError } from '../errors.ts'
import type { Prompt } from '../model/conversation.ts'
import { isJsonObject, type JsonValue } from '../model/json.ts'
import type { Dataset } from './dataset.ts'
import { createItemDataset } from './support/item-dataset.ts'
import { singleTurn } from './support/prompts.ts'
import { createSkippedLines } from './support/skipped-lines.ts'

/** Queries with documents from a file; what lacks either is skipped, and there are no length limits. */
export const rerank: Dataset = createItemDataset({
  names: ['rerank'],
  isMultiTurn: false,
  task: 'rerank',
  textLines: false,
  content: 'JSON Lines or a JSON array of objects with "query" and "documents"',
  async *conversations({ file, unit, read }, { say }) {
    const skipped = createSkippedLines(file, say, unit)
    let count = 0
    for await (const { number, place, value } of read()) {
      const prompt = readPrompt(value)
      if (typeof prompt === 'string') skipped.skip(number, prompt, place)
      else {
        count++
        yield singleTurn(prompt)
      }
    }
    skipped.end()
    if (count > 0) return
    const why =
      skipped.first === undefined ? '' : `: all ${skipped.count} were skipped, the first for ${skipped.first.problem}`
    throw new ArgumentsError(`${file} holds no queries with documents${why}; give a file with at least one`)
  },
})

/** The prompt in an item, or what it lacks. */
const readPrompt = (value: JsonValue): Prompt | string => {
  if (!isJsonObject(value)) return 'no object with "query" and "documents"'
  const { query } = value
  if (typeof query !== 'string' || query.trim() === '') return 'no "query" with a text in it'
  const documents = readDocuments(value.documents ?? value.passages ?? value.texts)
  if (documents === undefined) return 'no "documents", "passages" or "texts" with texts in them'
  return { kind: 'rerank', query, documents }
}

/** One document or several, each a text or an object with one in `text`. */
const readDocuments = (value: JsonValue | undefined): readonly string[] | undefined => {
  if (typeof value === 'string') return [value]
  if (!Array.isArray(value) || value.length === 0) return undefined
  const texts = value.map((document: JsonValue) => (isJsonObject(document) ? document.text : document))
  return texts.every(text => typeof text === 'string') ? texts : undefined
}
