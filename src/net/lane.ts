import { Socket } from 'node:net'
import { type Agent, type buildConnector, Client, type Dispatcher, ProxyAgent } from 'undici'
import type { TargetSettings } from '../model/run-plan.ts'
import { DirectSocket } from './direct-socket.ts'
import type { Route } from './route.ts'

type Connect = buildConnector.connector

/** Idle connections are dropped before vLLM and uvicorn drop them (5 s), so that reuse rarely meets a closed one. */
const keepAliveMs = 4000

/** One connection at a time to the target, with the stamp of its latest socket read. */
export class Lane {
  /** When the latest read of this lane's socket was seen, in ms of the transport's clock. */
  readStampMs = 0
  /** Counts socket reads: events with the same number arrived together. */
  readSeq = 0
  /** Requests written to the present socket, 0 while it connects; above 1 it is a reused one. */
  requestsOnSocket = 0
  readonly dispatcher: Dispatcher
  readonly #nowMs: () => number
  /** Made beforehand, not used yet. */
  #waiting: Socket | undefined
  /** The latest socket, also while it connects: undici has no handle on that. */
  #socket: Socket | undefined

  constructor(target: TargetSettings, route: Route, connect: Connect, nowMs: () => number) {
    this.#nowMs = nowMs
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

  /** Whether what comes next is part of a body, which the listener copies. */
  set isInBody(value: boolean) {
    if (this.#socket instanceof DirectSocket) this.#socket.lendsBytes = value
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
   * Stamps each socket read before undici sees it. undici calls its handler once per HTTP chunk, several times per
   * read: three chunks of one write would get three stamps, 0.15 ms apart, with the parsing of each billed to the next.
   */
  #stamped(connect: Connect): Connect {
    return (options, callback) => {
      this.requestsOnSocket = 0
      // Typed as returning nothing, undici's own connector gives the socket while it still connects.
      const connecting: unknown = connect(options, (error, socket) => {
        if (error !== null) return callback(error, null)
        this.#socket = socket
        // A direct socket tells how many bytes it hands over; they never stand in its stream.
        socket.on('readable', (handedOver?: number) => {
          // The end of the stream is told the same way, without bytes.
          if (handedOver === undefined && socket.readableLength === 0) return
          this.readStampMs = this.#nowMs()
          this.readSeq++
        })
        callback(null, socket)
      })
      if (connecting instanceof Socket) this.#socket = connecting
    }
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
