import { ArgumentsError } from '../errors.ts'
import type { Conversation } from '../model/conversation.ts'
import type { Dataset, DatasetContext } from './dataset.ts'
import type { TurnMessages } from './support/conversations.ts'
import { requirePath } from './support/file-path.ts'
import { readPrepared } from './support/prepared-conversations.ts'
import { builtConversations, trajectoryOptions } from './support/trajectory-conversations.ts'
import { findTrajectoryFiles, type TrajectoryFiles } from './support/trajectory-files.ts'

const repository = 'SWE-bench/SWE-smith-trajectories'

/** The files of its split `tool`: 24 100 trajectories in 1.1 GB. */
const paths = Array.from({ length: 8 }, (_, index) => `data/tool-0000${index}-of-00008.parquet`)

/**
 * Conversations of agents that mend code: prepared ones from a JSON file, as they are, or built from trajectories, the
 * rows of Parquet files or of a `.jsonl`, which takes a tokenizer. Their tools' outputs are sent; their answers are the
 * model's own.
 */
export const sweSmith: Dataset = {
  names: ['swe_smith'],
  isMultiTurn: true,
  needsTokenizer: 'without path',
  appliesOffset: true,
  options: trajectoryOptions,
  hubFiles: paths.map(path => ({ modelscope: { repository, path }, huggingface: { repository, path } })),
  // A JSON file takes seconds to parse: once, and not for each run.
  prepare: async context => {
    const found = await findFiles(context)
    // Read as it is needed: another thread may do that, as it finds this dataset by its name.
    if (found.form !== 'prepared') return sweSmith
    const conversations = await readConversations(found.file)
    const { prepare: _, ...unprepared } = sweSmith
    return { ...unprepared, ignores: ['minTurns'], open: opened => fromOffset(conversations, opened) }
  },
  async *open(context) {
    const found = await findFiles(context)
    if (found.form === 'prepared') return yield* fromOffset(await readConversations(found.file), context)
    for await (const turns of builtConversations(context, found)) yield toConversation(turns)
  },
}

const findFiles = async (context: DatasetContext): Promise<TrajectoryFiles> => {
  const content =
    `the files of the split "tool" of ${repository} (.parquet) or their directory, rows of it as .jsonl, or ` +
    "the JSON file of evalscope's build_swe_smith_dataset.py"
  return findTrajectoryFiles(requirePath(context, content))
}

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
