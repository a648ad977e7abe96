import { Socket } from 'node:net'
import { type Agent, type buildConnector, Client, type Dispatcher, ProxyAgent } from 'undici'
import type { TargetSettings } from '../model/run-plan.ts'
import type { AfterBurst, Deferred } from './after-burst.ts'
import { DirectSocket } from './direct-socket.ts'
import { keepReads, ReadMark } from './kept-reads.ts'
import type { Route } from './route.ts'

type Connect = buildConnector.connector

/** Idle connections are dropped before vLLM and uvicorn drop them (5 s), so that reuse rarely meets a closed one. */
const keepAliveMs = 4000

/** What lanes share. */
export interface LaneParts {
  readonly connect: Connect
  readonly afterBurst: AfterBurst
  readonly nowMs: () => number
  /** Hears of every connection that stands, but for those made beforehand. */
  readonly onConnected: () => void
}

/** One connection at a time to the target, with the stamp of its latest socket read. */
export class Lane {
  /** Which read of the lane's socket it is that is being told. */
  readonly mark = new ReadMark()
  /** Requests written to the present socket, 0 while it connects; above 1 it is a reused one. */
  requestsOnSocket = 0
  readonly dispatcher: Dispatcher
  readonly #afterBurst: AfterBurst
  readonly #nowMs: () => number
  readonly #onConnected: () => void
  /** Made beforehand, not used yet. */
  #waiting: Socket | undefined
  /** The latest socket, also while it connects: undici has no handle on that. */
  #socket: Socket | undefined
  #reads: Deferred | undefined

  constructor(target: TargetSettings, route: Route, parts: LaneParts) {
    const { connect } = parts
    this.#afterBurst = parts.afterBurst
    this.#nowMs = parts.nowMs
    this.#onConnected = parts.onConnected
    const { tunnelUrl } = route
    this.dispatcher = tunnelUrl === undefined ? this.#direct(route, connect) : this.#tunnelled(target, tunnelUrl)
  }

  /** Hands the lane a connection made beforehand; its first request uses it. */
  adopt(socket: Socket): void {
    this.#waiting = socket
    // Nobody else listens yet; the request that finds the socket dead reports it.
    socket.once('error', () => socket.destroy())
  }

  /** Whether its connection stands, used or not. */
  get isOpen(): boolean {
    const socket = this.#waiting ?? this.#socket
    return socket !== undefined && !socket.destroyed
  }

  /** What comes next is part of a body, which the listener copies; one whose `[DONE]` or end tells that it is over. */
  bodyBegins(isMarkedStream: boolean): void {
    if (!(this.#socket instanceof DirectSocket)) return
    this.#socket.lendsBytes = true
    this.#socket.holdsEvents = isMarkedStream
  }

  /** What comes next is a head, or nothing. */
  bodyEnds(): void {
    if (!(this.#socket instanceof DirectSocket)) return
    this.#socket.lendsBytes = false
    this.#socket.holdsEvents = false
  }

  /** Has what is read and kept told now. */
  tellReads(): void {
    this.#reads?.tell()
  }

  /** Closes the lane's connection at once; a request on it fails with `reason`. */
  async close(reason: Error | null = null): Promise<void> {
    this.#waiting?.destroy()
    this.#socket?.destroy()
    await this.dispatcher.destroy(reason)
  }

  #direct({ origin }: Route, connect: Connect): Dispatcher {
    return new Client(origin, {
      ...clientOptions,
      connect: this.#stamped((options, callback) => {
        const socket = this.#waiting
        this.#waiting = undefined
        if (socket === undefined || socket.destroyed) return connect(options, callback)
        // It has waited like a kept-alive one, and may be found closed like one.
        this.requestsOnSocket = 1
        // Later, as a real connect answers: undici overlooks an answer that comes before its call has returned.
        queueMicrotask(() => callback(null, socket))
      }),
    })
  }

  #tunnelled(target: TargetSettings, tunnelUrl: string): Dispatcher {
    return new ProxyAgent({
      uri: tunnelUrl,
      requestTls: { rejectUnauthorized: target.verifyTls, timeout: 0 },
      proxyTls: { rejectUnauthorized: target.verifyTls, timeout: 0 },
      factory: (origin, options: Agent.Options) =>
        new Client(origin, { ...clientOptions, connect: this.#stamped(options.connect as Connect) }),
    })
  }

  /**
   * Has each socket stamp its reads before undici sees them. undici calls its handler once per HTTP chunk, several times
   * per read: three chunks of one write would get three stamps, 0.15 ms apart, with the parsing of each billed to the next.
   */
  #stamped(connect: Connect): Connect {
    return (options, callback) => {
      this.requestsOnSocket = 0
      // Typed as returning nothing, undici's own connector gives the socket while it still connects.
      const connecting: unknown = connect(options, (error, socket) => {
        if (error !== null) return callback(error, null)
        // One made beforehand counts as used.
        if (this.requestsOnSocket === 0) this.#onConnected()
        this.#socket = socket
        this.#reads = this.#keep(socket)
        callback(null, socket)
      })
      if (connecting instanceof Socket) this.#socket = connecting
    }
  }

  #keep(socket: Socket): Deferred {
    if (!(socket instanceof DirectSocket)) return keepReads(socket, this.mark, this.#afterBurst, this.#nowMs)
    socket.mark = this.mark
    return socket
  }
}

// Own timers bound every wait (the watchdog); undici's would end a long generation after 300 s.
const clientOptions = {
  pipelining: 1,
  headersTimeout: 0,
  bodyTimeout: 0,
  keepAliveTimeout: keepAliveMs,
  keepAliveMaxTimeout: keepAliveMs,
} satisfies Client.Options
