import type { Dataset } from './dataset.ts'
import { requirePath, resolveFile } from './support/file-path.ts'
import { lengthOptions } from './support/length-options.ts'
import { type Talk, usablePrompts } from './support/prompts.ts'
import { chineseFile, type Exchange, englishFile, readExchanges, shareGptHubFile } from './support/share-gpt.ts'

const createShareGpt = (name: string, fileName: string): Dataset => ({
  names: [name],
  isMultiTurn: false,
  options: lengthOptions,
  hubFile: shareGptHubFile(fileName),
  async *open(context) {
    const file = await resolveFile(requirePath(context, fileName), fileName)
    yield* usablePrompts(readTalks(file), context, file)
  },
})

/** The last questions of the Chinese conversations of ShareGPT, all that was said before as their history. */
export const shareGptZh = createShareGpt('share_gpt_zh', chineseFile)

/** The last questions of the English conversations of ShareGPT, all that was said before as their history. */
export const shareGptEn = createShareGpt('share_gpt_en', englishFile)

async function* readTalks(file: string): AsyncGenerator<Talk> {
  for await (const exchanges of readExchanges(file)) {
    // What was answered to the last question is left to the model.
    const last = exchanges.at(-1)
    if (last === undefined) continue
    yield { talk: [...exchanges.slice(0, -1).flatMap(toMessages), { role: 'user', content: last.human }] }
  }
}

/** A question with its answer; none without one: chat templates refuse empty messages, and two of the user in a row. */
const toMessages = ({ human, assistant }: Exchange): Talk['talk'] =>
  assistant === ''
    ? []
    : [
        { role: 'user', content: human },
        { role: 'assistant', content: assistant },
      ]
