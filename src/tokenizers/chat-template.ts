import { createRequire } from 'node:module'
import { createContext, Script } from 'node:vm'
import type { Message } from '../model/conversation.ts'
import { type ChatOptions, defaultChatOptions } from './chat-options.ts'
import { withTextParts } from './text-parts.ts'

/** Renders messages as a model is to read them. Throws where the template cannot, or does not end. */
export type RenderChat = (messages: readonly Message[], options?: ChatOptions) => string

/** A real template takes less than a millisecond for a message; one that has not ended by then never will. */
const mostRenderMs = 10_000

/** A template in Jinja, compiled; `variables` are what it may name beside the messages. */
export const compileChatTemplate = (
  source: string,
  variables: Readonly<Record<string, string>>,
  limitMs = mostRenderMs,
): RenderChat => {
  // Only who renders a template pays for the engine, and `import()` cannot be waited for in a plain function.
  const { Template } = createRequire(import.meta.url)('@huggingface/jinja') as typeof import('@huggingface/jinja')
  const template = new Template(source)
  const guarded = guard(
    (messages, options = defaultChatOptions) =>
      template.render({
        ...variables,
        ...options.variables,
        messages,
        add_generation_prompt: options.addsGenerationPrompt && !options.continuesFinalMessage,
      }),
    limitMs,
  )
  const shaped = withTextParts(guarded)
  return (messages, options) => {
    const text = shaped(messages, options)
    return options?.continuesFinalMessage ? upToLastMessage(text, messages) : text
  }
}

/**
 * A template comes from a hub, and its loops may be nested without end: only a script breaks off what never gives back
 * the thread. That takes 0.2 ms, so it is not done for as many messages as have been rendered before.
 */
const guard = (render: RenderChat, limitMs: number): RenderChat => {
  let asked: Parameters<RenderChat> = [[]]
  let mostMessages = -1
  const scope = createContext({ render: () => render(...asked) })
  const script = new Script('render()')
  return (messages, options) => {
    if (messages.length <= mostMessages) return render(messages, options)
    asked = [messages, options]
    try {
      const text = script.runInContext(scope, { timeout: limitMs }) as string
      mostMessages = messages.length
      return text
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error
      throw new Error(`it has not ended after ${limitMs / 1000} s`, { cause: error })
    }
  }
}

/** Without what the template puts behind the last message. */
const upToLastMessage = (text: string, messages: readonly Message[]): string => {
  const content = messages.at(-1)?.content
  if (typeof content !== 'string' || content.trim() === '') return text
  const said = content.trim()
  const start = text.lastIndexOf(said)
  if (start < 0) throw new Error('the last message, which is to be continued, is not in what it renders')
  const end = start + said.length
  // Some templates drop the blanks at its end.
  const blanks = content.slice(content.trimEnd().length)
  return text.slice(0, text.startsWith(blanks, end) ? end + blanks.length : end)
}
