import { ArgumentsError } from '../../errors.ts'

/** Bad lines of which the numbers are told. */
const mostTold = 100

/** What is wrong with a line, in a few words, the same for all lines of that kind. */
export interface LineProblem {
  readonly what: string
  /** What this line has there, fit to be shown. */
  readonly has?: string | undefined
}

interface Told {
  /** What the first line has. */
  readonly has: string | undefined
  readonly lines: number[]
}

/** The bad lines of a file: the first hundred with their numbers, the rest counted. */
export class BadLines {
  readonly #toldByProblem = new Map<string, Told>()
  #count = 0

  /** Adds line `number`. */
  add(number: number, { what, has }: LineProblem): void {
    if (++this.#count > mostTold) return
    const told = this.#toldByProblem.get(what)
    if (told === undefined) this.#toldByProblem.set(what, { has, lines: [number] })
    else told.lines.push(number)
  }

  /** Throws one `ArgumentsError` for all of them, in one line; nothing where there are none. */
  throwIfAny(file: string): void {
    if (this.#count === 0) return
    const problems = [...this.#toldByProblem].map(([problem, told]) => `${problem} (${placesText(told)})`)
    const more = this.#count > mostTold ? `; and ${this.#count - mostTold} more` : ''
    const count = this.#count === 1 ? '1 bad line' : `${this.#count} bad lines`
    throw new ArgumentsError(
      `${file} has ${count}, mend or remove ${this.#count === 1 ? 'it' : 'them'}: ${problems.join('; ')}${more}`,
    )
  }
}

/** `line 3 has "x"`, or `lines 3, 5-7; line 3 has "x"`. */
const placesText = ({ has, lines }: Told): string => {
  const first = `line ${lines[0]}${has === undefined ? '' : ` has ${has}`}`
  if (lines.length === 1) return first
  return `lines ${rangesText(lines)}${has === undefined ? '' : `; ${first}`}`
}

/** `1-3, 5, 7, 8` for ascending numbers. */
const rangesText = (numbers: readonly number[]): string => {
  const ranges: { readonly from: number; to: number }[] = []
  for (const number of numbers) {
    const last = ranges.at(-1)
    if (last?.to === number - 1) last.to = number
    else ranges.push({ from: number, to: number })
  }
  return ranges
    .map(({ from, to }) => (from === to ? `${from}` : `${from}${to === from + 1 ? ', ' : '-'}${to}`))
    .join(', ')
}
