import type { IncomingHttpHeaders } from 'node:http'
import type { Dispatcher } from 'undici'
import type { Lane } from './lane.ts'
import type { LanePool } from './lane-pool.ts'

/** Receives one response as it comes off the socket. Nothing here may throw or block. */
export interface ResponseListener {
  /** The request's bytes went to a socket. */
  onWritten(writtenMs: number): void
  onHead(statusCode: number, headers: IncomingHttpHeaders, stampMs: number): void
  /** A piece of the body, to be copied if it is kept; `readSeq` tells which pieces came in the same socket read, `stampMs` when. */
  onBytes(bytes: Buffer, stampMs: number, readSeq: number): void
  /** The body is complete. */
  onEnd(stampMs: number): void
  /** No more will come: the connection failed or the call was aborted. */
  onFailed(error: Error, wasWritten: boolean): void
  /** The kept-alive connection was found closed before a response byte; the request goes out again. */
  onResent(): void
}

/**
 * A connection that fails this long after the request was written was not found closed: the server worked on the
 * request and then failed. A second is more than any round trip.
 */
const foundClosedWithinMs = 1000

/** One request on one lane, sent again at most once, on a fresh connection. */
export class Call implements Dispatcher.DispatchHandler {
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
      queueMicrotask(() => this.#listener.onFailed(error as Error, false))
    }
  }

  /** Ends it and closes its connection; the listener hears of it through `onFailed`, unless it is over. */
  abort(reason: Error): void {
    if (this.#isOver) return
    this.#mayResend = false
    if (this.#controller !== undefined) return this.#controller.abort(reason)
    // Still connecting: undici gives no handle on such a request, so the lane goes with it.
    this.#finish(reason)
    this.#listener.onFailed(reason, false)
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller
    this.#isWritten = true
    this.#lane.requestsOnSocket++
    this.#readSeqAtWrite = this.#lane.readSeq
    this.#writtenMs = this.#nowMs()
    this.#listener.onWritten(this.#writtenMs)
  }

  onResponseStart(_: Dispatcher.DispatchController, statusCode: number, headers: IncomingHttpHeaders): void {
    if (statusCode < 200) return
    this.#lane.isInBody = true
    this.#listener.onHead(statusCode, headers, this.#lane.readStampMs)
  }

  onResponseData(_: Dispatcher.DispatchController, bytes: Buffer): void {
    this.#listener.onBytes(bytes, this.#lane.readStampMs, this.#lane.readSeq)
  }

  onResponseEnd(): void {
    this.#finish()
    this.#listener.onEnd(this.#lane.readStampMs)
  }

  onResponseError(_: Dispatcher.DispatchController, error: Error): void {
    if (this.#isOver) return
    if (this.#mayResend && this.#isFoundClosed(error)) return this.#resend()
    this.#finish()
    this.#listener.onFailed(error, this.#isWritten)
  }

  #isFoundClosed(error: Error & { code?: string }): boolean {
    const { requestsOnSocket, readSeq } = this.#lane
    if (!/^(UND_ERR_SOCKET|ECONNRESET|EPIPE)$/.test(error.code ?? '')) return false
    // undici holds a request on a used connection back for one turn, to see whether that is still open.
    if (!this.#isWritten) return requestsOnSocket > 0
    if (readSeq !== this.#readSeqAtWrite || requestsOnSocket < 2) return false
    return this.#nowMs() - this.#writtenMs < foundClosedWithinMs
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
    this.#lane.isInBody = false
    if (this.#isWritten) this.#pool.give(this.#lane)
    // A client whose connect failed or still lasts is not used again: undici may believe that a request is running.
    else this.#pool.discard(this.#lane, reason)
  }
}
