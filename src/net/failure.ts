import type { FailureKind, RequestFailure } from '../model/record.ts'

/** Longest message kept of a failure, in UTF-16 units. */
export const maxMessageChars = 2048

/** A failure whose message is cut to what is kept. */
export const failureOf = (kind: FailureKind, message: string): RequestFailure => {
  // A plugin may put anything where a message belongs.
  const text = String(message)
  return { kind, message: text.length > maxMessageChars ? `${text.slice(0, maxMessageChars - 1)}…` : text }
}

/** The kind of failure that a status outside 2xx stands for. */
export const statusKind = (statusCode: number): FailureKind => {
  if (statusCode < 400) return 'http_3xx'
  if (statusCode === 429) return 'http_429'
  return statusCode < 500 ? 'http_4xx' : 'http_5xx'
}

/** What came on a connection before its request went out: whatever it answers, it is not this request. */
export class UnaskedAnswer extends Error {
  override readonly name = 'UnaskedAnswer'

  constructor() {
    super('the server answered before it was asked')
  }
}

interface CodedError extends Error {
  readonly code?: string
  readonly errors?: readonly Error[]
}

/**
 * The failure that a transport error stands for; `wasWritten` tells whether the request had reached a socket, `hasHead`
 * whether the head of an answer had come.
 */
export const transportFailure = (error: CodedError, wasWritten: boolean, hasHead = true): RequestFailure =>
  failureOf(kindOf(error, wasWritten, hasHead), describe(error))

const kindOf = (error: CodedError, wasWritten: boolean, hasHead: boolean): FailureKind => {
  const code = error.code ?? ''
  if (isTlsCode(code)) return 'tls'
  if (!wasWritten) return 'connect'
  // The connection ended within a chunked body that was to end with it.
  if (error.name === 'HTTPParserError' && error.message.includes('Invalid EOF state')) return 'truncated'
  // Not HTTP at all, oversized headers, an answer to nothing. A parser error carries no code.
  if (error.name === 'HTTPParserError' || code === 'UND_ERR_HEADERS_OVERFLOW') return 'protocol'
  if (error instanceof UnaskedAnswer) return 'protocol'
  // undici has these words for every error beside a length: a head with two of them, a body that is cut off.
  if (code === 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH' && !hasHead) return 'protocol'
  // undici's words for an interim response, or an upgrade, that nobody asked for.
  return /^bad (response|upgrade)$/.test(error.message) ? 'protocol' : 'truncated'
}

const isTlsCode = (code: string): boolean =>
  /^(ERR_TLS|ERR_SSL|CERT_|UNABLE_TO_|SELF_SIGNED|DEPTH_ZERO|HOSTNAME_MISMATCH|EPROTO)/.test(code)

/** The error in words; a failed "localhost" has one error per address and no message of its own. */
const describe = (error: CodedError): string => {
  const messages = error.errors?.map(each => each.message) ?? []
  const message = messages.length > 0 ? [...new Set(messages)].join('; ') : error.message
  const told = message === '' ? (error.code ?? error.name) : message
  const words = told === 'other side closed' ? 'the server closed the connection' : withoutOpenSsl(told)
  const advice = limitAdvice[error.code ?? '']
  return advice === undefined ? words : `${words}; ${advice}`
}

/** Of `805C…:error:0A00010B:SSL routines:ssl3_get_record:wrong version number:…/ssl3_record.c:350:` what it is about. */
const withoutOpenSsl = (message: string): string => {
  const [, reason] = /:SSL routines:[^:]*:([^:]+)/.exec(message) ?? []
  return reason === undefined ? message : `TLS: ${reason}`
}

/** What to do when this machine, not the server, has run out of something. */
const limitAdvice: Readonly<Record<string, string>> = {
  EMFILE: 'too few file descriptors on this machine, raise them with ulimit -n',
  EADDRNOTAVAIL: 'no local port is left on this machine, lower --parallel or --rate',
}
