import { ArgumentsError } from '../errors.ts'
import type { Conversation, Prompt, Turn } from '../model/conversation.ts'
import { isJsonObject, type JsonValue } from '../model/json.ts'
import { rngFor } from '../stats/rng.ts'
import type { Dataset, DatasetContext } from './dataset.ts'
import { type TurnMessages, usableConversations } from './support/conversations.ts'
import { cutText } from './support/cut-text.ts'
import { requirePath, resolveFile } from './support/file-path.ts'
import { readJsonLines } from './support/json-lines.ts'
import { lineError } from './support/lines.ts'
import { turnLengthOf, turnLengthOptions } from './support/turn-lengths.ts'

const createShareGptMultiTurn = (name: string, fileName: string): Dataset => ({
  names: [name],
  isMultiTurn: true,
  ignores: ['minTurns'],
  options: turnLengthOptions,
  hubFile: {
    modelscope: { repository: 'swift/sharegpt', path: fileName },
    huggingface: { repository: 'shareAI/ShareGPT-Chinese-English-90k', path: `sharegpt_jsonl/${fileName}` },
  },
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
export const shareGptZhMultiTurn = createShareGptMultiTurn('share_gpt_zh_multi_turn', 'common_zh_70k.jsonl')

/** What people asked in the English conversations of ShareGPT, a turn for each question. */
export const shareGptEnMultiTurn = createShareGptMultiTurn('share_gpt_en_multi_turn', 'common_en_70k.jsonl')

async function* readConversations(file: string): AsyncGenerator<readonly TurnMessages[]> {
  for await (const { number, value } of readJsonLines(file)) {
    const { conversation } = value
    if (!Array.isArray(conversation)) throw lineError(file, number, 'no field "conversation" with a list in it')
    const turns = conversation.flatMap(readTurn)
    if (turns.length > 0) yield turns
  }
}

/** The question of one exchange; none where it is empty. */
const readTurn = (exchange: JsonValue): TurnMessages[] => {
  const human = isJsonObject(exchange) ? exchange.human : undefined
  const content = typeof human === 'string' ? human.trim() : ''
  return content === '' ? [] : [[{ role: 'user', content }]]
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
