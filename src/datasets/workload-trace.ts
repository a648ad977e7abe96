import { basename } from 'node:path'
import type { Conversation } from '../model/conversation.ts'
import type { Dataset, DatasetContext } from './dataset.ts'
import { requirePath, resolveFile } from './support/file-path.ts'
import { indexTrace, type TraceIndex } from './support/trace-index.ts'
import { readTrace } from './support/trace-reader.ts'
import { toConversation, traceOptions } from './support/trace-request.ts'

/**
 * Recorded traffic, replayed at the times at which it came: a JSON object per line with `body` and `timestamp`, and
 * maybe `headers`, `request_id` and `completion_tokens`.
 */
export const workloadTrace: Dataset = {
  names: ['workload_trace'],
  isMultiTurn: false,
  hasArrivals: true,
  // A trace is replayed from its first record, in every run of a sweep.
  appliesOffset: true,
  options: traceOptions,
  prepare: async context => {
    const content = 'a trace with one JSON object per line, which has a body and a timestamp'
    const file = await resolveFile(requirePath(context, content))
    const index = await indexTrace(file, context.signal)
    if (!index.wasSorted) context.say(`${basename(file)}: the records are not in the order of their times; sorted`)
    return preparedTrace(file, index, context)
  },
  async *open(context) {
    yield* (await workloadTrace.prepare?.(context))?.open(context) ?? []
  },
}

const preparedTrace = (file: string, index: TraceIndex, { settings }: DatasetContext): Dataset => {
  const { prepare: _, ...unprepared } = workloadTrace
  const speed = (settings.args.speed as number | undefined) ?? 1
  const arrivalMs = (position: number): number | undefined => {
    const since = (index.timesSec[position] ?? 0) - (index.timesSec[0] as number)
    return position < index.count ? (since * 1000) / speed : undefined
  }
  return {
    ...unprepared,
    size: index.count,
    arrivalMs,
    open: () => replay(file, index, position => arrivalMs(position) as number, settings.args),
  }
}

async function* replay(
  file: string,
  index: TraceIndex,
  arrivalMs: (position: number) => number,
  args: DatasetContext['settings']['args'],
): AsyncGenerator<Conversation> {
  let position = 0
  for await (const record of readTrace(file, index)) yield toConversation(record, arrivalMs(position++), args)
}
