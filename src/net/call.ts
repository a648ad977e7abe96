import type { IncomingHttpHeaders } from 'node:http'
import type { Dispatcher } from 'undici'
import type { Deferred } from './after-burst.ts'
import { UnaskedAnswer } from './failure.ts'
import type { Lane } from './lane.ts'
import type { LanePool } from './lane-pool.ts'

/** Receives one response as it comes off the socket. Nothing here may throw or block. */
export interface ResponseListener {
  /** The request's bytes went to a socket. */
  onWritten(writtenMs: number): void
  /** Tells whether the outcome is known, as `onBytes` does. */
  onHead(statusCode: number, headers: IncomingHttpHeaders, stampMs: number): boolean
  /**
   * A piece of the body, to be copied if it is kept; `readSeq` tells which pieces came in the same socket read,
   * `stampMs` when, and `delayMs` by how much that is late through our own work. Tells whether nothing that may still
   * come changes the outcome.
   */
  onBytes(bytes: Buffer, stampMs: number, readSeq: number, delayMs: number): boolean
  /** The body is complete. */
  onEnd(stampMs: number): void
  /** No more will come: the connection failed or the call was aborted. */
  onFailed(error: Error, wasWritten: boolean): void
  /** The kept-alive connection was found closed before a response byte; the request goes out again. */
  onResent(): void
  /** The outcome is known: follows `onEnd`, `onFailed` and what tells so, out of undici's hands. */
  onOver(): void
}

/**
 * A connection that fails this long after the request was written was not found closed: the server worked on the
 * request and then failed. A second is more than any round trip.
 */
const foundClosedWithinMs = 1000

/** Content types of bodies that come event by event, each of which ends a JSON object. */
const streamTypes = /event-stream|ndjson|jsonl/i

/** One request on one lane, sent again at most once, on a fresh connection. */
export class Call implements Dispatcher.DispatchHandler, Deferred {
  readonly #pool: LanePool
  readonly #lane: Lane
  readonly #options: Dispatcher.DispatchOptions
  readonly #listener: ResponseListener
  readonly #nowMs: () => number
  #controller: Dispatcher.DispatchController | undefined
  #isWritten = false
  #isOver = false
  #mayResend = true
  #readSeqAtWrite = 0
  #writtenMs = 0
  #tellsOver = false

  constructor(pool: LanePool, options: Dispatcher.DispatchOptions, listener: ResponseListener, nowMs: () => number) {
    this.#pool = pool
    this.#lane = pool.take()
    this.#options = options
    this.#listener = listener
    this.#nowMs = nowMs
  }

  dispatch(): void {
    try {
      this.#lane.dispatcher.dispatch(this.#options, this)
    } catch (error) {
      // A header that undici will not send. The caller must have its call before it hears of this.
      this.#finish()
      queueMicrotask(() => this.#fail(error as Error, false))
    }
  }

  /** Ends it and closes its connection; the listener hears of it through `onFailed`, unless it is over. */
  abort(reason: Error): void {
    if (this.#isOver) return
    this.#mayResend = false
    if (this.#controller !== undefined) return this.#controller.abort(reason)
    // Still connecting: undici gives no handle on such a request, so the lane goes with it.
    this.#finish(reason)
    this.#fail(reason, false)
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller
    this.#isWritten = true
    this.#lane.requestsOnSocket++
    this.#readSeqAtWrite = this.#lane.mark.seq
    this.#writtenMs = this.#nowMs()
    this.#listener.onWritten(this.#writtenMs)
  }

  onResponseStart(controller: Dispatcher.DispatchController, statusCode: number, headers: IncomingHttpHeaders): void {
    if (statusCode < 200) return
    if (this.#lane.mark.stampMs < this.#writtenMs) return controller.abort(new UnaskedAnswer())
    // A stream in chunks tells its end; only a body that does may be held back.
    this.#lane.bodyBegins(
      streamTypes.test(String(headers['content-type'])) && headers['transfer-encoding'] !== undefined,
    )
    if (this.#listener.onHead(statusCode, headers, this.#lane.mark.stampMs)) this.#over()
  }

  onResponseData(_: Dispatcher.DispatchController, bytes: Buffer): void {
    const { stampMs, seq, delayMs } = this.#lane.mark
    if (this.#listener.onBytes(bytes, stampMs, seq, delayMs)) this.#over()
  }

  onResponseEnd(): void {
    this.#finish()
    this.#listener.onEnd(this.#lane.mark.stampMs)
    this.#over()
  }

  onResponseError(_: Dispatcher.DispatchController, error: Error): void {
    if (this.#isOver) return
    if (this.#mayResend && (this.#isFoundClosed(error) || this.#isFoundSpoiled(error))) return this.#resend()
    this.#finish()
    this.#fail(error, this.#isWritten)
  }

  /** Has what is read of its answer, and still kept, told and worked off now. */
  tellReads(): void {
    if (!this.#isOver) this.#lane.tellReads()
    this.tell()
  }

  tell(): void {
    if (!this.#tellsOver) return
    this.#tellsOver = false
    this.#listener.onOver()
  }

  #over(): void {
    if (this.#tellsOver) return
    this.#tellsOver = true
    this.#pool.afterBurst.over(this)
  }

  #fail(error: Error, wasWritten: boolean): void {
    this.#listener.onFailed(error, wasWritten)
    this.#over()
  }

  #isFoundClosed(error: Error & { code?: string }): boolean {
    const { requestsOnSocket, mark } = this.#lane
    if (!/^(UND_ERR_SOCKET|ECONNRESET|EPIPE)$/.test(error.code ?? '')) return false
    // undici holds a request on a used connection back for one turn, to see whether that is still open.
    if (!this.#isWritten) return requestsOnSocket > 0
    if (mark.seq !== this.#readSeqAtWrite || requestsOnSocket < 2) return false
    return this.#nowMs() - this.#writtenMs < foundClosedWithinMs
  }

  /** Something stood on a used connection before the request did: a second answer to the one before, or a 408 at its end. */
  #isFoundSpoiled(error: Error): boolean {
    return error instanceof UnaskedAnswer && this.#lane.requestsOnSocket > 1
  }

  #resend(): void {
    this.#mayResend = false
    this.#isWritten = false
    this.#controller = undefined
    this.#listener.onResent()
    // Not within undici's own handling of the loss, which still counts this request.
    queueMicrotask(() => {
      if (!this.#isOver) this.dispatch()
    })
  }

  #finish(reason: Error | null = null): void {
    this.#isOver = true
    this.#lane.bodyEnds()
    if (this.#isWritten) this.#pool.give(this.#lane)
    // A client whose connect failed or still lasts is not used again: undici may believe that a request is running.
    else this.#pool.discard(this.#lane, reason)
  }
}
