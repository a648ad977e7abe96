import { StringDecoder } from 'node:string_decoder'
import { maxEventChars, type PayloadReader, tooLarge } from './sse.ts'

/** What a line of a JSON text sequence (RFC 7464) begins with. */
const recordSeparator = '\u001e'

/**
 * A reader of streams with one JSON value a line; blank lines are skipped. Lines end at U+000A alone: the other line
 * ends of Unicode may stand within a JSON string.
 */
export const createNdjsonReader = (onPayload: (payload: string) => void): PayloadReader => {
  // Keeps a character that is split over two reads.
  const decoder = new StringDecoder('utf8')
  let rest = ''
  const deliver = (line: string): void => {
    if (line.length > maxEventChars) throw tooLarge()
    const payload = (line.startsWith(recordSeparator) ? line.slice(1) : line).trim()
    if (payload !== '') onPayload(payload)
  }
  const feedText = (text: string): void => {
    let from = 0
    for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', from)) {
      deliver(rest + text.slice(from, end))
      rest = ''
      from = end + 1
    }
    rest += text.slice(from)
    if (rest.length > maxEventChars) throw tooLarge()
  }
  return {
    feed: bytes => feedText(decoder.write(bytes)),
    end: () => {
      feedText(decoder.end())
      deliver(rest)
      rest = ''
    },
  }
}
