/** What is kept of an answer's body, in one buffer that grows: one copy of each piece, nothing for the garbage collector. */
export class BodyBytes {
  #bytes = Buffer.alloc(0)
  #length = 0

  /** Bytes that it has room for. */
  get room(): number {
    return this.#bytes.length
  }

  append(piece: Uint8Array): void {
    this.#reserve(piece.length)
    this.#bytes.set(piece, this.#length)
    this.#length += piece.length
  }

  /**
   * Appends one event's JSON, as an element of the array that `elementsJson` tells. Strings kept until the end would
   * cost three times as much in garbage collection.
   */
  appendElement(json: string): void {
    // A UTF-16 unit takes up to three bytes; a bracket or comma before it, a bracket after the last.
    this.#reserve(2 + 3 * json.length)
    this.#bytes[this.#length] = this.#length === 0 ? openingBracket : comma
    this.#length += 1 + this.#bytes.write(json, this.#length + 1)
  }

  /** The elements as a JSON array, made in one piece: a database would have to copy one of three. */
  elementsJson(): string {
    if (this.#length === 0) return '[]'
    this.#bytes[this.#length] = closingBracket
    return this.#bytes.toString('utf8', 0, this.#length + 1)
  }

  /** All of it, read as UTF-8. */
  text(): string {
    return this.#bytes.toString('utf8', 0, this.#length)
  }

  /** Forgets all; the room stays. */
  clear(): void {
    this.#length = 0
  }

  #reserve(count: number): void {
    const needed = this.#length + count
    if (needed <= this.#bytes.length) return
    const doubled = Math.min(2 * this.#bytes.length, this.#bytes.length + mostGrowthBytes)
    const grown = Buffer.allocUnsafeSlow(Math.max(needed, doubled, 4096))
    grown.set(this.#bytes.subarray(0, this.#length))
    this.#bytes = grown
  }
}

const comma = 0x2c
const openingBracket = 0x5b
const closingBracket = 0x5d
/** One of hundreds of MB is not to take twice as many. */
const mostGrowthBytes = 32 * 1024 * 1024
/** Bodies that grew larger than this are not used again. */
const mostRoomBytes = 1024 * 1024

/** Bodies to be used again: as many as requests were under way at once. */
export class BodyPool {
  readonly #idle: BodyBytes[] = []

  /** An empty one. */
  take(): BodyBytes {
    return this.#idle.pop() ?? new BodyBytes()
  }

  /** Takes one back that nobody reads any more. */
  give(body: BodyBytes): void {
    body.clear()
    if (body.room <= mostRoomBytes) this.#idle.push(body)
  }
}
