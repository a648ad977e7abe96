import { ArgumentsError } from '../errors.ts'
import type { Conversation } from '../model/conversation.ts'
import { rngFor } from '../stats/rng.ts'
import type { Dataset, DatasetContext } from './dataset.ts'
import { requirePath, resolveFile } from './support/file-path.ts'
import { lineError } from './support/lines.ts'
import { consecutiveIds, createTextOfIds, requireTokenizer } from './support/random-text.ts'
import { rotate } from './support/rotate.ts'
import { createSkippedLines } from './support/skipped-lines.ts'
import { readTraces, type TraceTurn } from './support/trie-traces.ts'

/**
 * Traces of agents as lengths: drawn texts of the recorded numbers of tokens, each turn with its own output limit and
 * sent when its tool has run. Answers are as long as recorded only with `--extra-args '{"ignore_eos": true}'`.
 */
const createTrie = (name: string, fileName: string): Dataset => ({
  names: [name],
  isMultiTurn: true,
  ignores: ['minTurns', 'maxTokens'],
  needsTokenizer: true,
  appliesOffset: true,
  options: {},
  hubFile: { modelscope: { repository: 'evalscope/trie-workloads', path: fileName } },
  async *open(context) {
    const { settings, say } = context
    const drawConversation = createDraw(context)
    const file = await resolveFile(requirePath(context, fileName), fileName)
    const skipped = createSkippedLines(file, say)
    const pass = (isFirst: boolean) => readTraces(file, isFirst ? skipped : undefined)
    let index = 0
    for await (const trace of rotate(pass, settings.offset)) {
      yield drawConversation(trace.slice(0, settings.maxTurns), index++)
    }
    if (index > 0) return
    if (skipped.first === undefined) throw new ArgumentsError(`${file} holds no traces; give ${fileName}`)
    const { number, problem } = skipped.first
    throw lineError(file, number, `${problem}; no line of the file is a trace (lines read: ${skipped.count})`)
  },
})

/** Texts of an item depend on the offset too, so that a server does not know them from the run before. */
const createDraw = (context: DatasetContext): ((trace: readonly TraceTurn[], index: number) => Conversation) => {
  const { settings, seed, say } = context
  const tokenizer = requireTokenizer(context)
  const textOf = createTextOfIds(settings.spec, tokenizer, say)
  const drawText = (length: number, index: number, position: number): string => {
    const rng = rngFor(seed, 'trie', settings.offset, index, position)
    const start = rng.integer(0, tokenizer.ordinaryIds().length - 1)
    return textOf(consecutiveIds(start, length, tokenizer), rng, `turn ${position + 1} of conversation ${index}`)
  }
  return (trace, index) => ({
    turns: trace.map(({ inputTokens, outputTokens, waitMs }, position) => ({
      // A tool's output comes from the user too, as in evalscope: no tool was really called.
      prompt: { kind: 'messages', messages: [{ role: 'user', content: drawText(inputTokens, index, position) }] },
      maxTokens: outputTokens,
      ...(waitMs === undefined ? {} : { waitMs }),
    })),
  })
}

/** Traces of agents that write code. */
export const trieAgenticCoding = createTrie('trie_agentic_coding', 'agentic_coding_8k.jsonl')

/** Traces of agents that answer questions about code. */
export const trieCodeQa = createTrie('trie_code_qa', 'code_qa_8k.jsonl')

/** Traces of agents that do office work. */
export const trieOfficeWork = createTrie('trie_office_work', 'office_work_8k.jsonl')
