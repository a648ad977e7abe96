import { TargetUnreachableError } from '../errors.ts'
import type { RecordSink, RequestRecord } from '../model/record.ts'

/** A proxy that is started anew is back within this, in ms; a model server may take longer, but then so would a run. */
const usualLimitMs = 30_000

/** What a refusal watch goes by. */
export interface RefusalWatchParts {
  readonly nowMs: () => number
  /** How many requests have reached a socket so far. */
  readonly written: () => number
  /** Hears, once, that the server is gone. */
  readonly onGone: (error: TargetUnreachableError) => void
  readonly limitMs?: number | undefined
}

/**
 * Notices that the server is gone: for 30 s no request has got a connection, and none has ended in another way. A run
 * that went on would only turn the rest of its prompts into failures.
 */
export class RefusalWatch implements RecordSink {
  readonly #parts: RefusalWatchParts
  readonly #limitMs: number
  #count = 0
  #sinceMs = 0
  #writtenBefore = 0

  constructor(parts: RefusalWatchParts) {
    this.#parts = parts
    this.#limitMs = parts.limitMs ?? usualLimitMs
  }

  write({ failure }: RequestRecord): void {
    if (failure?.kind === 'connect') this.#refused(failure.message)
    // What we cut off ourselves tells nothing of the server.
    else if (failure?.kind !== 'aborted') this.#count = 0
  }

  close(): void {}

  #refused(message: string): void {
    const { nowMs, written, onGone } = this.#parts
    // Somebody took a connection meanwhile, and may still be at work on the answer.
    if (written() !== this.#writtenBefore) this.#count = 0
    if (this.#count++ === 0) {
      this.#sinceMs = nowMs()
      this.#writtenBefore = written()
    }
    const lastedMs = nowMs() - this.#sinceMs
    if (lastedMs < this.#limitMs) return
    onGone(new TargetUnreachableError(goneText(this.#count, lastedMs, message)))
    this.#count = 0
  }
}

const goneText = (count: number, lastedMs: number, message: string): string => {
  const [requests, seconds] = [count === 1 ? '1 connection' : `${count} connections`, Math.round(lastedMs / 1000)]
  const what = message.includes('ECONNREFUSED')
    ? `the server refused ${requests} over ${seconds} s`
    : `${requests} to the server failed over ${seconds} s`
  return `${what} (${message}), and nothing else came of any request, so the run was ended; see whether the server runs`
}
