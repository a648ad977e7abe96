import type { Arguments } from '../arguments/arguments.ts'
import { simulatedApi } from '../arguments/endpoint.ts'
import { hubAccess } from '../hub/access.ts'
import { showDownloads } from './download-progress.ts'
import { type Host, Stopped } from './host.ts'

/** A server that is started for a benchmark, and ends with it. */
export interface OwnServer {
  /** Base address without a path, `http://127.0.0.1:41234`. */
  readonly url: string
  /** Aborts when it ends by itself, with the `UserError` that says so; undefined for one that is not watched. */
  readonly lost?: AbortSignal
  /** Ends it and resolves when it is gone. */
  close(): Promise<void>
}

/**
 * The server that `--api` asks for: simulated, local or local_vllm; undefined for any other. `say` tells the user what
 * is waited for; `tokenizerPath` is a directory. Throws `UserError` when it cannot be had, and `Stopped` when the user
 * does not wait for it.
 */
export const startOwnServer = async (
  args: Arguments,
  host: Host,
  say: (line: string) => void,
  tokenizerPath: string | undefined,
): Promise<OwnServer | undefined> => {
  const start = starters[args.values.api]
  if (start === undefined) return undefined
  try {
    return await start(args, host, say, tokenizerPath)
  } catch (error) {
    // A terminal's Ctrl-C reaches the child too, and ends it as long as it is not up.
    throw host.stop.draining.aborted ? new Stopped() : error
  }
}

type Start = (
  args: Arguments,
  host: Host,
  say: (line: string) => void,
  tokenizerPath: string | undefined,
) => Promise<OwnServer>

const startSimulated: Start = async (_args, _host, _say, tokenizerPath) => {
  const { spawnSimulatedServer } = await import('../server/spawn.ts')
  return spawnSimulatedServer({ tokenizerPath })
}

const startLocal: Start = async ({ values }, host, say) => {
  const { startLocalServer } = await import('../server/local/start-local.ts')
  const { status, stop, env } = host
  const { model = '', port, dataSource } = values
  const tell = { say, show: (phase: string) => status.show(phase), progress: showDownloads(host) }
  try {
    const access = hubAccess(dataSource, env)
    return await startLocalServer({ model, port, access, tell, signal: stop.draining })
  } finally {
    status.clear()
  }
}

const startVllm: Start = async (args, host, say) => {
  const { startOwnVllm } = await import('./own-vllm.ts')
  return startOwnVllm(args, host, say)
}

const starters: Readonly<Record<string, Start>> = {
  [simulatedApi]: startSimulated,
  local: startLocal,
  local_vllm: startVllm,
}
