import type { Environment } from '../arguments/endpoint.ts'
import type { StopSignals } from '../load/stop.ts'
import { joinSignals } from '../net/join-signals.ts'
import type { StatusLine } from '../report/status-line.ts'

/** What surrounds a benchmark: a terminal, a pipe, or a program that uses us as a library. */
export interface Host {
  /** Takes finished tables; stdout of the command line. */
  readonly print: (text: string) => void
  /** Takes lines about what happens, and the live progress; stderr of the command line. */
  readonly status: StatusLine
  /** Width to fit tables into; `undefined` for full width. */
  readonly columns: number | undefined
  readonly stop: StopSignals
  readonly env: Environment
  /** Plots are wanted of a single load, too, which has no curve. */
  readonly plotsOneLoad?: boolean
  /** Run by the host when it must leave at once: each makes its rows safe, synchronously. */
  readonly lastActs: Set<() => void>
}

/** The benchmark was stopped before there was anything to show. */
export class Stopped extends Error {
  override readonly name = 'Stopped'

  constructor() {
    super('stopped before anything was measured')
  }
}

/** The host of a run that is also to end when its server does: `lost` stops what `host.stop.draining` stops. */
export const endingWith = (host: Host, lost: AbortSignal | undefined): Host => {
  if (lost === undefined) return host
  return { ...host, stop: { ...host.stop, draining: joinSignals([host.stop.draining, lost]).signal } }
}

/** What `work` gives, or `Stopped` as soon as the run is to end. */
export const unlessStopped = <T>(work: Promise<T>, { draining }: StopSignals): Promise<T> =>
  new Promise((resolve, reject) => {
    const stop = (): void => reject(new Stopped())
    // Also when stopped already: `work` may fail of it, and nobody else would hear of that.
    work.then(resolve, reject).finally(() => draining.removeEventListener('abort', stop))
    if (draining.aborted) stop()
    else draining.addEventListener('abort', stop, { once: true })
  })
