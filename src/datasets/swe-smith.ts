import { ArgumentsError } from '../errors.ts'
import type { Conversation } from '../model/conversation.ts'
import type { Dataset, DatasetContext } from './dataset.ts'
import type { TurnMessages } from './support/conversations.ts'
import { requirePath, resolveFile } from './support/file-path.ts'
import { readPrepared } from './support/prepared-conversations.ts'
import { builtConversations, trajectoryOptions } from './support/trajectory-conversations.ts'

/** What evalscope's script names its file when nothing is said. */
const fileName = 'agentic_dataset.json'

/**
 * Conversations of agents that mend code: prepared ones from a JSON file, as they are, or built from trajectories, the
 * rows of a `.jsonl` file, which takes a tokenizer. Their tools' outputs are sent; their answers are the model's own.
 */
export const sweSmith: Dataset = {
  names: ['swe_smith'],
  isMultiTurn: true,
  appliesOffset: true,
  options: trajectoryOptions,
  // A JSON file takes seconds to parse: once, and not for each run.
  prepare: async context => {
    const file = await findFile(context)
    // Read as it is needed: another thread may do that, as it finds this dataset by its name.
    if (holdsRows(file)) return sweSmith
    const conversations = await readConversations(file)
    const { prepare: _, ...unprepared } = sweSmith
    return { ...unprepared, ignores: ['minTurns'], open: opened => fromOffset(conversations, opened) }
  },
  async *open(context) {
    const file = await findFile(context)
    if (!holdsRows(file)) return yield* fromOffset(await readConversations(file), context)
    for await (const turns of builtConversations(context, file)) yield toConversation(turns)
  },
}

const findFile = async (context: DatasetContext): Promise<string> => {
  const content =
    'rows of SWE-bench/SWE-smith-trajectories (split "tool"; Parquet on both hubs, so not downloaded) as .jsonl, or ' +
    "the JSON file of evalscope's build_swe_smith_dataset.py"
  const file = await resolveFile(requirePath(context, content), fileName)
  if (!/\.parquet$/i.test(file)) return file
  throw new ArgumentsError(`--dataset-path ${file} is Parquet, which is not read; save its rows as JSON Lines (.jsonl)`)
}

const holdsRows = (file: string): boolean => /\.jsonl$/i.test(file)

const readConversations = async (file: string): Promise<readonly (readonly TurnMessages[])[]> => {
  const conversations = await readPrepared(file)
  if (conversations.length === 0) throw new ArgumentsError(`${file} holds no conversations; give a file that does`)
  return conversations
}

const fromOffset = (
  conversations: readonly (readonly TurnMessages[])[],
  { settings }: DatasetContext,
): readonly Conversation[] => {
  const start = settings.offset % conversations.length
  const turned = [...conversations.slice(start), ...conversations.slice(0, start)]
  return turned.map(turns => toConversation(turns.slice(0, settings.maxTurns)))
}

const toConversation = (turns: readonly TurnMessages[]): Conversation => ({
  turns: turns.map(messages => ({ prompt: { kind: 'messages', messages } })),
})
