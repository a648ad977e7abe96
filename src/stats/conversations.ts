import { isCutOff, type RequestRecord } from '../model/record.ts'
import { type AnsweredTurn, answeredTurn } from './conversation-figures.ts'
import { ConversationSamples } from './conversation-samples.ts'
import { ttftUs } from './metrics.ts'

/** Whole-number sums over turns: adding two sets of them is merging. */
const emptyCounts = () => ({
  begun: 0,
  /** Came to their last turn. */
  whole: 0,
  abandoned: 0,
  /** Turns that have, or would have had, another one before or after them. */
  turnsOfSeveral: 0,
  successes: 0,
  /** Σ turn number over successes. */
  turnNumbers: 0,
  /** Over successful streams. */
  firstTtftUs: 0,
  firstTtfts: 0,
  laterTtftUs: 0,
  laterTtfts: 0,
})

type Counts = ReturnType<typeof emptyCounts>

const countNames = Object.keys(emptyCounts()) as readonly (keyof Counts)[]

/** A conversation of which turns are missing. */
interface UnderWay {
  /** Turns seen, failed ones included. */
  seen: number
  /** The turn that ended it, once seen: the last one, or one that failed. */
  ended: number | undefined
  readonly answered: AnsweredTurn[]
}

/**
 * Groups the turns of a run by conversation. Keeps those under way, and of one that is over its figures alone: after its
 * last turn or a failed one, when all turns up to it were seen. Turns whose tokens are counted after the run come late,
 * so neither the order of turns nor a split of the run makes a difference.
 */
export class Conversations {
  readonly #over = new ConversationSamples()
  readonly #underWay = new Map<string, UnderWay>()
  readonly #counts = emptyCounts()

  get counts(): Readonly<Counts> {
    return this.#counts
  }

  /** Conversations of which turns are kept. */
  get underWay(): number {
    return this.#underWay.size
  }

  /** Whether any conversation has several turns. */
  get haveSeveralTurns(): boolean {
    return this.#counts.turnsOfSeveral > 0
  }

  /** Of all conversations, those under way with what they have. */
  get samples(): ConversationSamples {
    if (this.#underWay.size === 0) return this.#over
    const all = new ConversationSamples()
    all.merge(this.#over)
    for (const { answered } of this.#underWay.values()) all.add(answered)
    return all
  }

  /** Takes a measured record. */
  add(record: RequestRecord): void {
    countTurn(this.#counts, record)
    const { turn, isLastTurn, failure } = record
    const part = {
      seen: 1,
      ended: isLastTurn || failure !== undefined ? turn : undefined,
      answered: failure === undefined ? [answeredTurn(record)] : [],
    }
    // A plain prompt, which the map need not know.
    if (part.ended === 1) this.#over.add(part.answered)
    else this.#join(record.conversationId, part)
  }

  merge(other: Conversations): void {
    for (const name of countNames) this.#counts[name] += other.#counts[name]
    this.#over.merge(other.#over)
    for (const [id, part] of other.#underWay) this.#join(id, { ...part, answered: [...part.answered] })
  }

  #join(id: string, part: UnderWay): void {
    const known = this.#underWay.get(id)
    if (known === undefined) {
      this.#underWay.set(id, part)
      return
    }
    known.seen += part.seen
    known.ended ??= part.ended
    known.answered.push(...part.answered)
    if (known.seen !== known.ended) return
    this.#underWay.delete(id)
    this.#over.add(known.answered)
  }
}

const countTurn = (counts: Counts, record: RequestRecord): void => {
  const { turn, isLastTurn, failure } = record
  if (turn === 1) counts.begun++
  if (turn > 1 || !isLastTurn) counts.turnsOfSeveral++
  if (failure !== undefined) {
    if (!isCutOff(record)) counts.abandoned++
    return
  }
  if (isLastTurn) counts.whole++
  counts.successes++
  counts.turnNumbers += turn
  const ttft = ttftUs(record)
  if (ttft === undefined) return
  counts[turn === 1 ? 'firstTtftUs' : 'laterTtftUs'] += ttft
  counts[turn === 1 ? 'firstTtfts' : 'laterTtfts']++
}
