import { isUtf8 } from 'node:buffer'
import { ArgumentsError } from '../../errors.ts'
import { BadLines, type LineProblem } from './bad-lines.ts'
import { readLineBlocks } from './line-blocks.ts'
import { TraceGlance } from './trace-glance.ts'
import { readTraceLine } from './trace-line.ts'

/** Where the records of a trace stand in its file and when they were recorded, earliest first: 20 bytes a record. */
export interface TraceIndex {
  readonly count: number
  readonly timesSec: Float64Array
  readonly offsets: Float64Array
  readonly lengths: Uint32Array
  /** Whether the file had them in this order. */
  readonly wasSorted: boolean
}

/**
 * Reads a trace once, checks every line and keeps where they stand. Throws `ArgumentsError` for the lines that are bad,
 * and the reason of `signal` once that has fired.
 */
export const indexTrace = async (file: string, signal?: AbortSignal): Promise<TraceIndex> => {
  const draft = new IndexDraft()
  const bad = new BadLines()
  const glance = new TraceGlance()
  let number = 0
  for await (const { bytes, offset } of readLineBlocks(file)) {
    signal?.throwIfAborted()
    const isText = isUtf8(bytes)
    for (let from = 0; from < bytes.length; ) {
      const end = lineEnd(bytes, from)
      number++
      const timeSec = isText ? glance.timestampSec(bytes, from, end) : undefined
      const found = timeSec ?? lookCloser(bytes.subarray(from, end))
      if (typeof found === 'number') draft.add(found, offset + from, end - from)
      else if (found) bad.add(number, found)
      from = end + 1
    }
  }
  bad.throwIfAny(file)
  if (draft.count === 0)
    throw new ArgumentsError(`${file} holds no records; give a trace with one JSON object per line`)
  return draft.sorted()
}

const lineEnd = (bytes: Buffer, from: number): number => {
  const end = bytes.indexOf(0x0a, from)
  return end === -1 ? bytes.length : end
}

/** A line's time, or what is wrong with it; undefined for a blank one. */
const lookCloser = (line: Buffer): number | LineProblem | undefined => {
  if (!isUtf8(line)) return { what: 'no UTF-8' }
  if (line.toString().trim() === '') return undefined
  const record = readTraceLine(line)
  return 'what' in record ? record : record.timestampSec
}

/** An index that grows. */
class IndexDraft {
  count = 0
  #timesSec = new Float64Array(1024)
  #offsets = new Float64Array(1024)
  #lengths = new Uint32Array(1024)
  #isSorted = true

  add(timeSec: number, offset: number, length: number): void {
    if (this.count === this.#timesSec.length) this.#grow()
    if (this.count > 0 && timeSec < (this.#timesSec[this.count - 1] as number)) this.#isSorted = false
    this.#timesSec[this.count] = timeSec
    this.#offsets[this.count] = offset
    this.#lengths[this.count++] = length
  }

  sorted(): TraceIndex {
    const { count } = this
    const [timesSec, offsets, lengths] = [this.#timesSec, this.#offsets, this.#lengths]
    if (this.#isSorted) return { count, timesSec, offsets, lengths, wasSorted: true }
    // Of the same time, the one that stands first in the file is first.
    const order = Uint32Array.from({ length: count }, (_, index) => index).sort(
      (a, b) => (timesSec[a] as number) - (timesSec[b] as number) || a - b,
    )
    const at = (from: Float64Array | Uint32Array) => (_: unknown, index: number) =>
      from[order[index] as number] as number
    return {
      count,
      timesSec: Float64Array.from({ length: count }, at(timesSec)),
      offsets: Float64Array.from({ length: count }, at(offsets)),
      lengths: Uint32Array.from({ length: count }, at(lengths)),
      wasSorted: false,
    }
  }

  #grow(): void {
    const capacity = 2 * this.count
    this.#timesSec = grown(this.#timesSec, new Float64Array(capacity))
    this.#offsets = grown(this.#offsets, new Float64Array(capacity))
    this.#lengths = grown(this.#lengths, new Uint32Array(capacity))
  }
}

const grown = <T extends Float64Array | Uint32Array>(from: T, to: T): T => {
  to.set(from)
  return to
}
