// The least a client can do with undici: `dispatch`, eventsource-parser and `JSON.parse`, a connection per stream.
import { createParser } from 'eventsource-parser'
import { runDispatch } from './dispatch.mjs'

const readStream = counts => {
  const parser = createParser({
    onEvent: ({ data }) => {
      if (data === '[DONE]') return
      const { choices } = JSON.parse(data)
      if (choices[0]?.delta.content) counts.chunks++
    },
  })
  return { data: bytes => parser.feed(bytes.toString()), end: () => {} }
}

const readPlain = counts => {
  const pieces = []
  return {
    data: bytes => pieces.push(bytes),
    end: () => {
      const { usage } = JSON.parse(Buffer.concat(pieces).toString())
      counts.tokens = (counts.tokens ?? 0) + usage.completion_tokens
    },
  }
}

/** Puts `load` on the source. */
export const run = (load, meter) => runDispatch(load, meter, load.kind === 'plain' ? readPlain : readStream)
