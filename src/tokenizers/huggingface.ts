import { ArgumentsError, reasonOf } from '../errors.ts'
import type { Message } from '../model/conversation.ts'
import { isJsonObject, type JsonObject, type JsonValue } from '../model/json.ts'
import { type ByteDecoder, createByteDecoder } from './byte-level.ts'
import type { ChatOptions } from './chat-options.ts'
import { compileChatTemplate, type RenderChat } from './chat-template.ts'
import { type LibraryModel, quickenMerges } from './quick-merges.ts'
import type { Tokenizer } from './tokenizer.ts'

/** What is used of Hugging Face's class; its own declarations do not resolve under `nodenext` and would be `any`. */
interface Core {
  readonly model: LibraryModel & { readonly vocab: readonly (string | undefined)[] }
  encode(
    text: string,
    options: { add_special_tokens: boolean; text_pair: string | null },
  ): { readonly ids: (number | undefined)[] }
  decode(
    ids: readonly number[],
    options: { skip_special_tokens: boolean; clean_up_tokenization_spaces: boolean },
  ): string
  get_vocab(): Map<string | undefined, number>
  get_added_tokens_decoder(): Map<number, { readonly content: string; readonly special: boolean }>
}

/** The parsed files of one tokenizer directory. */
export interface TokenizerFiles {
  /** Named in errors. */
  readonly directory: string
  readonly tokenizer: JsonObject
  readonly config: JsonObject
  readonly chatTemplate: string | undefined
}

/** A tokenizer of Hugging Face's format, run by Hugging Face's own JavaScript implementation. */
export const createHuggingFaceTokenizer = async (files: TokenizerFiles): Promise<Tokenizer> => {
  const { Tokenizer: CoreTokenizer } = await import('@huggingface/tokenizers')
  try {
    const core: Core = new CoreTokenizer(files.tokenizer, files.config)
    quickenMerges(core.model)
    return new HuggingFaceTokenizer(files, core)
  } catch (error) {
    throw new ArgumentsError(
      `${files.directory}/tokenizer.json is no tokenizer that can be used here (${reasonOf(error)}); ` +
        'give the directory of a fast tokenizer as Hugging Face saves it',
      { cause: error },
    )
  }
}

class HuggingFaceTokenizer implements Tokenizer {
  readonly #files: TokenizerFiles
  readonly #core: Core
  #render: RenderChat | undefined
  #decodeBytes: ByteDecoder | undefined
  #ordinaryIds: readonly number[] | undefined

  constructor(files: TokenizerFiles, core: Core) {
    this.#files = files
    this.#core = core
  }

  get hasChatTemplate(): boolean {
    return this.#files.chatTemplate !== undefined
  }

  encode(text: string, addSpecialTokens = false, pair?: string): readonly number[] {
    const { ids } = this.#core.encode(text, { add_special_tokens: addSpecialTokens, text_pair: pair ?? null })
    // A piece outside the vocabulary comes back as `undefined` when the tokenizer has no token for the unknown.
    return ids.filter(id => id !== undefined)
  }

  decode(ids: readonly number[]): string {
    if (ids.length === 0) return ''
    this.#decodeBytes ??= findByteDecoder(this.#core, this.#files)
    const text = this.#decodeBytes(ids)
    if (text !== undefined) return text
    // The clean-up drops blanks before punctuation: text that the model never sees, and other ids when encoded again.
    return this.#core.decode(ids, { skip_special_tokens: true, clean_up_tokenization_spaces: false })
  }

  encodeChat(messages: readonly Message[], options?: ChatOptions): readonly number[] {
    try {
      this.#render ??= compileTemplate(this.#files)
      return this.encode(this.#render(messages, options))
    } catch (error) {
      if (error instanceof ArgumentsError) throw error
      throw new ArgumentsError(
        `the chat template of ${this.#files.directory} cannot render these messages (${reasonOf(error)}); ` +
          'correct the messages or give --no-apply-chat-template',
        { cause: error },
      )
    }
  }

  ordinaryIds(): readonly number[] {
    this.#ordinaryIds ??= findOrdinaryIds(this.#core, this.#files.config)
    return this.#ordinaryIds
  }
}

const compileTemplate = ({ directory, chatTemplate, config }: TokenizerFiles): RenderChat => {
  if (chatTemplate === undefined) {
    throw new ArgumentsError(`the tokenizer in ${directory} has no chat template; give --no-apply-chat-template`)
  }
  return compileChatTemplate(chatTemplate, Object.fromEntries(namedSpecialTokens(config)))
}

/** `bos_token` and its like: the templates' variables. Newer configs give the text, older ones an object. */
const namedSpecialTokens = (config: JsonObject): (readonly [string, string])[] =>
  Object.entries(config).flatMap(([name, value]) => {
    const text = tokenText(value)
    return name.endsWith('_token') && text !== undefined ? [[name, text] as const] : []
  })

const tokenText = (value: JsonValue | undefined): string | undefined => {
  if (typeof value === 'string') return value
  return isJsonObject(value) && typeof value.content === 'string' ? value.content : undefined
}

/** The library looks each token up in the list of all that were added, hundreds for some models. */
const findByteDecoder = (core: Core, { tokenizer: { decoder }, config }: TokenizerFiles): ByteDecoder => {
  if (!isJsonObject(decoder) || decoder.type !== 'ByteLevel') return () => undefined
  const extra = new Set(additionalSpecialTokens(config))
  const added = [...core.get_added_tokens_decoder()]
  return createByteDecoder(core.model.vocab, {
    texts: new Map(added.map(([id, { content }]) => [id, content])),
    special: new Set(added.flatMap(([id, { content, special }]) => (special || extra.has(content) ? [id] : []))),
  })
}

const additionalSpecialTokens = ({ additional_special_tokens: tokens }: JsonObject): readonly (string | undefined)[] =>
  Array.isArray(tokens) ? tokens.map(tokenText) : []

const findOrdinaryIds = (core: Core, config: JsonObject): readonly number[] => {
  const special = new Set<string | undefined>([
    ...namedSpecialTokens(config).map(([, text]) => text),
    ...additionalSpecialTokens(config),
  ])
  for (const token of core.get_added_tokens_decoder().values()) if (token.special) special.add(token.content)
  const ids: number[] = []
  for (const [token, id] of core.get_vocab()) {
    // A vocabulary with holes lists `undefined` for them.
    if (token !== undefined && !special.has(token) && !/^<0x[0-9A-Fa-f]{2}>$/.test(token)) ids.push(id)
  }
  return ids.sort((a, b) => a - b)
}
