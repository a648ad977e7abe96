import type { Message } from '../model/conversation.ts'
import type { RenderChat } from './chat-template.ts'

/**
 * Renders with a template that knows contents as lists of parts only, as those of models for images may: texts are given
 * to it as one part each, which is what servers do. Which kind it is, the first texts tell.
 */
export const withTextParts = (render: RenderChat): RenderChat => {
  let takesParts: boolean | undefined
  return (messages, options) => {
    const hasTexts = messages.some(({ content }) => typeof content === 'string')
    if (takesParts !== undefined || !hasTexts) return render(takesParts ? messages.map(inParts) : messages, options)
    try {
      const text = render(messages, options)
      takesParts = false
      return text
    } catch (error) {
      // One that was broken off, which has a cause, would not end with parts either.
      if ((error as Error).cause !== undefined) throw error
      const text = orUndefined(() => render(messages.map(inParts), options))
      if (text === undefined) throw error
      takesParts = true
      return text
    }
  }
}

const inParts = (message: Message): Message =>
  typeof message.content === 'string' ? { ...message, content: [{ type: 'text', text: message.content }] } : message

const orUndefined = (render: () => string): string | undefined => {
  try {
    return render()
  } catch {
    return undefined
  }
}
