import { changedError, openFile, readPiece } from './open-file.ts'
import type { TraceIndex } from './trace-index.ts'
import { readTraceLine, type TraceRecord } from './trace-line.ts'

/** Records that stand close together are read at once, up to so many bytes; a longer one alone. */
const spanBytes = 256 * 1024

/** The records of a trace in the order of its index, read by offset as they are taken. */
export async function* readTrace(file: string, index: TraceIndex): AsyncGenerator<TraceRecord> {
  const handle = await openFile(file)
  try {
    for (let first = 0; first < index.count; ) {
      const span = spanFrom(index, first)
      const bytes = await readPiece(handle, span.from, span.end - span.from, file)
      for (; first < span.endRecord; first++) {
        const from = (index.offsets[first] as number) - span.from
        yield readRecord(bytes.subarray(from, from + (index.lengths[first] as number)), index, first, file)
      }
    }
  } finally {
    await handle.close()
  }
}

/** A piece of the file that holds records from one to before `endRecord`, and maybe others. */
interface Span {
  readonly from: number
  readonly end: number
  readonly endRecord: number
}

const spanFrom = ({ count, offsets, lengths }: TraceIndex, first: number): Span => {
  let from = offsets[first] as number
  let end = from + (lengths[first] as number)
  let endRecord = first + 1
  for (; endRecord < count; endRecord++) {
    const offset = offsets[endRecord] as number
    const [low, high] = [Math.min(from, offset), Math.max(end, offset + (lengths[endRecord] as number))]
    if (high - low > spanBytes) break
    from = low
    end = high
  }
  return { from, end, endRecord }
}

const readRecord = (line: Buffer, { timesSec }: TraceIndex, position: number, file: string): TraceRecord => {
  const record = readTraceLine(line)
  if ('what' in record || record.timestampSec !== timesSec[position]) throw changedError(file)
  return record
}
