import type { IncomingHttpHeaders } from 'node:http'
import type { Socket } from 'node:net'
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
  /** Opens connections ahead of need; one that fails is left for its request to report. */
  openConnections(count: number): Promise<void>
  /** Closes every connection at once. */
  close(): Promise<void>
}

/** Connects started at the same time by `openConnections`: more would overrun a default accept queue. */
const connectsAtOnce = 64

/** A transport for `target` on the monotonic clock `nowMs`. */
export const createTransport = (target: TargetSettings, nowMs: () => number): Transport => {
  const route = routeTo(new URL(target.url), target.proxyUrl)
  const connect = buildConnector({ timeout: target.timeouts.connectMs, rejectUnauthorized: target.verifyTls })
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

    const finish = (keepLane: boolean): void => {
      isOver = true
      if (keepLane) idle.push(lane)
      else lanes.delete(lane)
    }
    const handler: Dispatcher.DispatchHandler = {
      onRequestStart: started => {
        controller = started
        isWritten = true
        lane.requestsOnSocket++
        readSeqAtWrite = lane.readSeq
        listener.onWritten(nowMs())
      },
      onResponseStart: (_, statusCode, responseHeaders) => {
        if (statusCode >= 200) listener.onHead(statusCode, responseHeaders, lane.readStampMs)
      },
      onResponseData: (_, bytes) => listener.onBytes(bytes, lane.readStampMs, lane.readSeq),
      onResponseEnd: () => {
        finish(true)
        listener.onEnd(lane.readStampMs)
      },
      onResponseError: (_, error) => {
        if (isOver) return
        const foundClosed = isWritten && lane.readSeq === readSeqAtWrite && lane.requestsOnSocket > 1
        if (foundClosed && mayResend && isConnectionLoss(error)) {
          mayResend = false
          isWritten = false
          controller = undefined
          listener.onResent()
          dispatch()
          return
        }
        finish(true)
        listener.onFailed(error, isWritten)
      },
    }
    const dispatch = (): void => {
      try {
        lane.dispatcher.dispatch(options, handler)
      } catch (error) {
        // A header that undici will not send. The caller must have its call before it hears of this.
        finish(true)
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
        finish(false)
        void lane.dispatcher.destroy(reason)
        listener.onFailed(reason, false)
      },
    }
  }

  const openOne = (): Promise<void> =>
    new Promise(resolve => {
      const { protocol, hostname, port, host } = route.origin
      connect({ protocol, hostname: hostname.replace(/^\[|\]$/g, ''), port, host }, (error, socket) => {
        if (error === null) {
          const lane = newLane()
          lane.adopt(socket as Socket)
          idle.push(lane)
        }
        resolve()
      })
    })

  return {
    send,
    openConnections: async count => {
      if (route.tunnelUrl !== undefined) return
      for (let opened = 0; opened < count; opened += connectsAtOnce) {
        await Promise.all(Array.from({ length: Math.min(connectsAtOnce, count - opened) }, openOne))
      }
    },
    close: async () => {
      idle.length = 0
      await Promise.all([...lanes].map(lane => lane.close()))
      lanes.clear()
    },
  }
}

const isConnectionLoss = (error: Error & { code?: string }): boolean =>
  error.code === 'UND_ERR_SOCKET' || error.code === 'ECONNRESET' || error.code === 'EPIPE'
