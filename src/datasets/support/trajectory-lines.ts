import { isUtf8 } from 'node:buffer'
import type { FileHandle } from 'node:fs/promises'
import { rngFor } from '../../stats/rng.ts'
import { findLines, type LinePlace } from './line-places.ts'
import { mostLineBytes, openFile, readPiece } from './open-file.ts'
import { shuffled } from './shuffled.ts'
import { readTrajectory, type TrajectoryTexts } from './trajectory.ts'
import { orderStream, type TrajectoryRow, type TrajectoryRows } from './trajectory-rows.ts'

/** The lines of a `.jsonl` file, in an order that is drawn of all of them: each is read where it stands. */
export const openTrajectoryLines = async (file: string, minBytes: number, seed: number): Promise<TrajectoryRows> => {
  const handle = await openFile(file)
  try {
    const all = await findLines(handle, 1)
    const places = shuffled(
      all.filter(({ bytes }) => bytes >= minBytes),
      rngFor(seed, orderStream),
    )
    return {
      unit: 'line',
      // Blank lines may have a carriage return.
      count: all.filter(({ bytes }) => bytes > 1).length,
      longestBytes: all.reduce((most, { bytes }) => Math.max(most, bytes), 0),
      pass: () => readRows(file, handle, places),
      close: () => handle.close(),
    }
  } catch (error) {
    await handle.close()
    throw error
  }
}

async function* readRows(
  file: string,
  handle: FileHandle,
  places: readonly LinePlace[],
): AsyncGenerator<TrajectoryRow> {
  for (const place of places) {
    const texts = await readTexts(file, handle, place)
    if (texts !== undefined) yield { number: place.number, place: `${file}:${place.number}`, texts }
  }
}

const readTexts = async (
  file: string,
  handle: FileHandle,
  { start, bytes }: LinePlace,
): Promise<TrajectoryTexts | undefined> => {
  if (bytes > mostLineBytes) return 'longer than 64 MiB'
  const line = await readPiece(handle, start, bytes, file)
  if (!isUtf8(line)) return 'not UTF-8'
  // Takes a byte-order mark away, too.
  const text = line.toString().trim()
  return text === '' ? undefined : readTrajectory(text)
}
