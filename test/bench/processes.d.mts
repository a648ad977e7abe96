/** What the source does with each request. */
export interface SourceLoad {
  readonly kind: 'stream' | 'instant' | 'plain'
  readonly pace?: 'lockstep' | 'spread'
  readonly streams: number
  readonly requests: number
  readonly tokens: number
  readonly ratePerSec?: number
  readonly ttftMs?: number
  readonly record?: boolean
  readonly holdAt?: number
}

export interface Source {
  readonly url: string
  close(): void
}

export interface ClientReport {
  readonly requests: number
  readonly chunks?: number
  readonly answers?: number
  readonly cpuUs: number
  readonly heldMb: number | undefined
  readonly streams: readonly { readonly id: string; readonly sentMs: number; readonly arrivalsMs: readonly number[] }[]
}

export interface SourceReport {
  readonly requests: number
  readonly chunks: number
  readonly streams: readonly { readonly id: string; readonly arrivalMs: number; readonly writesMs: Float64Array }[]
}

export declare const startSource: () => Promise<Source>
export declare const runClient: (
  source: Source,
  name: string,
  load: SourceLoad,
) => Promise<{ readonly client: ClientReport; readonly source: SourceReport }>
