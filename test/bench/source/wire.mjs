// The bytes of the source, made before the clock starts, and the little of HTTP that it reads.

const endOfHead = '\r\n\r\n'

/** Text as one piece of a chunked body. */
const chunked = text => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`

const event = fields =>
  `data: ${JSON.stringify({
    id: 'chatcmpl-5f3a9c1e7b2d4806',
    object: 'chat.completion.chunk',
    created: 1760000000,
    model: 'm',
    ...fields,
  })}\n\n`

const token = event({ choices: [{ index: 0, delta: { content: ' token' }, logprobs: null, finish_reason: null }] })

const tail = tokens =>
  chunked(event({ choices: [{ index: 0, delta: { content: '' }, logprobs: null, finish_reason: 'stop' }] })) +
  chunked(
    event({ choices: [], usage: { prompt_tokens: 9, total_tokens: tokens + 9, completion_tokens: tokens } }) +
      'data: [DONE]\n\n',
  ) +
  '0\r\n\r\n'

const streamHead =
  'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\ntransfer-encoding: chunked\r\n\r\n'

const plainAnswer = tokens => {
  const body = JSON.stringify({
    id: 'chatcmpl-5f3a9c1e7b2d4806',
    object: 'chat.completion',
    created: 1760000000,
    model: 'm',
    choices: [{ index: 0, message: { role: 'assistant', content: ' token'.repeat(tokens) }, finish_reason: 'stop' }],
    usage: { prompt_tokens: 9, total_tokens: tokens + 9, completion_tokens: tokens },
  })
  return `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`
}

/** All that the source ever writes for answers of `tokens` tokens: `first` carries the head, `tail` usage and `[DONE]`. */
export const makeWire = tokens => ({
  first: Buffer.from(streamHead + chunked(token)),
  token: Buffer.from(chunked(token)),
  tail: Buffer.from(tail(tokens)),
  wholeStream: Buffer.from(streamHead + chunked(token).repeat(tokens) + tail(tokens)),
  plain: Buffer.from(plainAnswer(tokens)),
})

/** Reads requests off one connection, in whatever pieces they come; `onRequest` gets path and `x-request-id`. */
export const createRequestReader = onRequest => {
  let text = ''
  return piece => {
    text += piece
    for (let end = text.indexOf(endOfHead); end >= 0; end = text.indexOf(endOfHead)) {
      const head = text.slice(0, end)
      const bodyBytes = Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? 0)
      const size = end + endOfHead.length + bodyBytes
      if (text.length < size) return
      text = text.slice(size)
      onRequest(head.split(' ', 2)[1], /\r\nx-request-id: *([^\r]*)/i.exec(head)?.[1])
    }
  }
}
