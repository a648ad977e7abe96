import { createSseReader } from '../net/sse.ts'

/** The bytes of an answer's body in one buffer that grows: one copy of each read, nothing for the garbage collector. */
export class BodyBytes {
  #bytes = Buffer.alloc(0)
  #length = 0

  get length(): number {
    return this.#length
  }

  append(piece: Uint8Array): void {
    const needed = this.#length + piece.length
    if (needed > this.#bytes.length) this.#grow(needed)
    this.#bytes.set(piece, this.#length)
    this.#length = needed
  }

  /** Bytes from one offset up to another, where they are: until the next `append` or `clear`. */
  view(from: number, to: number): Buffer {
    return this.#bytes.subarray(from, to)
  }

  /** Forgets all; the room stays. */
  clear(): void {
    this.#length = 0
  }

  /**
   * The first `count` events of the stream, as a JSON array. Read out of the bytes a second time: keeping the payloads
   * as strings from the first costs more than three times as much in garbage collection.
   */
  eventsJson(count: number): string {
    const payloads: string[] = []
    const reader = createSseReader(payload => {
      if (payloads.length < count) payloads.push(payload)
    })
    reader.feed(this.view(0, this.#length))
    reader.end()
    return `[${payloads.join(',')}]`
  }

  #grow(needed: number): void {
    const grown = Buffer.allocUnsafeSlow(Math.max(needed, 2 * this.#bytes.length, 4096))
    grown.set(this.view(0, this.#length))
    this.#bytes = grown
  }
}
