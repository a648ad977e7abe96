import type { HeaderMap } from './conversation.ts'
import type { RunGates } from './gate.ts'
import type { Objective } from './goodput.ts'
import type { JsonObject } from './json.ts'

/** What requests are for: text, vectors of texts, or an order of documents. Only the first has output tokens. */
export type Task = 'generate' | 'embed' | 'rerank'

/** Whether answers consist of tokens, which come one after the other and are counted; otherwise only prompts do. */
export const hasOutputTokens = (task: Task): boolean => task === 'generate'

/** How wanted times are spaced: exponential gaps, which make a Poisson process, or equal ones. */
export type ArrivalProcess = 'poisson' | 'constant'

/** Times at which requests are wanted, whatever the answers do. */
export interface Pacing {
  readonly ratePerSec: number
  readonly arrival: ArrivalProcess
}

/**
 * When requests leave. Closed loop: as soon as one of `concurrency` slots is free and, where it is paced, their time has
 * come. Open loop: when their time has come. Trace: when the time has come that its record has brought along.
 */
export type LoadShape =
  | { readonly kind: 'closed'; readonly concurrency: number; readonly pacing?: Pacing }
  | { readonly kind: 'open'; readonly pacing: Pacing }
  | { readonly kind: 'trace'; readonly pacing?: never }

/** Whether requests are wanted at certain times, whatever the answers do. */
export const hasSchedule = (load: LoadShape): boolean => load.kind !== 'closed' || load.pacing !== undefined

/** Most conversations at once; infinite in an open loop and of a trace. */
export const inFlightLimit = (load: LoadShape): number =>
  load.kind === 'closed' ? load.concurrency : Number.POSITIVE_INFINITY

/** An inclusive range of whole numbers; both ends equal for a fixed value. */
export interface IntegerRange {
  readonly min: number
  readonly max: number
}

/** Sampling parameters; an absent one is not sent. */
export interface Sampling {
  readonly maxTokens?: IntegerRange
  readonly minTokens?: number
  readonly frequencyPenalty?: number
  readonly repetitionPenalty?: number
  readonly logprobs?: true
  readonly nChoices?: number
  readonly seed?: number
  readonly stop?: readonly string[]
  readonly stopTokenIds?: readonly number[]
  readonly temperature?: number
  readonly topP?: number
  readonly topK?: number
  readonly stream?: boolean
  readonly model?: string
}

/** All that an API needs to build a request, beside the prompt. */
export interface RequestSettings {
  /** Parameters the user set: they win over a template. */
  readonly chosen: Sampling
  /** Parameters nobody asked for: they only fill what a template or body lacks. */
  readonly defaults: Sampling
  /** Merged into the body last; wins over everything. */
  readonly extraArgs: JsonObject
  readonly queryTemplate: JsonObject | undefined
}

/** Time limits of one request, in ms. */
export interface TimeoutSettings {
  readonly connectMs: number
  /** Bound on every silence, before the first byte and after. */
  readonly readMs: number
  readonly totalMs: number
}

/** Where requests go and how connections are made. */
export interface TargetSettings {
  readonly url: string
  /** Sent with every request. Contains secrets: mask before storing. */
  readonly headers: HeaderMap
  readonly timeouts: TimeoutSettings
  readonly keepAlive: boolean
  /** `--insecure`: accept any TLS certificate. */
  readonly verifyTls: boolean
  readonly proxyUrl: string | undefined
  /** What no file, log or message may repeat of all that requests carry, in each form that it may have. */
  readonly secrets: readonly string[]
}

/** Channels of a drawn image, under the names of Python's imaging library: grey, colour, and colour with opacity. */
export type ImageMode = 'L' | 'RGB' | 'RGBA'

/** What images are drawn, and how many tokens one is. */
export interface ImageSettings {
  readonly widthPx: number
  readonly heightPx: number
  readonly mode: ImageMode
  /** Images in one prompt. */
  readonly count: number
  /** Side of the square of any image, drawn or not, that is one token; for counts of our own. */
  readonly patchPx: number
}

/** What a dataset is asked for. */
export interface DatasetSettings {
  /** Built-in name or path of a plugin. */
  readonly spec: string
  readonly path: string | undefined
  /** Wrap prompts as chat messages (true) or yield bare strings. */
  readonly chat: boolean
  readonly offset: number
  /** Inclusive bounds: tokens with a tokenizer, else characters. */
  readonly minPromptLength: number
  readonly maxPromptLength: number
  readonly prefixLength: number
  readonly tokenizerPath: string | undefined
  readonly tokenizePrompt: boolean
  /** `--dataset-args`: keys that the dataset knows, with values of their kind. */
  readonly args: JsonObject
  /** Least and most turns of a conversation; without `maxTurns` as many as it has. */
  readonly minTurns: number
  readonly maxTurns: number | undefined
  readonly images: ImageSettings
  /** `--prompt`: this text, repeated, instead of a dataset. */
  readonly prompt: string | undefined
}

/** How much of each answer the store keeps; `failed` is all of those that failed. */
export type SaveResponses = 'full' | 'text' | 'failed' | 'none'

/** One run of a sweep as a value: frozen, JSON-serialisable, the same here, on a thread or on another machine. */
export interface RunPlan {
  /** Name of the run's directory, `parallel_10_number_100`; unique within the sweep. */
  readonly name: string
  /** Requests to send (conversations, when they have several turns); undefined for as many as `durationMs` allows. */
  readonly number: number | undefined
  /** Requests sent and finished before the measured ones. */
  readonly warmupNumber: number
  readonly load: LoadShape
  /** Threads that hold the conversations: 1 is the thread of the load loops itself. */
  readonly workers: number
  /** From the start of the measured requests, concurrency or rate grow evenly for this long; 0 for at once. */
  readonly rampUpMs: number
  /** No request starts later than this after the first could. */
  readonly durationMs: number | undefined
  /** Requests under way when `durationMs` is over get this long, then they are cut off. */
  readonly graceMs: number
  /** Seed of everything drawn on this side; `(seed, index)` decides an item. */
  readonly seed: number
  readonly model: string
  readonly task: Task
  /** Built-in name or path of a plugin. */
  readonly api: string
  readonly target: TargetSettings
  readonly request: RequestSettings
  readonly dataset: DatasetSettings
  readonly saveResponses: SaveResponses
  /** `--goodput`: what good requests keep, all of it; absent where that is not asked for. */
  readonly objectives?: readonly Objective[]
  /** `--fail-if` and `--baseline`: what the run is held against; absent where that is not asked for. */
  readonly gates?: RunGates
}
