import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Tokenizer } from '../tokenizers/tokenizer.ts'
import { resolveKnobs, type SimulationKnobs } from './knobs.ts'
import { Simulation } from './simulation.ts'

/** How to start a simulated server in this process. */
export interface SimulatedServerOptions {
  /** What differs from `defaultKnobs`. */
  readonly knobs?: Partial<SimulationKnobs>
  /** Default 127.0.0.1. */
  readonly host?: string
  /** Default 0: a free one. */
  readonly port?: number
  /** Counts prompt tokens; without one, four UTF-8 bytes make a token. */
  readonly tokenizer?: Tokenizer | undefined
}

/** A server that listens. */
export interface SimulatedServer {
  /** Base address without a path, `http://127.0.0.1:41234`. */
  readonly url: string
  readonly port: number
  /** Breaks off what is in flight and resolves when the port is free. */
  close(): Promise<void>
}

/** Longer than any client keeps an idle connection, so that the server is never the one to close it. */
const KEEP_ALIVE_MS = 75_000

/**
 * Starts the simulated server in this process and resolves when it listens. Rejects with the system's error
 * (`EADDRINUSE` …), or with `ArgumentsError` for impossible knobs.
 */
export const startSimulatedServer = async (options: SimulatedServerOptions = {}): Promise<SimulatedServer> => {
  const simulation = new Simulation(resolveKnobs(options.knobs ?? {}), options.tokenizer)
  const server = createServer(
    { noDelay: true, keepAliveTimeout: KEEP_ALIVE_MS, headersTimeout: KEEP_ALIVE_MS + 5000, requestTimeout: 0 },
    (request, response) => simulation.handle(request, response),
  )
  const host = options.host ?? '127.0.0.1'
  const port = await listen(server, host, options.port ?? 0)
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${port}`,
    port,
    close: () => {
      simulation.stop()
      const closed = new Promise<void>(resolve => server.close(() => resolve()))
      server.closeAllConnections()
      return closed
    },
  }
}

const listen = (server: Server, host: string, port: number): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once('error', reject)
    // The backlog must take a whole wave of connections at once.
    server.listen({ host, port, backlog: 4096 }, () => resolve((server.address() as AddressInfo).port))
  })
