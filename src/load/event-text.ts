const openBracket = 0x5b
const comma = 0x2c

/**
 * The JSON array of an answer's events, written as they come. One buffer for each answer: keeping the payloads as
 * strings until the end, each with the read it was cut from, cost 1 us a chunk in garbage collection alone.
 */
export class EventText {
  #bytes = Buffer.alloc(0)
  #length = 0

  /** Adds one event, JSON text as it came. */
  add(json: string): void {
    // No character takes more than three bytes of UTF-8 per UTF-16 unit; the two are bracket and comma.
    const needed = this.#length + 3 * json.length + 2
    if (needed > this.#bytes.length) this.#grow(needed)
    this.#bytes[this.#length] = this.#length === 0 ? openBracket : comma
    this.#length += 1 + this.#bytes.write(json, this.#length + 1)
  }

  /** `[…]`, the events in their order. */
  toString(): string {
    return this.#length === 0 ? '[]' : `${this.#bytes.toString('utf8', 0, this.#length)}]`
  }

  #grow(needed: number): void {
    const grown = Buffer.allocUnsafeSlow(Math.max(needed, 2 * this.#bytes.length, 4096))
    this.#bytes.copy(grown, 0, 0, this.#length)
    this.#bytes = grown
  }
}
