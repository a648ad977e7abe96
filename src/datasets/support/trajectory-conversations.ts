import { ArgumentsError } from '../../errors.ts'
import { type Rng, rngFor } from '../../stats/rng.ts'
import type { DatasetContext } from '../dataset.ts'
import type { TurnMessages } from './conversations.ts'
import { fillTurns } from './fill-turns.ts'
import { type DatasetOptions, mostPromptTokens, rangeOf } from './options.ts'
import { requireTokenizer } from './random-text.ts'
import { rotate } from './rotate.ts'
import { createSkippedLines, type SkippedLines } from './skipped-lines.ts'
import type { RowFiles } from './trajectory-files.ts'
import { openTrajectoryLines } from './trajectory-lines.ts'
import type { TrajectoryRows } from './trajectory-rows.ts'
import { openTrajectoryTables } from './trajectory-tables.ts'

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
  readonly number: number
  readonly texts: readonly string[]
}

/**
 * One pass over the trajectories of files that are long enough, in an order drawn from the seed, from number `offset`
 * on. Those that run out before their last turn are left out, which the pass tells at its end.
 */
export async function* builtConversations(
  context: DatasetContext,
  found: RowFiles,
): AsyncGenerator<readonly TurnMessages[]> {
  const { settings, seed, say } = context
  const tokenizer = requireTokenizer(context)
  const minChars = fewestChars(context)
  const rows = await openRows(found, minChars, seed)
  const skipped = createSkippedLines(found.path, say, rows.unit)
  const met: Met = { longestChars: 0, exhaustedCount: 0 }
  let usedCount = 0
  try {
    const pass = (isFirst: boolean) => longTrajectories(rows, minChars, isFirst ? { met, skipped } : undefined)
    for await (const { number, texts } of rotate(pass, settings.offset)) {
      const rng = rngFor(seed, 'swe_smith', number)
      const turns = fillTurns(texts, drawBudgets(context, rng), tokenizer, rng)
      if (turns === undefined) met.exhaustedCount++
      else usedCount++
      if (turns !== undefined) yield turns.map(turn => turn.map(content => ({ role: 'user', content })))
    }
  } finally {
    await rows.close()
  }
  if (usedCount === 0) throw new ArgumentsError(`${found.path} ${nothingFits(rows, minChars, met, skipped)}`)
  const shortCount = rows.count - skipped.count - usedCount - met.exhaustedCount
  const left = [
    ...(shortCount > 0 ? [`${shortCount} too short (${minChars} characters of users and tools are needed)`] : []),
    ...(met.exhaustedCount > 0 ? [`${met.exhaustedCount} over before the last turn`] : []),
  ]
  if (left.length > 0) say(`${settings.spec}: ${usedCount} of ${rows.count} trajectories used; ${left.join(', ')}`)
}

/** A character takes at least a byte. */
const openRows = (found: RowFiles, minBytes: number, seed: number): Promise<TrajectoryRows> =>
  found.form === 'lines'
    ? openTrajectoryLines(found.file, minBytes, seed)
    : openTrajectoryTables(found.files, minBytes, seed)

/** What the first pass has met. */
interface Met {
  /** Of the rows that are long enough to be read. */
  longestChars: number
  /** Over before the last turn. */
  exhaustedCount: number
}

const nothingFits = (
  { count, longestBytes, unit }: TrajectoryRows,
  minChars: number,
  { longestChars, exhaustedCount }: Met,
  skipped: SkippedLines,
): string => {
  const longest =
    longestChars > 0
      ? `the longest of ${count} has ${longestChars}`
      : `the longest row has ${longestBytes} bytes in all`
  const over = exhaustedCount > 0 ? `; ${exhaustedCount} with enough of them over before the last turn` : ''
  const { first } = skipped
  const bad = first === undefined ? '' : `; without any: ${skipped.count} (${unit} ${first.number}: ${first.problem})`
  return (
    `has no trajectory that can be used: ${minChars} characters of users and tools are needed, ${longest}${over}${bad}; ` +
    'lower first_turn_length in --dataset-args or --max-turns'
  )
}

async function* longTrajectories(
  rows: TrajectoryRows,
  minChars: number,
  first: { readonly met: Met; readonly skipped: SkippedLines } | undefined,
): AsyncGenerator<Trajectory> {
  for await (const { number, place, texts } of rows.pass()) {
    if (typeof texts === 'string') {
      first?.skipped.skip(number, texts, place)
      continue
    }
    const chars = texts.reduce((sum, text) => sum + text.length, 0)
    if (first !== undefined) first.met.longestChars = Math.max(first.met.longestChars, chars)
    if (chars >= minChars) yield { number, texts }
  }
  first?.skipped.end()
}

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
