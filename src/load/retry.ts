import { setTimeout as sleep } from 'node:timers/promises'
import { TargetUnreachableError } from '../errors.ts'
import type { RequestFailure } from '../model/record.ts'
import { nowMs } from './clock.ts'

const pauseMs = 1000
const tellAgainAfterMs = 30_000

/** A try that failed. */
interface FailedAttempt {
  readonly failure: RequestFailure
  /** An answer had begun before it did. */
  readonly hasAnswered: boolean
}

/** The outcome of one try to reach the target. */
export type Attempt<T> = { readonly value: T } | FailedAttempt

/** How long to try, and how to tell the user. */
export interface RetryOptions {
  /** What is being done, as messages call it: `connection test of http://…`. */
  readonly what: string
  /** What to do where the answer is no; the usual when absent. */
  readonly remedy?: string
  /** How long a server that starts is waited for. */
  readonly limitMs: number
  readonly say: (line: string) => void
  /** Shows the countdown, where there is a terminal. */
  readonly show: (line: string) => void
  /** Ends the trying at once; the promise then rejects with the signal's reason or an AbortError. */
  readonly signal: AbortSignal
}

/**
 * Tries until the target answers, for `limitMs` at most, as long as what fails may pass while a server starts:
 * connections that are refused, or dropped without an answer, 429 and 5xx. Throws `TargetUnreachableError` with the
 * server's words and what to check.
 */
export const retryWhileStarting = async <T>(attempt: () => Promise<Attempt<T>>, options: RetryOptions): Promise<T> => {
  const { limitMs } = options
  const untilMs = nowMs() + limitMs
  const isNews = newsFilter()
  for (;;) {
    options.signal.throwIfAborted()
    const outcome = await attempt()
    options.signal.throwIfAborted()
    if ('value' in outcome) return outcome.value
    const leftMs = untilMs - nowMs()
    const message = oneLine(outcome.failure)
    if (!mayPass(outcome) || leftMs <= 0) {
      const waited = mayPass(outcome) && limitMs > 0 ? ` for ${inSeconds(limitMs)} (--ready-timeout)` : ''
      throw new TargetUnreachableError(
        `${options.what} failed${waited}: ${message}; ${advice(outcome, options.remedy)}`,
      )
    }
    if (isNews(outcome)) {
      const doubt = isDropped(outcome) ? ' (is it still starting, or is it the wrong one of http:// and https://?)' : ''
      options.say(`${options.what}: ${message}${doubt}; trying again for up to ${inSeconds(leftMs)} (--ready-timeout)`)
    }
    options.show(`trying again, ${inSeconds(leftMs)} left`)
    await sleep(Math.min(pauseMs, leftMs), undefined, { signal: options.signal })
  }
}

/** What a log hears of a long wait: what is wrong, when that changes, and where the server's words do, each half minute. */
const newsFilter = (): ((attempt: FailedAttempt) => boolean) => {
  let [toldKind, toldMs] = ['', 0]
  return attempt => {
    const kind = isDropped(attempt) ? 'dropped' : attempt.failure.kind
    if (kind === toldKind && nowMs() - toldMs < tellAgainAfterMs) return false
    toldKind = kind
    toldMs = nowMs()
    return true
  }
}

const mayPass = (attempt: FailedAttempt): boolean => {
  const { kind, message } = attempt.failure
  if (kind === 'http_429' || kind === 'http_5xx') return true
  return (kind === 'connect' && message.includes('ECONNREFUSED')) || isDropped(attempt)
}

/** Without any answer, as by the proxy of a container, which takes connections before the server in it does. */
const isDropped = ({ failure: { kind, message }, hasAnswered }: FailedAttempt): boolean =>
  !hasAnswered && (kind === 'connect' || kind === 'truncated') && droppedWords.test(message)

const droppedWords = /ECONNRESET|EPIPE|server closed the connection|disconnected before secure TLS/

const inSeconds = (ms: number): string => `${Math.ceil(ms / 1000)} s`

const oneLine = ({ message }: RequestFailure): string => message.replace(/\s+/g, ' ').slice(0, 500)

const advice = (attempt: FailedAttempt, remedy: string | undefined): string => {
  const { kind, message } = attempt.failure
  if (isDropped(attempt)) {
    return 'connections are dropped there: see the log of the server, and whether http:// or https:// is meant'
  }
  if (kind === 'connect' || kind === 'timeout_connect') return 'check --url and that the server is running'
  // What answers in plain text is taken for TLS of a strange version, or of a strange length.
  if (kind === 'tls' && /wrong version number|packet length too long|http request/.test(message)) {
    return 'no TLS seems to be spoken there: try http://'
  }
  if (kind === 'tls') return 'check the certificate, or give --insecure for a test certificate'
  if (kind.startsWith('timeout_')) {
    return `the server is silent: ${remedy ?? 'check it, raise --read-timeout, or give --no-test-connection'}`
  }
  if (kind === 'http_429' || kind === 'http_5xx') return 'the server is overloaded or not ready: see its log'
  if (/^HTTP 40[13]\b/.test(message)) return 'check --api-key'
  if (remedy !== undefined) return remedy
  if (/^HTTP 40[45]\b/.test(message)) return 'check the path of --url, --api and --model'
  return 'check --url, --api and --model'
}
