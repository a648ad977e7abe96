/** The items with the highest scores of all that were added, in memory for twice as many. */
export class KeepBest<T> {
  readonly #limit: number
  #kept: { readonly score: number; readonly item: T }[] = []
  /** The lowest score that was kept when there were enough: who comes later with no more is not among the best. */
  #least = Number.NEGATIVE_INFINITY

  constructor(limit: number) {
    this.#limit = limit
  }

  add(score: number, item: T): void {
    if (score <= this.#least) return
    this.#kept.push({ score, item })
    if (this.#kept.length >= 2 * this.#limit + 100) this.#cut()
  }

  /** Highest first; the one that came first wins a tie. */
  list(): readonly T[] {
    this.#cut()
    return this.#kept.map(({ item }) => item)
  }

  #cut(): void {
    this.#kept.sort((a, b) => b.score - a.score)
    this.#kept.length = Math.min(this.#kept.length, this.#limit)
    if (this.#kept.length === this.#limit) this.#least = this.#kept.at(-1)?.score ?? this.#least
  }
}
