import type { IncomingHttpHeaders } from 'node:http'
import { Socket } from 'node:net'
import { buildConnector, type Dispatcher } from 'undici'
import type { HeaderMap } from '../model/conversation.ts'
import type { TargetSettings } from '../model/run-plan.ts'
import { Lane } from './lane.ts'
import { routeTo } from './route.ts'

/** Receives one response as it comes off the socket. Nothing here may throw or block. */
export interface ResponseListener {
  /** The request's bytes went to a socket. */
  onWritten(writtenMs: number): void
  onHead(statusCode: number, headers: IncomingHttpHeaders, stampMs: number): void
  /** A piece of the body; `readSeq` tells which pieces came in the same socket read, `stampMs` when. */
  onBytes(bytes: Buffer, stampMs: number, readSeq: number): void
  /** The body is complete. */
  onEnd(stampMs: number): void
  /** No more will come: the connection failed or the call was aborted. */
  onFailed(error: Error, wasWritten: boolean): void
  /** The kept-alive connection was found closed before a response byte; the request goes out again. */
  onResent(): void
}

/** A request under way. */
export interface TransportCall {
  /** Ends it and closes its connection; the listener hears of it through `onFailed`, unless it is over. */
  abort(reason: Error): void
}

/** Sends POST requests to one target, each on a connection of its own while it lasts. */
export interface Transport {
  send(body: string, headers: HeaderMap, listener: ResponseListener): TransportCall
  /**
   * Opens connections ahead of need. One that fails is left for its request to report; those not open after 5 s, when
   * `signal` fires or when an earlier one has failed are opened on first use.
   */
  openConnections(count: number, signal: AbortSignal): Promise<void>
  /** Closes every connection at once. */
  close(): Promise<void>
}

/** Connects started at the same time by `openConnections`: more would overrun a default accept queue. */
const connectsAtOnce = 64
/** What takes longer is left to the requests, where it is measured. */
const openLimitMs = 5000
/**
 * A connection that fails this long after the request was written was not found closed: the server worked on the
 * request and then failed. A second is more than any round trip.
 */
const foundClosedWithinMs = 1000

/** A transport for `target` on the monotonic clock `nowMs`. */
export const createTransport = (target: TargetSettings, nowMs: () => number): Transport => {
  const route = routeTo(new URL(target.url), target.proxyUrl)
  const connect = buildConnector({ timeout: 0, rejectUnauthorized: target.verifyTls })
  const lanes = new Set<Lane>()
  // Last in, first out: the connection used last is the least likely to have been closed meanwhile.
  const idle: Lane[] = []

  const newLane = (): Lane => {
    const lane = new Lane(target, route, connect, nowMs)
    lanes.add(lane)
    return lane
  }

  const send = (body: string, headers: HeaderMap, listener: ResponseListener): TransportCall => {
    const lane = idle.pop() ?? newLane()
    const options: Dispatcher.DispatchOptions = {
      origin: route.origin,
      path: route.path,
      method: 'POST',
      // Compared and filled in by undici for the proxy's sake, hence a copy.
      headers: { ...headers, ...route.headers },
      body,
      reset: !target.keepAlive,
    }
    let controller: Dispatcher.DispatchController | undefined
    let isWritten = false
    let isOver = false
    let mayResend = true
    let readSeqAtWrite = 0
    let writtenMs = 0

    const finish = (reason: Error | null = null): void => {
      isOver = true
      if (isWritten) return void idle.push(lane)
      // A client whose connect failed or still lasts is not used again: undici may believe that a request is running.
      lanes.delete(lane)
      void lane.close(reason)
    }
    const isFoundClosed = (error: Error): boolean => {
      if (!isConnectionLoss(error)) return false
      if (!isWritten) return lane.requestsOnSocket > 0
      return lane.readSeq === readSeqAtWrite && lane.requestsOnSocket > 1 && nowMs() - writtenMs < foundClosedWithinMs
    }
    const resend = (): void => {
      mayResend = false
      isWritten = false
      controller = undefined
      listener.onResent()
      // Not within undici's own handling of the loss, which still counts this request.
      queueMicrotask(() => {
        if (!isOver) dispatch()
      })
    }
    const handler: Dispatcher.DispatchHandler = {
      onRequestStart: started => {
        controller = started
        isWritten = true
        lane.requestsOnSocket++
        readSeqAtWrite = lane.readSeq
        writtenMs = nowMs()
        listener.onWritten(writtenMs)
      },
      onResponseStart: (_, statusCode, responseHeaders) => {
        if (statusCode >= 200) listener.onHead(statusCode, responseHeaders, lane.readStampMs)
      },
      onResponseData: (_, bytes) => listener.onBytes(bytes, lane.readStampMs, lane.readSeq),
      onResponseEnd: () => {
        finish()
        listener.onEnd(lane.readStampMs)
      },
      onResponseError: (_, error) => {
        if (isOver) return
        if (mayResend && isFoundClosed(error)) return resend()
        const wasWritten = isWritten
        finish()
        listener.onFailed(error, wasWritten)
      },
    }
    const dispatch = (): void => {
      try {
        lane.dispatcher.dispatch(options, handler)
      } catch (error) {
        // A header that undici will not send. The caller must have its call before it hears of this.
        finish()
        queueMicrotask(() => listener.onFailed(error as Error, false))
      }
    }
    dispatch()
    return {
      abort: reason => {
        if (isOver) return
        mayResend = false
        if (controller !== undefined) return controller.abort(reason)
        // Still connecting: undici gives no handle on such a request, so the lane goes with it.
        finish(reason)
        listener.onFailed(reason, false)
      },
    }
  }

  /** Whether one more connection stands; `connecting` holds its socket until then. */
  const openOne = (connecting: Set<Socket>): Promise<boolean> =>
    new Promise(resolve => {
      const { protocol, hostname, port, host } = route.origin
      const to = { protocol, hostname: hostname.replace(/^\[|\]$/g, ''), port, host }
      const socket: unknown = connect(to, (error, connected) => {
        if (socket instanceof Socket) connecting.delete(socket)
        if (error === null) {
          const lane = newLane()
          lane.adopt(connected as Socket)
          idle.push(lane)
        }
        resolve(error === null)
      })
      if (socket instanceof Socket) connecting.add(socket)
    })

  const openConnections = async (count: number, signal: AbortSignal): Promise<void> => {
    // Through a tunnel undici connects by itself, on first use.
    if (route.tunnelUrl !== undefined) return
    const connecting = new Set<Socket>()
    let isGivenUp = signal.aborted
    const giveUp = (): void => {
      isGivenUp = true
      for (const socket of connecting) socket.destroy(new Error('given up'))
    }
    const timer = setTimeout(giveUp, openLimitMs)
    signal.addEventListener('abort', giveUp)
    for (let opened = 0; opened < count && !isGivenUp; opened += connectsAtOnce) {
      const batch = Array.from({ length: Math.min(connectsAtOnce, count - opened) }, () => openOne(connecting))
      if ((await Promise.all(batch)).includes(false)) break
    }
    clearTimeout(timer)
    signal.removeEventListener('abort', giveUp)
  }

  return {
    send,
    openConnections,
    close: async () => {
      idle.length = 0
      await Promise.all([...lanes].map(lane => lane.close()))
      lanes.clear()
    },
  }
}

const isConnectionLoss = (error: Error & { code?: string }): boolean =>
  error.code === 'UND_ERR_SOCKET' || error.code === 'ECONNRESET' || error.code === 'EPIPE'
