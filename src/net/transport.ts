import type { HeaderMap } from '../model/conversation.ts'
import type { TargetSettings } from '../model/run-plan.ts'
import { Call, type ResponseListener } from './call.ts'
import { LanePool } from './lane-pool.ts'
import { routeTo } from './route.ts'
import type { LoopFacts } from './turn-watch.ts'

/** A request under way. */
export type TransportCall = Pick<Call, 'abort' | 'tellReads'>

/** What a transport has done so far. */
export interface TransportCounts {
  readonly reads: number
  readonly connectionsOpened: number
}

/** Sends POST requests to one target, each on a connection of its own while it lasts. */
export interface Transport {
  counts(): TransportCounts
  send(body: string, headers: HeaderMap, listener: ResponseListener): TransportCall
  /**
   * Opens connections ahead of need, until `count` stand idle. One that fails is left for its request to report; those not open after 5 s, when
   * `signal` fires or when an earlier one has failed are opened on first use.
   */
  openConnections(count: number, signal: AbortSignal): Promise<void>
  /** Closes every connection at once. */
  close(): Promise<void>
}

/** A transport for `target` on the monotonic clock `nowMs`, in a thread whose event loop tells `loop`. */
export const createTransport = (target: TargetSettings, nowMs: () => number, loop?: LoopFacts): Transport => {
  const route = routeTo(new URL(target.url), target.proxyUrl)
  const pool = new LanePool(target, route, nowMs, loop)
  const { origin, path } = route
  return {
    counts: () => ({ reads: pool.afterBurst.reads, connectionsOpened: pool.connectionsOpened }),
    send: (body, ownHeaders, listener) => {
      const headers = { ...ownHeaders, ...route.headers }
      const call = new Call(
        pool,
        { origin, path, method: 'POST', headers, body, reset: !target.keepAlive },
        listener,
        nowMs,
      )
      call.dispatch()
      return call
    },
    openConnections: (count, signal) => pool.openConnections(count, signal),
    close: () => pool.close(),
  }
}
