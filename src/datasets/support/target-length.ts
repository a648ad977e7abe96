import { ArgumentsError } from '../../errors.ts'
import type { Message } from '../../model/conversation.ts'
import { type Rng, rngFor } from '../../stats/rng.ts'
import type { Tokenizer } from '../../tokenizers/tokenizer.ts'
import type { DatasetContext } from '../dataset.ts'
import { cutText } from './cut-text.ts'
import { type AskedLength, readAskedLength } from './length-options.ts'
import { createPrefix, type Prefix } from './prefix.ts'
import { readPrefixFile } from './prefix-text.ts'

/** A message whose content is a text. */
export type TextMessage = Message & { readonly content: string }

/**
 * Brings prompts to the length that `target_input_len` asks for: the tokens of their texts when these are encoded again,
 * without what a chat template or a tokenizer puts around them.
 */
export interface TargetLength {
  /** One message of the user with this text, cut or filled up; `undefined` where it is to be skipped. */
  fitText(text: string): readonly TextMessage[] | undefined
  /**
   * A conversation with its history. Without a prefix the target is that of the last message; with one it is that of
   * all messages, and a longer conversation is skipped.
   */
  fitMessages(messages: readonly TextMessage[]): readonly TextMessage[] | undefined
  /** What all prompts of a pass are when none is left, and what to do. */
  readonly skips: string
}

/** What `--dataset-args` ask for; `undefined` without `target_input_len`. Reads the prefix file. */
export const createTargetLength = async (context: DatasetContext): Promise<TargetLength | undefined> => {
  const asked = readAskedLength(context.settings)
  if (asked === undefined) return undefined
  const { targetTokens, skipsShorter, prefixFile } = asked
  const tokenizer = requireTokenizer(context)
  // Not the run's seed: words are drawn for a text or two, and the others are what the dataset holds.
  const rng = rngFor(0, 'target length')
  const sayMiss = createMissTeller(targetTokens, context)
  const fitLast = createFitLast({ asked, tokenizer, rng, sayMiss })
  sayWhatCounts(asked, tokenizer, context)
  if (prefixFile === undefined) {
    const skips = skipsShorter
      ? `shorter than target_input_len ${targetTokens}; lower it or give "input_len_mode": "cap"`
      : 'empty'
    return { fitText: text => fitLast([userMessage(text)]), fitMessages: fitLast, skips }
  }
  const prefix = createPrefix(await readPrefixFile(prefixFile, targetTokens), targetTokens, tokenizer, rng)
  const isSystem = context.settings.chat && asked.prefixRole === 'system'
  const fill = createFill({ targetTokens, prefix, isSystem, tokenizer, sayMiss })
  return {
    fitText: text => {
      const cut = fitLast([userMessage(text)])
      // Cut, it may be one token over the target.
      return cut && (fill(cut) ?? cut)
    },
    fitMessages: fill,
    skips: `longer than target_input_len ${targetTokens}; raise it`,
  }
}

type Fit = (messages: readonly TextMessage[]) => readonly TextMessage[] | undefined

const userMessage = (text: string): TextMessage => ({ role: 'user', content: text })

/** Cuts the last message to the target, or judges it where it is shorter. */
const createFitLast =
  ({
    asked: { targetTokens, skipsShorter },
    tokenizer,
    rng,
    sayMiss,
  }: {
    readonly asked: AskedLength
    readonly tokenizer: Tokenizer
    readonly rng: Rng
    readonly sayMiss: (tokens: number) => void
  }): Fit =>
  messages => {
    const last = messages.at(-1)
    if (last === undefined) return undefined
    const { text, tokens } = cutText(last.content, targetTokens, tokenizer, rng)
    const isShorter = text === last.content && tokens < targetTokens
    if (isShorter && skipsShorter) return undefined
    if (!isShorter && Math.abs(tokens - targetTokens) > 1) sayMiss(tokens)
    return [...messages.slice(0, -1), { ...last, content: text }]
  }

/** Puts a piece of the prefix before messages; gives `undefined` where they are longer than the target. */
const createFill =
  ({
    targetTokens,
    prefix,
    isSystem,
    tokenizer,
    sayMiss,
  }: {
    readonly targetTokens: number
    readonly prefix: Prefix
    readonly isSystem: boolean
    readonly tokenizer: Tokenizer
    readonly sayMiss: (tokens: number) => void
  }): Fit =>
  messages => {
    const counts = messages.map(({ content }) => tokenizer.encode(content).length)
    const missing = targetTokens - counts.reduce((sum, count) => sum + count, 0)
    const [first, ...rest] = messages
    if (missing <= 0 || first === undefined) return missing < 0 ? undefined : messages
    const ownTokens = isSystem ? 0 : (counts[0] ?? 0)
    const wanted = ownTokens + missing
    const { text, tokens } = isSystem ? prefix.ofLength(wanted) : prefix.before(first.content, ownTokens, wanted)
    if (Math.abs(tokens - wanted) > 1) sayMiss(targetTokens + tokens - wanted)
    return isSystem ? [{ role: 'system', content: text }, ...messages] : [{ ...first, content: text }, ...rest]
  }

const requireTokenizer = ({ settings, tokenizer }: DatasetContext): Tokenizer => {
  if (tokenizer !== undefined) return tokenizer
  throw new ArgumentsError(
    `--dataset-args of ${settings.spec}: "target_input_len" needs a tokenizer; ` +
      'give --tokenizer-path, a directory that holds tokenizer.json',
  )
}

/** Tells what the server's own count will have above the target. */
const sayWhatCounts = (
  { targetTokens, prefixFile, prefixRole }: AskedLength,
  tokenizer: Tokenizer,
  { settings, say }: DatasetContext,
): void => {
  if (settings.chat ? !tokenizer.hasChatTemplate : settings.tokenizePrompt) return
  const roles = prefixFile !== undefined && prefixRole === 'system' ? ['system', 'user'] : ['user']
  const bare = tokenizer.encode('a').length
  const added = settings.chat
    ? tokenizer.encodeChat(roles.map(role => ({ role, content: 'a' }))).length - bare * roles.length
    : tokenizer.encode('a', true).length - bare
  if (added === 0) return
  const what = settings.chat ? 'the chat template' : 'the tokenizer'
  const unit = added === 1 ? 'token' : 'tokens'
  say(
    `${settings.spec}: target_input_len ${targetTokens} counts texts alone; ${what} puts ${added} ${unit} around them`,
  )
}

/** Tells of a prompt that missed the target, and again of each that missed it by more. */
const createMissTeller = (targetTokens: number, { settings, say }: DatasetContext): ((tokens: number) => void) => {
  let worst = 0
  return tokens => {
    const miss = Math.abs(tokens - targetTokens)
    if (miss > worst) {
      say(
        `${settings.spec}: a prompt has ${tokens} tokens, not the ${targetTokens} of target_input_len; no cut gives them`,
      )
    }
    worst = Math.max(worst, miss)
  }
}
