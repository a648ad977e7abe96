import { ArgumentsError } from '../../errors.ts'

/** Bad lines of which the numbers are told. */
const mostTold = 100

/** The bad lines of a file: the first hundred with their numbers, the rest counted. */
export class BadLines {
  readonly #linesByProblem = new Map<string, number[]>()
  #count = 0

  /** Adds line `number`; `problem` says in a few words what is wrong with it. */
  add(number: number, problem: string): void {
    if (++this.#count > mostTold) return
    const lines = this.#linesByProblem.get(problem)
    if (lines === undefined) this.#linesByProblem.set(problem, [number])
    else lines.push(number)
  }

  /** Throws one `ArgumentsError` for all of them, in one line; nothing where there are none. */
  throwIfAny(file: string): void {
    if (this.#count === 0) return
    const problems = [...this.#linesByProblem].map(
      ([problem, lines]) => `${problem} (line${lines.length > 1 ? 's' : ''} ${lines.join(', ')})`,
    )
    const more = this.#count > mostTold ? `; and ${this.#count - mostTold} more` : ''
    const count = this.#count === 1 ? '1 bad line' : `${this.#count} bad lines`
    throw new ArgumentsError(
      `${file} has ${count}, mend or remove ${this.#count === 1 ? 'it' : 'them'}: ${problems.join('; ')}${more}`,
    )
  }
}
