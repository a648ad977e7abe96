import { ArgumentsError } from '../errors.ts'
import type { Conversation, Turn } from '../model/conversation.ts'
import { rngFor } from '../stats/rng.ts'
import type { Dataset, DatasetContext } from './dataset.ts'
import { drawIds, fitText } from './support/exact-text.ts'
import { requirePath, resolveFile } from './support/file-path.ts'
import { requireTokenizer } from './support/required-tokenizer.ts'
import { rotate } from './support/rotate.ts'
import { SkippedLines } from './support/skipped-lines.ts'
import { readTraces, type TraceTurn } from './support/trie-traces.ts'

/**
 * Traces of agents as lengths: drawn texts of the recorded numbers of tokens, each turn with its own output limit and
 * sent when its tool has run. Answers are as long as recorded only with `--extra-args '{"ignore_eos": true}'`.
 */
const createTrie = (name: string, fileName: string): Dataset => ({
  names: [name],
  isMultiTurn: true,
  needsTokenizer: true,
  appliesOffset: true,
  options: {},
  async *open(context) {
    const { settings, say } = context
    const drawConversation = createDraw(context)
    const content = `${fileName} of evalscope/trie-workloads on ModelScope; downloads come in a later version`
    const file = await resolveFile(requirePath(context, content), fileName)
    const skipped = new SkippedLines(file, say)
    let index = 0
    for await (const trace of rotate(() => readTraces(file, skipped), settings.offset)) {
      yield drawConversation(trace.slice(0, settings.maxTurns), index++)
    }
    if (index > 0) return
    throw new ArgumentsError(`${file} holds no traces, ${skipped.count} lines were skipped; give ${fileName}`)
  },
})

/** Texts of an item depend on the offset too, so that a server does not know them from the run before. */
const createDraw = (context: DatasetContext): ((trace: readonly TraceTurn[], index: number) => Conversation) => {
  const { settings, seed, say } = context
  const tokenizer = requireTokenizer(context)
  let isMissSaid = false
  return (trace, index) => {
    const rng = rngFor(seed, 'trie', settings.offset, index)
    const drawText = (length: number): string => {
      const fitted = fitText(drawIds(length, tokenizer, rng), tokenizer, rng)
      if (fitted.ids.length !== length && !isMissSaid) {
        isMissSaid = true
        say(missedLength(settings.spec, index, fitted.ids.length, length))
      }
      return fitted.text
    }
    return { turns: trace.map(turn => toTurn(turn, drawText(turn.inputTokens))) }
  }
}

/** A tool's output is a message of the user, as in evalscope: no tool was really called. */
const toTurn = ({ outputTokens, waitMs }: TraceTurn, content: string): Turn => ({
  prompt: { kind: 'messages', messages: [{ role: 'user', content }] },
  maxTokens: outputTokens,
  ...(waitMs === undefined ? {} : { waitMs }),
})

const missedLength = (spec: string, index: number, actual: number, wanted: number): string =>
  `${spec}: the tokenizer does not give every text back as it was; ` +
  `a text of conversation ${index} has ${actual} tokens, not ${wanted}`

/** Traces of agents that write code. */
export const trieAgenticCoding = createTrie('trie_agentic_coding', 'agentic_coding_8k.jsonl')

/** Traces of agents that answer questions about code. */
export const trieCodeQa = createTrie('trie_code_qa', 'code_qa_8k.jsonl')

/** Traces of agents that do office work. */
export const trieOfficeWork = createTrie('trie_office_work', 'office_work_8k.jsonl')
