import type { Api } from '../../src/apis/api.ts'
import { openai } from '../../src/apis/openai.ts'
import type { Dataset } from '../../src/datasets/dataset.ts'
import { promptDataset } from '../../src/datasets/prompt.ts'
import { nowMs } from '../../src/load/clock.ts'
import { conversationsOf } from '../../src/load/conversations.ts'
import { runLoad } from '../../src/load/engine.ts'
import type { GuardLimits } from '../../src/load/load-guard.ts'
import { LoadWatch } from '../../src/load/load-watch.ts'
import { ConversationSource } from '../../src/load/source.ts'
import { neverStops, type StopSignals } from '../../src/load/stop.ts'
import type { Conversation } from '../../src/model/conversation.ts'
import type { HealthSample } from '../../src/model/health.ts'
import type { RequestRecord } from '../../src/model/record.ts'
import type { RunPlan } from '../../src/model/run-plan.ts'

/** What a load gave. */
export interface Loaded {
  /** Measured records in order of completion. */
  readonly records: readonly RequestRecord[]
  readonly warmup: readonly RequestRecord[]
  readonly watch: LoadWatch
  readonly health: readonly HealthSample[]
  /** When the clock of the measured requests started, and when all was over: ms of our monotonic clock. */
  readonly startMs: number
  readonly endMs: number
  /** What ended the load before its time. */
  readonly lost: Error | undefined
}

/** What a test may replace. */
export interface LoadChange {
  readonly stop?: StopSignals
  readonly api?: Api
  /** In place of the one that says hello. */
  readonly dataset?: Dataset
  /** Hears of each record. */
  readonly onRecord?: (record: RequestRecord) => void
  /** Makes each conversation out of the one that says hello. */
  readonly prepare?: (conversation: Conversation, index: number) => Conversation
  /** How many conversations must be ready for the load to begin; default: all. */
  readonly enough?: number
  readonly guardLimits?: GuardLimits
}

/** Sends what `plan` says, `hello` each time. */
export const load = async (plan: RunPlan, change: LoadChange = {}): Promise<Loaded> => {
  const settings = { ...plan.dataset, prompt: 'hello' }
  const context = { settings, seed: plan.seed, tokenizer: undefined, say: () => undefined }
  const count = plan.warmupNumber + (plan.number ?? Number.POSITIVE_INFINITY)
  const dataset = change.dataset ?? promptDataset
  const all: RequestRecord[] = []
  const watch = new LoadWatch(plan.workers)
  const health: HealthSample[] = []
  let startMs = 0
  const write = (record: RequestRecord): void => {
    all.push(record)
    change.onRecord?.(record)
  }
  const lost = await runLoad({
    plan,
    api: change.api ?? openai,
    source: new ConversationSource({
      open: closing =>
        conversationsOf({ dataset, context, finish: change.prepare ?? (made => made) }, () => closing.aborted),
      count,
      lookAhead: 1024,
      enough: change.enough,
      arrivalMs: dataset.arrivalMs && (index => dataset.arrivalMs?.(index)),
    }),
    sinks: [{ write, close: () => undefined }],
    stop: change.stop ?? neverStops(),
    watch,
    onHealth: sample => health.push(sample),
    trace: undefined,
    guardLimits: change.guardLimits,
    onPreparing: () => undefined,
    onWarmup: () => undefined,
    onStart: () => {
      startMs = nowMs()
    },
  })
  return {
    records: all.filter(({ phase }) => phase === 'measured'),
    warmup: all.filter(({ phase }) => phase === 'warmup'),
    watch,
    health,
    startMs,
    endMs: nowMs(),
    lost,
  }
}
