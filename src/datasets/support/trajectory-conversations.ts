import { isUtf8 } from 'node:buffer'
import type { FileHandle } from 'node:fs/promises'
import { ArgumentsError } from '../../errors.ts'
import { type Rng, rngFor } from '../../stats/rng.ts'
import type { DatasetContext } from '../dataset.ts'
import type { TurnMessages } from './conversations.ts'
import { fillTurns } from './fill-turns.ts'
import { findLines, type LinePlace } from './line-places.ts'
import { mostLineBytes, openFile, readPiece } from './open-file.ts'
import { type DatasetOptions, mostPromptTokens, rangeOf } from './options.ts'
import { requireTokenizer } from './random-text.ts'
import { rotate } from './rotate.ts'
import { createSkippedLines, type SkippedLines } from './skipped-lines.ts'
import { readTrajectory } from './trajectory.ts'

/** The keys of `--dataset-args` that say what is made of a trajectory; the defaults are evalscope's. */
export const trajectoryOptions: DatasetOptions = {
  first_turn_length: { kind: 'range', min: 1, max: mostPromptTokens, help: 'tokens of the first turn (65000)' },
  subsequent_turn_length: {
    kind: 'range',
    min: 1,
    max: mostPromptTokens,
    help: 'tokens that each later turn adds (500)',
  },
  chars_per_token: {
    kind: 'number',
    above: 0,
    help: 'trajectories with less text than this makes are passed over (3)',
  },
}

interface Trajectory {
  readonly lineNumber: number
  readonly texts: readonly string[]
}

/**
 * One pass over the trajectories of a `.jsonl` file that are long enough, in an order drawn from the seed, from number
 * `offset` on. Those that run out before their last turn are left out, which the pass tells at its end.
 */
export async function* builtConversations(
  context: DatasetContext,
  file: string,
): AsyncGenerator<readonly TurnMessages[]> {
  const { settings, seed, say } = context
  const tokenizer = requireTokenizer(context)
  const minChars = fewestChars(context)
  const skipped = createSkippedLines(file, say)
  const handle = await openFile(file)
  const met = { rows: 0, longestBytes: 0, longestChars: 0 }
  let usedCount = 0
  let exhaustedCount = 0
  try {
    // A file of gigabytes must not be held in memory; a character takes at least a byte.
    const all = await findLines(handle, 1)
    // Blank lines may have a carriage return.
    met.rows = all.filter(({ bytes }) => bytes > 1).length
    met.longestBytes = all.reduce((most, { bytes }) => Math.max(most, bytes), 0)
    const places = shuffled(
      all.filter(({ bytes }) => bytes >= minChars),
      rngFor(seed, 'swe_smith order'),
    )
    const pass = (isFirst: boolean) =>
      longTrajectories({ file, handle, places }, minChars, isFirst ? { met, skipped } : undefined)
    for await (const { lineNumber, texts } of rotate(pass, settings.offset)) {
      const rng = rngFor(seed, 'swe_smith', lineNumber)
      const turns = fillTurns(texts, drawBudgets(context, rng), tokenizer, rng)
      if (turns === undefined) exhaustedCount++
      else usedCount++
      if (turns !== undefined) yield turns.map(turn => turn.map(content => ({ role: 'user', content })))
    }
  } finally {
    await handle.close()
  }
  if (usedCount === 0) throw new ArgumentsError(`${file} ${nothingFits(met, minChars, exhaustedCount, skipped)}`)
  const shortCount = met.rows - skipped.count - usedCount - exhaustedCount
  const left = [
    ...(shortCount > 0 ? [`${shortCount} too short (${minChars} characters of users and tools are needed)`] : []),
    ...(exhaustedCount > 0 ? [`${exhaustedCount} over before the last turn`] : []),
  ]
  if (left.length > 0) say(`${settings.spec}: ${usedCount} of ${met.rows} trajectories used; ${left.join(', ')}`)
}

