import { randomInt } from 'node:crypto'
import type { HeaderMap } from '../model/conversation.ts'
import type { DataSource } from '../model/hub-file.ts'
import type { JsonObject } from '../model/json.ts'
import type { DatasetSource } from '../model/provenance.ts'
import type { ArrivalProcess, ImageMode, IntegerRange, SaveResponses } from '../model/run-plan.ts'
import type { SlaVariable } from '../model/sla.ts'
import type { ArgumentsInput } from './arguments-input.ts'
import type { EarlierRun } from './earlier-run.ts'
import type { VisualizerName } from './follow-flags.ts'
import { resolveArguments } from './resolve.ts'

/**
 * What every flag of `evalscope perf` came to, one field per flag: `maxTokens` is `--max-tokens`.
 * Times are in seconds here, as the original's flags are; everything behind `plan/` has milliseconds.
 * A field without a value was not given and has no default.
 */
export interface ArgumentValues {
  // Endpoint
  /** Model name to send; asked from the endpoint when absent. */
  readonly model?: string
  /** Address of the endpoint as given, before completion; absent with `--api` simulated, local and local_vllm. */
  readonly url?: string
  /** Wire protocol: built-in name or path of a plugin; `simulated`, `local` and `local_vllm` start a server. */
  readonly api: string
  /** `--api-key` alone; the environment is looked at when the target is known. Secret. */
  readonly apiKey?: string
  /** Extra headers of every request. May hold secrets. */
  readonly headers: HeaderMap
  /** Longest wait for a connection, in s; the read timeout when absent. */
  readonly connectTimeout?: number
  /** Longest silence of the server, before the first byte and after, in s. */
  readonly readTimeout: number
  /** Longest duration of a whole request, in s. */
  readonly totalTimeout: number
  /** How long a server that starts is waited for, in s; 30 s or the connect timeout, whichever is less, when absent. */
  readonly readyTimeout?: number
  /** Where the server of `--api local` and `local_vllm` listens. */
  readonly port: number
  /** A setting of the original's own model runner; has no effect. */
  readonly attnImplementation?: string
  /** Skip the connection test before the first run. */
  readonly noTestConnection: boolean
  /** Accept any TLS certificate. */
  readonly insecure: boolean
  /** Open a new connection for every request. */
  readonly noKeepalive: boolean

  // Load
  /** Requests per run, one per run or one for all; `plan/points.ts` has the rule where there are none. */
  readonly number?: readonly number[]
  /** Requests in flight, one per run; without meaning in an open loop. */
  readonly parallel: readonly number[]
  /** Requests per second, one per run or one for all: above 0, or -1 for a run that is not paced. */
  readonly rate?: readonly number[]
  /** Requests leave when their time has come, however many are in flight. */
  readonly openLoop: boolean
  /** How the times of a rate are spaced. */
  readonly arrival: ArrivalProcess
  /** Concurrency or rate grow evenly for this long, in s. */
  readonly rampUp: number
  /** Requests before the measured ones: from 1 on a count, between 0 and 1 a share of the run's number, else none. */
  readonly warmupNum: number
  /** No request of a run starts later than this after the first could, in s. */
  readonly duration?: number
  /** What requests under way get when the duration is over, in s. */
  readonly grace: number
  /** Pause between two runs, in s. */
  readonly sleepInterval: number
  /** Threads that send; `plan/workers.ts` has the rule of `auto`. */
  readonly workers: number | 'auto'

  // SLA search
  /** Search for the highest load that keeps `slaParams`. */
  readonly slaAutoTune: boolean
  /** What is searched. */
  readonly slaVariable: SlaVariable
  /** Groups of figures with bounds, not yet read. */
  readonly slaParams?: readonly JsonObject[]
  /** Runs of each value. */
  readonly slaNumRuns: number
  /** Highest value to try. */
  readonly slaUpperBound: number
  /** Lowest value to try. */
  readonly slaLowerBound?: number
  /** Requests in flight at most while rates are searched; no limit when absent. */
  readonly slaFixedParallel?: number
  /** Requests of a run at a value, as a multiple of it. */
  readonly slaNumberMultiplier: number
  /** Longest time at one value, in s. */
  readonly slaPointSeconds: number

  // Request
  /** Answers come as streams. */
  readonly stream: boolean
  /** Output limit in tokens, drawn for each request when it is a range. */
  readonly maxTokens: IntegerRange
  /** Least output, in tokens. */
  readonly minTokens?: number
  /** Sampling temperature. */
  readonly temperature: number
  /** Nucleus sampling mass, 0 to 1. */
  readonly topP?: number
  /** Sample from the k likeliest tokens. */
  readonly topK?: number
  /** Penalty on tokens by how often they occurred. */
  readonly frequencyPenalty?: number
  /** Multiplicative penalty on repeated tokens. */
  readonly repetitionPenalty?: number
  /** Ask for log probabilities. */
  readonly logprobs: boolean
  /** Choices per request. */
  readonly nChoices?: number
  /** Seed the user gave; sent in the body too. `Arguments.runSeed` always has one. */
  readonly seed?: number
  /** Texts that end the output. */
  readonly stop?: readonly string[]
  /** Token ids that end the output. */
  readonly stopTokenIds?: readonly number[]
  /** Merged into the body last; wins over everything. */
  readonly extraArgs: JsonObject
  /** Body to start from; `%m` and `%p` stand for model and prompt. */
  readonly queryTemplate?: JsonObject

