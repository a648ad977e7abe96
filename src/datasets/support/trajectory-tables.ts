import { isUtf8 } from 'node:buffer'
import type { ParquetRowRange } from 'hyparquet'
import { ArgumentsError } from '../../errors.ts'
import type { JsonValue } from '../../model/json.ts'
import { rngFor } from '../../stats/rng.ts'
import { partsOf } from './parquet-column.ts'
import { openParquet } from './parquet-file.ts'
import { shuffled } from './shuffled.ts'
import { readMessages, type TrajectoryTexts } from './trajectory.ts'
import { orderStream, type TrajectoryRow, type TrajectoryRows } from './trajectory-rows.ts'

const column = 'messages'

/** Text that is decoded at once: some hundred rows. The published files have 140 MB in each of their row groups. */
const partBytes = 64 * 1024 * 1024

/** Rows that are read together. */
interface Part extends ParquetRowRange {
  readonly file: string
  /** Rows in the files before this one. */
  readonly before: number
  /** Messages are lists of objects, and not written as JSON. */
  readonly isNested: boolean
}

/**
 * The rows of Parquet files. No row can be read by itself, so it is the order of parts, and that of the rows in each,
 * that is drawn; one part is in memory.
 */
export const openTrajectoryTables = async (
  files: readonly string[],
  minBytes: number,
  seed: number,
): Promise<TrajectoryRows> => {
  const all: Part[] = []
  let count = 0
  for (const file of files) {
    const { parts, rows } = await findParts(file, count)
    all.push(...parts)
    count += rows
  }
  const parts = shuffled(all, rngFor(seed, orderStream))
  let longestBytes = 0
  return {
    unit: 'row',
    count,
    get longestBytes() {
      return longestBytes
    },
    async *pass() {
      for (const part of parts) {
        for await (const { bytes, row } of readRows(part, seed)) {
          longestBytes = Math.max(longestBytes, bytes)
          if (bytes >= minBytes) yield row()
        }
      }
    },
    close: async () => undefined,
  }
}

const findParts = async (file: string, before: number) => {
  const parquet = await openParquet(file)
  try {
    const found = parquet.columns.find(({ element }) => element.name === column)
    if (found === undefined) {
      throw new ArgumentsError(`${file} has no column "${column}"; give files of SWE-bench/SWE-smith-trajectories`)
    }
    const isNested = found.children.length > 0
    const parts = [...partsOf(parquet, column, isNested, partBytes)].map(part => ({ ...part, file, before, isNested }))
    return { parts, rows: parquet.rowGroups.at(-1)?.rowEnd ?? 0 }
  } finally {
    await parquet.close()
  }
}

/** A row that is parsed only where it is long enough. */
interface SizedRow {
  readonly bytes: number
  row(): TrajectoryRow
}

async function* readRows(part: Part, seed: number): AsyncGenerator<SizedRow> {
  const values = await readPart(part)
  const first = part.rowStart + 1
  for (const index of shuffled([...values.keys()], rngFor(seed, orderStream, part.before + first))) {
    const value = values[index]
    yield {
      bytes: value instanceof Uint8Array ? value.length : Number.POSITIVE_INFINITY,
      row: () => ({
        number: part.before + first + index,
        place: `${part.file}: row ${first + index}`,
        texts: readTexts(value),
      }),
    }
  }
}

const readPart = async ({ file, isNested, ...rows }: Part): Promise<readonly unknown[]> => {
  const { toJson } = await import('hyparquet')
  // As bytes, texts are views of what was decompressed: as strings they would take three times as much.
  const parquet = await openParquet(file, { sparesMemory: !isNested })
  try {
    const values = Array.from(await parquet.read(column, rows))
    return isNested ? values.map(value => toJson(value)) : values
  } finally {
    await parquet.close()
  }
}

const readTexts = (value: unknown): TrajectoryTexts => {
  if (!(value instanceof Uint8Array)) return readMessages(value as JsonValue | undefined)
  if (!isUtf8(value)) return 'not UTF-8'
  return readMessages(Buffer.from(value.buffer, value.byteOffset, value.length).toString())
}
