import { createRequire } from 'node:module'
import { createContext, Script } from 'node:vm'
import type { Message } from '../model/conversation.ts'

/** Renders messages as a model is to read them. Throws where the template cannot, or does not end. */
export type RenderChat = (messages: readonly Message[]) => string

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
  let asked: readonly Message[] = []
  // It comes from a hub, and its loops may be nested without end: only this breaks off what never gives back the thread.
  const scope = createContext({
    render: () => template.render({ ...variables, messages: asked, add_generation_prompt: true }),
  })
  const script = new Script('render()')
  return messages => {
    asked = messages
    try {
      return script.runInContext(scope, { timeout: limitMs }) as string
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error
      throw new Error(`it has not ended after ${limitMs / 1000} s`, { cause: error })
    }
  }
}
