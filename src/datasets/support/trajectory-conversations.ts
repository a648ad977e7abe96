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
  let usedCount = 0
  let exhaustedCount = 0
  try {
    // A file of gigabytes must not be held in memory; a character takes at least a byte.
    const places = shuffled(await findLines(handle, Math.max(1, minChars)), rngFor(seed, 'swe_smith order'))
    const pass = (isFirst: boolean) =>
      longTrajectories({ file, handle, places }, minChars, isFirst ? skipped : undefined)
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
  if (usedCount === 0) throw new ArgumentsError(`${file} ${nothingFits(minChars, exhaustedCount, skipped)}`)
  if (exhaustedCount === 0) return
  say(
    `${settings.spec}: ${usedCount} trajectories used; ${exhaustedCount} ran out before their last turn and are left out`,
  )
}

const nothingFits = (minChars: number, exhaustedCount: number, { first, count }: SkippedLines): string => {
  const bad = first === undefined ? '' : `; ${count} lines hold none (line ${first.number}: ${first.problem})`
  return (
    `has no trajectory that can be used: ${minChars} characters of users and tools are needed, and ${exhaustedCount} ` +
    `that have them ran out before their last turn${bad}; lower first_turn_length in --dataset-args or --max-turns`
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
  skipped: SkippedLines | undefined,
): AsyncGenerator<Trajectory> {
  for (const place of rows.places) {
    const texts = await readTexts(rows, place)
    if (typeof texts === 'string') skipped?.skip(place.number, texts)
    else if (texts !== undefined && countChars(texts) >= minChars) yield { lineNumber: place.number, texts }
  }
  skipped?.end()
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