  // Prompts
  /** Built-in name or path of a plugin. */
  readonly dataset: string
  /** File or directory of the dataset. */
  readonly datasetPath?: string
  /** Hub that files are downloaded from; `local` for what is on this machine alone. */
  readonly dataSource: DataSource
  /** Where in the dataset the first run begins. */
  readonly datasetOffset: number
  /** Options of the dataset, those of `--multi-turn-args` among them. */
  readonly datasetArgs: JsonObject
  /** Hold conversations of several turns. */
  readonly multiTurn: boolean
  /** Fewest turns of a drawn conversation. */
  readonly minTurns: number
  /** Most turns of a conversation. */
  readonly maxTurns?: number
  /** Older spelling of `--dataset-args`, which wins. */
  readonly multiTurnArgs?: JsonObject
  /** This text, repeated, instead of a dataset; already read when a file was named. */
  readonly prompt?: string
  /** Shortest prompt to use: tokens with a tokenizer, else characters. */
  readonly minPromptLength: number
  /** Longest prompt to use: tokens with a tokenizer, else characters. */
  readonly maxPromptLength: number
  /** Tokens that all random prompts share. */
  readonly prefixLength: number
  /** Directory of the model's tokenizer, or its id on the hub. */
  readonly tokenizerPath?: string
  /** Wrap prompts as chat messages; by default as the URL says. */
  readonly applyChatTemplate?: boolean
  /** Send token ids instead of text. */
  readonly tokenizePrompt: boolean
  /** Threads that make prompts: 1 for none of their own, 0 as `plan/prompt-workers.ts` says. */
  readonly numWorkers: number
  /** Width of a drawn image, in pixels. */
  readonly imageWidth: number
  /** Height of a drawn image, in pixels. */
  readonly imageHeight: number
  /** Drawn images in a prompt. */
  readonly imageNum: number
  /** Channels of a drawn image. */
  readonly imageFormat: ImageMode
  /** Side of the square of an image that is one token, in pixels; where the server does not count. */
  readonly imagePatchSize: number

  // Output
  /** Directory of a run, or of all runs of a benchmark, to be made again; other flags replace those of then. */
  readonly from?: string
  /** Name of the results' directory; the model's name when absent. */
  readonly name?: string
  /** Directory that holds all results. */
  readonly outputsDir: string
  /** Leave out the directory level with the time of the start. */
  readonly noTimestamp: boolean
  /** Levels of the percentile table, ascending, each above 0 and below 100. */
  readonly percentiles: readonly number[]
  /** How much of each answer the database keeps. */
  readonly saveResponses: SaveResponses
  /** Keep no bodies in the database. */
  readonly noSaveRequests: boolean
  /** Most rows in one database commit. */
  readonly dbCommitInterval: number
  /** Log the figures so far after every so many requests. */
  readonly logEveryNQuery: number
  /** Print one JSON document to stdout instead of tables. */
  readonly json: boolean
  /** Print what each figure means behind the report. */
  readonly definitions: boolean
  /** A run that is not VALID makes the process fail. */
  readonly strict: boolean
  /** Log requests and answers. */
  readonly debug: boolean

  // Following
  /** Service that figures go to while the benchmark runs. */
  readonly visualizer?: VisualizerName
  /** Deprecated: its key. Secret. */
  readonly wandbApiKey?: string
  /** Deprecated: its key. Secret. */
  readonly swanlabApiKey?: string
  /** Deprecated: where it is. */
  readonly swanlabHost?: string
  /** Write `progress.json`. */
  readonly enableProgressTracker: boolean

  // Gates
  /** Limits that requests keep to be good: `ttft:300`, in ms, of latency in s. */
  readonly goodput?: readonly string[]
  /** Conditions that make the process fail: `p99_ttft>500`. */
  readonly failIf?: readonly string[]
  /** Directory of an earlier benchmark that runs are held against. */
  readonly baseline?: string
  /** By how much figures may be worse than those of the baseline: `p50_ttft:10%,+5ms`. */
  readonly tolerance?: readonly string[]
  /** Gates have no effect on the exit code. */
  readonly advisory: boolean

  // CI
  /** File for JUnit XML. */
  readonly junit?: string
  /** File for the report as Markdown. */
  readonly markdown?: string
  /** Step summary and annotations, in GitHub Actions. */
  readonly github: boolean
}

/** A supported flag, by its field. */
export type FlagField = keyof ArgumentValues

/**
 * The arguments of `evalscope perf`, checked and with their defaults: from the command line or from a plain object.
 * Throws `ArgumentsError` with one line for the first mistake. Frozen.
 */
export class Arguments {
  readonly values: ArgumentValues
  /** Fields the user gave: they win over a query template, defaults do not. */
  readonly userSet: readonly FlagField[]
  /** Seed of everything drawn on this side: the user's, that of the earlier run, or one drawn here. */
  readonly runSeed: number
  /** Lines the user should read: what was given has no effect. */
  readonly warnings: readonly string[]
  /** Lines that tell what was decided for the user. */
  readonly notices: readonly string[]
  /** What `from` names; the flags of then are among the values. */
  readonly earlier: EarlierRun | undefined
  /** Which questions have to be asked again; undefined where that is open, or another dataset is asked for. */
  readonly repeatedSource: DatasetSource | undefined

  constructor(input: ArgumentsInput = {}) {
    const { values, userSet, warnings, earlier, repeatedSource } = resolveArguments(input)
    this.values = values
    this.userSet = userSet
    this.warnings = warnings
    this.earlier = earlier
    this.repeatedSource = repeatedSource
    this.runSeed = values.seed ?? earlier?.seed ?? randomInt(2 ** 31)
    const isDrawn = values.seed === undefined && earlier === undefined
    this.notices = isDrawn ? [`seed ${this.runSeed} drawn; --seed ${this.runSeed} draws the same again`] : []
    Object.freeze(this)
  }

  /** Whether the user gave this flag, be it with its default value. */
  isSet(field: FlagField): boolean {
    return this.userSet.includes(field)
  }
}
