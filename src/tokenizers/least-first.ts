/** A queue of numbers that gives the least one first: a binary heap, used again and again. */
export class LeastFirst {
  #numbers = new Float64Array(64)
  #count = 0

  push(number: number): void {
    if (this.#count === this.#numbers.length) this.#grow()
    const numbers = this.#numbers
    let index = this.#count++
    while (index > 0) {
      const above = (index - 1) >> 1
      const other = numbers[above] as number
      if (other <= number) break
      numbers[index] = other
      index = above
    }
    numbers[index] = number
  }

  /** Takes the least out; undefined when there is none. */
  pop(): number | undefined {
    if (this.#count === 0) return undefined
    const numbers = this.#numbers
    const least = numbers[0]
    const count = --this.#count
    const last = numbers[count] as number
    let index = 0
    for (let below = 1; below < count; below = 2 * index + 1) {
      if (below + 1 < count && (numbers[below + 1] as number) < (numbers[below] as number)) below++
      const other = numbers[below] as number
      if (other >= last) break
      numbers[index] = other
      index = below
    }
    numbers[index] = last
    return least
  }

  #grow(): void {
    const grown = new Float64Array(2 * this.#numbers.length)
    grown.set(this.#numbers)
    this.#numbers = grown
  }
}
