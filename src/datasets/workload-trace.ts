import { basename } from 'node:path'
import type { Conversation } from '../model/conversation.ts'
import { decimalText } from '../stats/decimal.ts'
import type { Dataset, DatasetContext } from './dataset.ts'
import { requirePath, resolveFile } from './support/file-path.ts'
import { indexTrace, type TraceIndex } from './support/trace-index.ts'
import { readTrace } from './support/trace-reader.ts'
import { mappedModel, toConversation, traceOptions } from './support/trace-request.ts'

/**
 * Recorded traffic, replayed at the times at which it came: a JSON object per line with `body` and `timestamp`, and
 * maybe `headers`, `request_id` and `completion_tokens`.
 */
export const workloadTrace: Dataset = {
  names: ['workload_trace'],
  isMultiTurn: false,
  hasArrivals: true,
  hasBodies: true,
  // A trace is replayed from its first record, in every run of a sweep.
  appliesOffset: true,
  options: traceOptions,
  prepare: async context => {
    const content = 'a trace with one JSON object per line, which has a body and a timestamp'
    const file = await resolveFile(requirePath(context, content))
    const index = await indexTrace(file, context.signal)
    context.say(`${basename(file)}: ${describeTrace(index, speedOf(context))}`)
    return preparedTrace(file, index, context)
  },
  async *open(context) {
    yield* (await workloadTrace.prepare?.(context))?.open(context) ?? []
  },
}

/** `20 records over 2.95 s, at speed 2 over 1.475 s`: shows at once a wrong unit of its times, or a wrong file. */
const describeTrace = ({ count, timesSec, wasSorted }: TraceIndex, speed: number): string => {
  const spanSec = (timesSec[count - 1] as number) - (timesSec[0] as number)
  const replayed = speed === 1 ? '' : `, at speed ${speed} over ${decimalText(spanSec / speed, 3)} s`
  const span = count === 1 ? '1 record' : `${count} records over ${decimalText(spanSec, 3)} s${replayed}`
  return wasSorted ? span : `${span}; not in the order of their times, and so sorted`
}

const speedOf = ({ settings }: DatasetContext): number => (settings.args.speed as number | undefined) ?? 1

const preparedTrace = (file: string, index: TraceIndex, context: DatasetContext): Dataset => {
  const { prepare: _, ...unprepared } = workloadTrace
  const { settings } = context
  const speed = speedOf(context)
  const arrivalMs = (position: number): number | undefined => {
    const since = (index.timesSec[position] ?? 0) - (index.timesSec[0] as number)
    return position < index.count ? (since * 1000) / speed : undefined
  }
  return {
    ...unprepared,
    size: index.count,
    arrivalMs,
    open: ({ say }) => replay(file, index, position => arrivalMs(position) as number, { args: settings.args, say }),
  }
}

async function* replay(
  file: string,
  index: TraceIndex,
  arrivalMs: (position: number) => number,
  { args, say }: Pick<DatasetContext['settings'], 'args'> & Pick<DatasetContext, 'say'>,
): AsyncGenerator<Conversation> {
  let position = 0
  let mappedCount = 0
  try {
    for await (const record of readTrace(file, index)) {
      if (mappedModel(record.body, args) !== undefined) mappedCount++
      yield toConversation(record, arrivalMs(position++), args)
    }
  } finally {
    if (args.model_mapping !== undefined && mappedCount === 0) {
      say(
        `model_mapping of --dataset-args has no effect: none of the ${position} records read has a model that it names`,
      )
    }
  }
}
