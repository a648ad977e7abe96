import { Socket } from 'node:net'
import { buildConnector } from 'undici'
import type { TargetSettings } from '../model/run-plan.ts'
import { AfterBurst } from './after-burst.ts'
import { directConnector } from './direct-socket.ts'
import { Lane } from './lane.ts'
import type { Route } from './route.ts'
import type { LoopFacts } from './turn-watch.ts'

/** Connects started at the same time by `openConnections`: more would overrun a default accept queue. */
const connectsAtOnce = 64
/** What takes longer is left to the requests, where it is measured. */
const openLimitMs = 5000

/** The lanes to one target: as many as requests under way, used again when idle. */
export class LanePool {
  readonly #target: TargetSettings
  readonly #route: Route
  readonly #nowMs: () => number
  readonly #connect: buildConnector.connector
  readonly afterBurst: AfterBurst
  #connectionsOpened = 0
  readonly #lanes = new Set<Lane>()
  readonly #idle: Lane[] = []

  constructor(target: TargetSettings, route: Route, nowMs: () => number, loop?: LoopFacts) {
    this.#target = target
    this.#route = route
    this.#nowMs = nowMs
    this.afterBurst = new AfterBurst(nowMs, loop)
    // The watchdog bounds connects, as it bounds all waits.
    this.#connect =
      route.origin.protocol === 'https:'
        ? buildConnector({ timeout: 0, rejectUnauthorized: target.verifyTls })
        : directConnector(this.afterBurst, nowMs)
  }

  /** So far. */
  get connectionsOpened(): number {
    return this.#connectionsOpened
  }

  /** A lane for one request: of the idle ones the last used, which is the least likely to have been closed meanwhile. */
  take(): Lane {
    return this.#idle.pop() ?? this.#newLane()
  }

  /** Takes back a lane whose request is over. */
  give(lane: Lane): void {
    this.#idle.push(lane)
  }

  /** Closes a lane for good; a request on it fails with `reason`. */
  discard(lane: Lane, reason: Error | null): void {
    this.#lanes.delete(lane)
    void lane.close(reason)
  }

  /** See `Transport.openConnections`. */
  async openConnections(count: number, signal: AbortSignal): Promise<void> {
    // Through a tunnel undici connects by itself, on first use.
    if (this.#route.tunnelUrl !== undefined) return
    this.#discardClosed()
    const missing = count - this.#idle.length
    const connecting = new Set<Socket>()
    let isGivenUp = signal.aborted
    const giveUp = (): void => {
      isGivenUp = true
      for (const socket of connecting) socket.destroy(new Error('given up'))
    }
    const timer = setTimeout(giveUp, openLimitMs)
    signal.addEventListener('abort', giveUp)
    for (let opened = 0; opened < missing && !isGivenUp; opened += connectsAtOnce) {
      const batch = Array.from({ length: Math.min(connectsAtOnce, missing - opened) }, () => this.#openOne(connecting))
      if ((await Promise.all(batch)).includes(false)) break
    }
    clearTimeout(timer)
    signal.removeEventListener('abort', giveUp)
  }

  /** Closes every connection at once. */
  async close(): Promise<void> {
    this.#idle.length = 0
    await Promise.all([...this.#lanes].map(lane => lane.close()))
    this.#lanes.clear()
  }

  /** Idle connections are closed after a while, by either side. */
  #discardClosed(): void {
    for (const lane of this.#idle.splice(0)) {
      if (lane.isOpen) this.#idle.push(lane)
      else this.discard(lane, null)
    }
  }

  /** Whether one more connection stands; `connecting` holds its socket until then. */
  #openOne(connecting: Set<Socket>): Promise<boolean> {
    return new Promise(resolve => {
      const { protocol, hostname, port, host } = this.#route.origin
      const to = { protocol, hostname: hostname.replace(/^\[|\]$/g, ''), port, host }
      // Typed as returning nothing, undici's own connector gives the socket while it still connects.
      const socket: unknown = this.#connect(to, (error, connected) => {
        if (socket instanceof Socket) connecting.delete(socket)
        if (error === null) {
          this.#connectionsOpened++
          const lane = this.#newLane()
          lane.adopt(connected as Socket)
          this.#idle.push(lane)
        }
        resolve(error === null)
      })
      if (socket instanceof Socket) connecting.add(socket)
    })
  }

  #newLane(): Lane {
    const lane = new Lane(this.#target, this.#route, {
      connect: this.#connect,
      afterBurst: this.afterBurst,
      nowMs: this.#nowMs,
      onConnected: () => this.#connectionsOpened++,
    })
    this.#lanes.add(lane)
    return lane
  }
}
