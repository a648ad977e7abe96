// What answers are made of.

/** The head of a streamed answer in HTTP chunks; `more` are further header lines. */
export const streamHead = (...more) =>
  ['HTTP/1.1 200 OK', 'content-type: text/event-stream', 'transfer-encoding: chunked', ...more, '', ''].join('\r\n')

/** One HTTP chunk. */
export const chunk = bytes => {
  const body = Buffer.from(bytes)
  return Buffer.concat([Buffer.from(`${body.length.toString(16)}\r\n`), body, Buffer.from('\r\n')])
}

/** The end of a body in chunks. */
export const lastChunk = '0\r\n\r\n'

/** A whole answer with a length; `more` are further header lines. */
export const plain = (status, type, body, ...more) => {
  const bytes = Buffer.from(body)
  const lines = [`HTTP/1.1 ${status}`, `content-type: ${type}`, `content-length: ${bytes.length}`, ...more, '', '']
  return Buffer.concat([Buffer.from(lines.join('\r\n')), bytes])
}

/** One SSE event of a JSON value. */
export const event = value => `data: ${JSON.stringify(value)}\n\n`

/** A chunk of a chat stream. */
export const delta = (content, finish = null) =>
  event({ object: 'chat.completion.chunk', choices: [{ index: 0, delta: content, finish_reason: finish }] })

export const text = delta({ content: 'alpha ' })
export const finish = delta({}, 'stop')
export const usage = event({ choices: [], usage: { prompt_tokens: 7, completion_tokens: 3, total_tokens: 10 } })
export const done = 'data: [DONE]\n\n'

/** The events of a good answer. */
export const goodEvents = [
  delta({ role: 'assistant', content: '' }),
  ...['alpha ', 'beta ', 'gamma'].map(content => delta({ content })),
  finish,
  usage,
  done,
]

/** The text of a good answer. */
export const goodText = 'alpha beta gamma'

/** A good answer in one piece, as JSON. */
export const goodBody = JSON.stringify({
  choices: [{ index: 0, message: { role: 'assistant', content: goodText }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 7, completion_tokens: 3, total_tokens: 10 },
})

/** A stream in chunks out of these events, all at once. */
export const stream = (...events) =>
  Buffer.concat([Buffer.from(streamHead()), ...events.map(chunk), Buffer.from(lastChunk)])

/** A whole good answer, all at once. */
export const goodStream = stream(...goodEvents)

/** Between two chunks of a good answer. */
export const goodGapMs = 5

/** Answers well, chunk after chunk. */
export const answerWell = async socket => {
  socket.write(streamHead())
  for (const each of goodEvents) {
    await pause(goodGapMs)
    if (socket.destroyed) return
    socket.write(chunk(each))
  }
  socket.write(lastChunk)
}

/** Writes `piece` every `everyMs` for as long as anybody is there. */
export const everyMs = (socket, ms, piece) => {
  const timer = setInterval(() => (socket.destroyed ? clearInterval(timer) : socket.write(piece())), ms)
}

/** Writes `size` bytes of `filler`, no faster than they are taken. */
export const flood = async (socket, size, filler) => {
  const block = Buffer.from(filler.repeat(Math.ceil((256 * 1024) / filler.length)))
  let go = () => undefined
  socket.on('drain', () => go()).on('close', () => go())
  for (let sent = 0; sent < size && !socket.destroyed; sent += block.length) {
    if (!socket.write(block) && !socket.destroyed) {
      await new Promise(resolve => {
        go = resolve
      })
    }
  }
}

export const pause = ms => new Promise(resolve => setTimeout(resolve, ms))

export const oneGb = 1024 ** 3
