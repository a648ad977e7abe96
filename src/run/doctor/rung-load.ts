import { openai } from '../../apis/openai.ts'
import { nowMs } from '../../load/clock.ts'
import { runLoad } from '../../load/engine.ts'
import { LoadWatch } from '../../load/load-watch.ts'
import { ConversationSource } from '../../load/source.ts'
import { neverStops } from '../../load/stop.ts'
import type { Conversation, Prompt } from '../../model/conversation.ts'
import type { RequestRecord } from '../../model/record.ts'
import type { IntegerRange, RunPlan } from '../../model/run-plan.ts'
import { Accumulator } from '../../stats/accumulator.ts'
import { rngFor } from '../../stats/rng.ts'
import { createStore } from '../../store/sqlite.ts'
import { CpuWatch } from './cpu-watch.ts'

/** What a rung's load gave. */
export interface RungLoad {
  readonly records: readonly RequestRecord[]
  /** When the clock of the requests started, on our clock. */
  readonly startMs: number
  /** Cores that this process used once all streams were there. */
  readonly cpuCores: number
}

/** Sends a rung's requests as a run does, with figures and with a database at `path`. */
export const loadRung = async (plan: RunPlan, path: string): Promise<RungLoad> => {
  const records: RequestRecord[] = []
  const collector = {
    write: (record: RequestRecord) => {
      records.push(record)
    },
    close: () => undefined,
  }
  const store = await createStore({ path, commitIntervalRows: 1000 })
  const cpu = new CpuWatch()
  let startMs = 0
  try {
    const lost = await runLoad({
      plan,
      api: openai,
      source: openSource(plan),
      sinks: [store, new Accumulator(), collector],
      stop: neverStops(),
      watch: new LoadWatch(),
      onHealth: sample => store.writeHealth(sample),
      trace: undefined,
      onPreparing: () => undefined,
      onWarmup: () => undefined,
      onStart: () => {
        startMs = nowMs()
        cpu.watch(plan.rampUpMs, plan.durationMs ?? 0)
      },
    })
    if (lost !== undefined) throw lost
  } finally {
    cpu.close()
    await store.close()
  }
  return { records, startMs, cpuCores: cpu.cores }
}

/** The same prompt for ever, with answers of drawn length: streams that end all together would begin together too. */
const openSource = ({ request, seed }: RunPlan): ConversationSource => {
  const { min, max } = request.defaults.maxTokens as IntegerRange
  const rng = rngFor(seed, 'doctor', 0)
  const open = async function* (closing: AbortSignal): AsyncGenerator<Conversation> {
    while (!closing.aborted) yield { turns: [{ prompt, maxTokens: rng.integer(min, max) }] }
  }
  return new ConversationSource({ open, count: Number.POSITIVE_INFINITY, lookAhead: 1024 })
}

const content = 'What does this machine add to what it measures?'
const prompt: Prompt = { kind: 'messages', messages: [{ role: 'user', content }] }