/** What the first pass over a file has met. */
interface Met {
  rows: number
  longestBytes: number
  /** Of the rows that are long enough to be read. */
  longestChars: number
}

const nothingFits = (
  { rows, longestBytes, longestChars }: Met,
  minChars: number,
  exhaustedCount: number,
  { first, count }: SkippedLines,
): string => {
  const longest =
    longestChars > 0 ? `the longest of ${rows} has ${longestChars}` : `the longest row has ${longestBytes} bytes in all`
  const over = exhaustedCount > 0 ? `; ${exhaustedCount} with enough of them over before the last turn` : ''
  const bad = first === undefined ? '' : `; without any: ${count} (line ${first.number}: ${first.problem})`
  return (
    `has no trajectory that can be used: ${minChars} characters of users and tools are needed, ${longest}${over}${bad}; ` +
    'lower first_turn_length in --dataset-args or --max-turns'
  )
}

/** The lines of an open file, in the order in which they are taken. */
interface Rows {
  readonly file: string
  readonly handle: FileHandle
  readonly places: readonly LinePlace[]
}

async function* longTrajectories(
  rows: Rows,
  minChars: number,
  first: { readonly met: Met; readonly skipped: SkippedLines } | undefined,
): AsyncGenerator<Trajectory> {
  for (const place of rows.places) {
    const texts = await readTexts(rows, place)
    if (typeof texts === 'string') first?.skipped.skip(place.number, texts)
    if (texts === undefined || typeof texts === 'string') continue
    const chars = countChars(texts)
    if (first !== undefined) first.met.longestChars = Math.max(first.met.longestChars, chars)
    if (chars >= minChars) yield { lineNumber: place.number, texts }
  }
  first?.skipped.end()
}

const readTexts = async (
  { file, handle }: Rows,
  { start, bytes }: LinePlace,
): Promise<readonly string[] | string | undefined> => {
  if (bytes > mostLineBytes) return 'longer than 64 MiB'
  const line = await readPiece(handle, start, bytes, file)
  if (!isUtf8(line)) return 'not UTF-8'
  // Takes a byte-order mark away, too.
  const text = line.toString().trim()
  return text === '' ? undefined : readTrajectory(text)
}

const countChars = (texts: readonly string[]): number => texts.reduce((sum, text) => sum + text.length, 0)

/** What the longest conversation that may be drawn needs, so that few trajectories are tokenized in vain. */
const fewestChars = ({ settings }: DatasetContext): number => {
  const { first, subsequent, maxTurns } = turnBounds(settings)
  const charsPerToken = settings.args.chars_per_token ?? 3
  return Math.trunc((first.max + subsequent.max * (maxTurns - 1)) * Number(charsPerToken))
}

/** Tokens of each turn of a conversation: one length for the first, one for all others. */
const drawBudgets = ({ settings }: DatasetContext, rng: Rng): readonly number[] => {
  const { first, subsequent, maxTurns } = turnBounds(settings)
  const firstTokens = rng.integer(first.min, first.max)
  const laterTokens = rng.integer(subsequent.min, subsequent.max)
  const turns = rng.integer(settings.minTurns, maxTurns)
  return Array.from({ length: turns }, (_, index) => (index === 0 ? firstTokens : laterTokens))
}

const turnBounds = ({ args, minTurns, maxTurns }: DatasetContext['settings']) => ({
  first: rangeOf(args.first_turn_length, 65_000),
  subsequent: rangeOf(args.subsequent_turn_length, 500),
  maxTurns: maxTurns ?? minTurns,
})

/** Fisher and Yates: every order is as likely as any other. */
const shuffled = (places: readonly LinePlace[], rng: Rng): readonly LinePlace[] => {
  const order = [...places]
  for (let last = order.length - 1; last > 0; last--) {
    const other = rng.integer(0, last)
    const place = order[last] as LinePlace
    order[last] = order[other] as LinePlace
    order[other] = place
  }
  return order
}
