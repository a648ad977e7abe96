const toldLines = 3

/** Tells the user which lines of a file are skipped, and why: the first three, each once, and then how many. */
export class SkippedLines {
  readonly #file: string
  readonly #say: (line: string) => void
  readonly #numbers = new Set<number>()
  #isSummedUp = false

  constructor(file: string, say: (line: string) => void) {
    this.#file = file
    this.#say = say
  }

  get count(): number {
    return this.#numbers.size
  }

  add(number: number, reason: string): void {
    if (this.#numbers.has(number)) return
    this.#numbers.add(number)
    if (this.count <= toldLines) this.#say(`${this.#file}:${number}: line skipped, ${reason}`)
  }

  /** Every line has been seen: says how many were skipped, unless each was told. */
  sumUp(): void {
    if (this.count > toldLines && !this.#isSummedUp) this.#say(`${this.#file}: ${this.count} lines skipped in all`)
    this.#isSummedUp = true
  }
}
