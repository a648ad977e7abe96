/** Something that happens at a time, in ms. */
export interface Due {
  dueMs: number
}

/** Whatever is due, earliest first (a binary heap); changing `dueMs` of an item inside is not allowed. */
export class DueQueue<T extends Due> {
  readonly #heap: T[] = []

  get size(): number {
    return this.#heap.length
  }

  /** Time of the earliest item; Infinity when there is none. */
  get nextMs(): number {
    return this.#heap[0]?.dueMs ?? Infinity
  }

  push(item: T): void {
    const heap = this.#heap
    let at = heap.length
    while (at > 0) {
      const above = (at - 1) >> 1
      const parent = heap[above]
      if (parent === undefined || parent.dueMs <= item.dueMs) break
      heap[at] = parent
      at = above
    }
    heap[at] = item
  }

  /** Takes out the earliest item. */
  pop(): T | undefined {
    const heap = this.#heap
    const first = heap[0]
    const last = heap.pop()
    if (last !== undefined && last !== first) this.#sink(last)
    return first
  }

  #sink(item: T): void {
    const heap = this.#heap
    let at = 0
    for (;;) {
      const left = heap[2 * at + 1]
      const right = heap[2 * at + 2]
      if (left === undefined) break
      const takeRight = right !== undefined && right.dueMs < left.dueMs
      const child = takeRight ? right : left
      if (child.dueMs >= item.dueMs) break
      heap[at] = child
      at = 2 * at + (takeRight ? 2 : 1)
    }
    heap[at] = item
  }
}
