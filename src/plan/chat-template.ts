import type { Arguments } from '../arguments/arguments.ts'
import { completeUrl, isChatUrl, openaiChatEndpoints, parseEndpoint } from '../arguments/endpoint.ts'
import { ArgumentsError } from '../errors.ts'
import { looksLikePath } from '../plugins.ts'
import type { TargetFacts } from './target.ts'

/** Checks `--apply-chat-template` and its opposite against the URL, where it is known what is taken there. */
export const checkChatTemplate = ({ values }: Arguments, facts: TargetFacts): void => {
  const { api, applyChatTemplate, tokenizePrompt } = values
  // Token ids may be those of the template or not, whatever the URL.
  if (applyChatTemplate === undefined || tokenizePrompt || isFree(api, facts)) return
  const [chat, plain] = [chatEndings(facts), plainEndings(facts)]
  const path = pathOf(applyChatTemplate ? completeUrl(facts.url, facts.api.endpoints) : parseEndpoint(facts.url).href)
  const endings = applyChatTemplate ? plain : chat
  const ending = endings.find(known => path.endsWith(known))
  if (ending === undefined || (applyChatTemplate && chat.some(known => path.endsWith(known)))) return
  // Where one endpoint takes both, or text is made a message, there is nothing to choose.
  if (!applyChatTemplate && plain.length === 0) return
  const [flag, sent, others] = applyChatTemplate
    ? ['--apply-chat-template', 'chat messages', chat]
    : ['--no-apply-chat-template', 'bare text', plain]
  const remedy = others.length === 0 ? '' : `give a --url that ends in ${others.join(' or ')}, or `
  throw new ArgumentsError(`${flag} sends ${sent}, which ${ending} does not take; ${remedy}leave it out`)
}

/** Whether `--no-apply-chat-template` asks for bare text, and the URL does not name an endpoint for chat messages. */
export const asksBareText = ({ values }: Arguments, facts: TargetFacts): boolean =>
  values.applyChatTemplate === false && !isChatUrl(parseEndpoint(facts.url).href, chatEndings(facts))

/** One line where `--no-apply-chat-template` changes nothing that is sent. */
export const explainChatTemplate = ({ values }: Arguments, { api }: TargetFacts): string | undefined =>
  values.applyChatTemplate === false && api.textAsMessage
    ? `--no-apply-chat-template has no effect: --api ${values.api} sends bare text as a chat message`
    : undefined

const chatEndings = ({ api }: TargetFacts): readonly string[] => api.chatEndpoints ?? openaiChatEndpoints

const plainEndings = (facts: TargetFacts): readonly string[] =>
  facts.api.endpoints.filter(ending => !chatEndings(facts).some(chat => ending.endsWith(chat)))

/** What a plugin takes at its endpoints is its own affair, unless it says. */
const isFree = (spec: string, { api }: TargetFacts): boolean => looksLikePath(spec) && api.chatEndpoints === undefined

const pathOf = (url: string): string => new URL(url).pathname.replace(/\/+$/, '')
