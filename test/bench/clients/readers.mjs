import { createParser } from 'eventsource-parser'

/** Takes an event stream's bytes apart with eventsource-parser and `JSON.parse`; counts the chunks that carry text. */
export const readStream = counts => {
  const parser = createParser({
    onEvent: ({ data }) => {
      if (data === '[DONE]') return
      const { choices } = JSON.parse(data)
      if (choices[0]?.delta.content) counts.chunks++
    },
  })
  return { take: bytes => parser.feed(bytes.toString()), end: () => {} }
}

/** Takes one JSON. */
export const readPlain = counts => {
  const pieces = []
  return {
    take: bytes => {
      pieces.push(bytes)
    },
    end: () => {
      if (JSON.parse(Buffer.concat(pieces).toString()).choices.length > 0) counts.answers++
    },
  }
}

/** Drops what comes; the only client that parses nothing tells no counts. */
export const readNothing = () => ({ take: () => {}, end: () => {} })

/** What reads the answers of `load`. */
export const readerFor = ({ kind }) => (kind === 'plain' ? readPlain : readStream)
