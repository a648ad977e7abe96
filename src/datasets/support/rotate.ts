/** Reads items from their start; `isFirst` tells whether they have not been read before, and may be spoken of. */
type Pass<Item> = (isFirst: boolean) => AsyncIterable<Item>

/**
 * The items of one pass from number `offset` on, then those in front of it; an offset beyond the end goes round. Items
 * are read again rather than kept, so the dear part of making a conversation comes after this.
 */
export async function* rotate<Item>(pass: Pass<Item>, offset: number): AsyncGenerator<Item> {
  let count = 0
  for await (const item of pass(true)) {
    if (count >= offset) yield item
    count++
  }
  if (count === 0) return
  const start = offset % count
  if (count <= offset) yield* slice(pass(false), start, count)
  yield* slice(pass(false), 0, start)
}

async function* slice<Item>(items: AsyncIterable<Item>, start: number, end: number): AsyncGenerator<Item> {
  // Else the first item would be read, only to be thrown away.
  if (start >= end) return
  let index = 0
  for await (const item of items) {
    if (index >= start) yield item
    if (++index >= end) return
  }
}
