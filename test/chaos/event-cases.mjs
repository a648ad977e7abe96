import {
  chunk,
  delta,
  done,
  event,
  finish,
  flood,
  goodBody,
  goodEvents,
  goodText,
  lastChunk,
  oneGb,
  plain,
  stream,
  streamHead,
  usage,
} from './pieces.mjs'

// What a server may write into an answer. `kind` is that of the failure, or ok; `text` what is read then.

const json = 'application/json'
const all = goodEvents.join('')
const nested = levels => '['.repeat(levels) + ']'.repeat(levels)
const deep = nested(100_000)
/** A body in one chunk. */
const raw = body => Buffer.concat([Buffer.from(streamHead()), chunk(body), Buffer.from(lastChunk)])
const lone = (open, content) => `{"choices":[{"index":0,${open}"delta":{"content":${content}}}]}`
/** An event that begins, and then 1 GB that does not end it. */
const endless = (head, filler) => async socket => {
  socket.write(`${streamHead()}${(oneGb + head.length).toString(16)}\r\n${head}`)
  await flood(socket, oneGb, filler)
}

const framing = [
  ['lines that end in CR alone', 'ok', raw(all.replaceAll('\n', '\r'))],
  ['lines that end in CR LF', 'ok', raw(all.replaceAll('\n', '\r\n'))],
  ['a byte-order mark', 'ok', raw(`\ufeff${all}`)],
  ['comments between the events', 'ok', raw(goodEvents.join(': ping\n\n'))],
  ['data without a space', 'ok', raw(all.replaceAll('data: ', 'data:'))],
  ['unknown fields, ids and retries', 'ok', raw(all.replaceAll('data: ', 'id: 1\nretry: 10\nfoo: bar\nbaz\ndata: '))],
  ['JSON over several data lines', 'ok', raw(all.replaceAll('"choices"', '\ndata: "choices"'))],
  ['event: error with JSON', 'inband_error', raw('event: error\ndata: {"message":"out of memory"}\n\n')],
  ['event: error with words', 'inband_error', raw('event: error\ndata: out of memory\n\n')],
  ['an error amid the stream', 'inband_error', stream(goodEvents[1], event({ error: { message: 'oom' } }), done)],
  ['an event that is no JSON', 'protocol', raw('data: hello\n\n')],
  ['an event that is a list', 'protocol', raw('data: [1]\n\n')],
  ['a NUL amid an event', 'protocol', raw('data: {"a":"\0"}\n\n')],
]

const values = [
  [
    'invalid UTF-8',
    'ok',
    raw(
      Buffer.concat([
        Buffer.from('data: {"choices":[{"delta":{"content":"'),
        Buffer.from([0xff, 0xc3, 0x28, 0xed, 0xa0, 0x80]),
        Buffer.from(`"}}]}\n\n${all}`),
      ]),
    ),
    { text: undefined },
  ],
  ['half of a surrogate pair', 'ok', raw(`data: ${lone('', '"\\ud800"')}\n\n${all}`), { text: undefined }],
  [
    'huge numbers',
    'ok',
    raw(
      `${goodEvents.slice(0, 5).join('')}${usage.replace('"completion_tokens":3', '"completion_tokens":1e999')}${done}`,
    ),
  ],
  [
    'negative counts',
    'ok',
    raw(`${goodEvents.slice(0, 5).join('')}${usage.replace('"completion_tokens":3', '"completion_tokens":-3')}${done}`),
  ],
  [
    'types that are not those of the protocol',
    'empty',
    raw(`data: {"choices":{"0":1},"usage":[],"error":0}\n\n${done}`),
  ],
  ['JSON 100 000 deep beside the text', 'ok', raw(`data: {"x":${deep},"choices":[]}\n\n${all}`)],
  ['an error 100 000 deep', 'inband_error', raw(`data: {"error":${deep}}\n\n`)],
  [
    'a tool call 100 000 deep',
    'protocol',
    raw(
      `data: {"choices":[{"delta":{"tool_calls":[{"index":0,"x":${deep},"function":{"name":"f","arguments":"{}"}}]}}]}\n\n${finish}${done}`,
    ),
  ],
  ['a body in one piece, 100 000 deep', 'ok', plain('200 OK', json, goodBody.replace('{', `{"x":${deep},`))],
  ['a status of 500 and an error 100 000 deep', 'http_5xx', plain('500 Oops', json, `{"error":${nested(20_000)}}`)],
  [
    'keys called __proto__',
    'ok',
    raw(all.replaceAll('{"object"', '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"object"')),
  ],
  [
    'escape sequences of a terminal',
    'inband_error',
    stream(event({ error: { message: '\u001b[2J\u001b]0;owned\u0007' } })),
  ],
  ['a body that is a text', 'protocol', plain('200 OK', json, '"hello"')],
  ['an empty body', 'empty', plain('200 OK', json, '')],
]

const small = [...framing, ...values].map(([name, kind, answer, more = {}]) => ({
  name,
  kind,
  harm: socket => void socket.write(answer),
  ...(kind === 'ok' && { text: goodText }),
  ...more,
}))

const large = [
  { name: 'an event of 1 GB', kind: 'protocol', harm: endless('data: {"a":"', 'x') },
  { name: 'an event of 1 GB in lines', kind: 'protocol', harm: endless('', `data: ${'x'.repeat(1000)}\n`) },
  { name: 'a comment of 1 GB', kind: 'protocol', harm: endless(': ', 'x') },
  {
    name: '1 GB of events at once',
    // 256 MiB are a body too large, where the machine is quick enough to read so much.
    kind: ['protocol', 'timeout_total'],
    // Two at once: each has its bytes, its text, and both once more on the way to the database. 1160 to 1310 were seen.
    growthMb: 1600,
    harm: endless('', delta({ content: 'x'.repeat(60_000) })),
  },
  {
    name: 'a body of 1 GB',
    // 256 MiB are a body too large, where the machine is quick enough to read so much.
    kind: ['protocol', 'timeout_total'],
    growthMb: 1000,
    harm: async socket => {
      socket.write(`HTTP/1.1 200 OK\r\ncontent-type: ${json}\r\ncontent-length: ${oneGb}\r\n\r\n{"a":"`)
      await flood(socket, oneGb, 'x')
    },
  },
  {
    name: 'an error page of 1 GB',
    kind: 'http_5xx',
    harm: async socket => {
      socket.write(`HTTP/1.1 500 Oops\r\ncontent-type: text/html\r\ncontent-length: ${oneGb}\r\n\r\n`)
      await flood(socket, oneGb, '<p>')
    },
  },
].map(each => ({ ...each, isLarge: true }))

/** Cases of what is in an answer: name, kind, and what is done to the request. */
export const eventCases = [...small, ...large]
