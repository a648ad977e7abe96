import { ArgumentsError } from '../errors.ts'
import type { Conversation, Prompt, Turn } from '../model/conversation.ts'
import { rngFor } from '../stats/rng.ts'
import type { Dataset, DatasetContext } from './dataset.ts'
import { type TurnMessages, usableConversations } from './support/conversations.ts'
import { cutText } from './support/cut-text.ts'
import { requirePath, resolveFile } from './support/file-path.ts'
import { chineseFile, englishFile, readExchanges, shareGptHubFile } from './support/share-gpt.ts'
import { turnLengthOf, turnLengthOptions } from './support/turn-lengths.ts'

const createShareGptMultiTurn = (name: string, fileName: string): Dataset => ({
  names: [name],
  isMultiTurn: true,
  ignores: ['minTurns'],
  options: turnLengthOptions,
  hubFile: shareGptHubFile(fileName),
  async *open(context) {
    const file = await resolveFile(requirePath(context, fileName), fileName)
    const cut = createCut(context, name)
    let index = 0
    for await (const conversation of usableConversations(readConversations(file), context, file)) {
      yield cut(conversation, index++)
    }
  },
})

/** What people asked in the Chinese conversations of ShareGPT, a turn for each question. */
export const shareGptZhMultiTurn = createShareGptMultiTurn('share_gpt_zh_multi_turn', chineseFile)

/** What people asked in the English conversations of ShareGPT, a turn for each question. */
export const shareGptEnMultiTurn = createShareGptMultiTurn('share_gpt_en_multi_turn', englishFile)

async function* readConversations(file: string): AsyncGenerator<readonly TurnMessages[]> {
  for await (const exchanges of readExchanges(file)) {
    yield exchanges.map(({ human }) => [{ role: 'user', content: human }])
  }
}

type Cut = (conversation: Conversation, index: number) => Conversation

/** Cuts messages to what `--dataset-args` says of their lengths; the limits on prompts have seen them whole. */
const createCut = ({ settings, seed, tokenizer }: DatasetContext, name: string): Cut => {
  if (turnLengthOf(settings.args, 0) === undefined && turnLengthOf(settings.args, 1) === undefined) {
    return conversation => conversation
  }
  if (tokenizer === undefined) {
    throw new ArgumentsError(
      `--dataset-args: first_turn_length and subsequent_turn_length of dataset ${settings.spec} are in tokens; ` +
        'give --tokenizer-path, a directory that holds tokenizer.json',
    )
  }
  const cutTurn = (turn: Turn, index: number, position: number): Turn => {
    const lengths = turnLengthOf(settings.args, position)
    if (lengths === undefined) return turn
    const rng = rngFor(seed, name, index, position)
    const tokens = rng.integer(lengths.min, lengths.max)
    return { ...turn, prompt: mapTexts(turn.prompt, text => cutText(text, tokens, tokenizer, rng).text) }
  }
  return ({ turns }, index) => ({ turns: turns.map((turn, position) => cutTurn(turn, index, position)) })
}

const mapTexts = (prompt: Prompt, map: (text: string) => string): Prompt => {
  if (prompt.kind !== 'messages') return prompt
  const messages = prompt.messages.map(({ content, ...message }) => ({
    ...message,
    content: typeof content === 'string' ? map(content) : content,
  }))
  return { kind: 'messages', messages }
}
