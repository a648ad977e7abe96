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

interface CodedError extends Error {
  readonly code?: string
  readonly errors?: readonly Error[]
}

/** The failure that a transport error stands for; `wasWritten` tells whether the request had reached a socket. */
export const transportFailure = (error: CodedError, wasWritten: boolean): RequestFailure =>
  failureOf(kindOf(error, wasWritten), describe(error))

const kindOf = (error: CodedError, wasWritten: boolean): FailureKind => {
  const code = error.code ?? ''
  if (isTlsCode(code)) return 'tls'
  if (!wasWritten) return 'connect'
  // The connection ended within a chunked body that was to end with it.
  if (error.name === 'HTTPParserError' && error.message.includes('Invalid EOF state')) return 'truncated'
  // Not HTTP at all, oversized headers, a body that contradicts its length. A parser error carries no code.
  if (error.name === 'HTTPParserError' || /^UND_ERR_(HEADERS_OVERFLOW|RES_)/.test(code)) return 'protocol'
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
  const words = told === 'other side closed' ? 'the server closed the connection' : told
  const advice = limitAdvice[error.code ?? '']
  return advice === undefined ? words : `${words}; ${advice}`
}

/** What to do when this machine, not the server, has run out of something. */
const limitAdvice: Readonly<Record<string, string>> = {
  EMFILE: 'too few file descriptors on this machine, raise them with ulimit -n',
  EADDRNOTAVAIL: 'no local port is left on this machine, lower --parallel or --rate',
}
