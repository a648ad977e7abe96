/**
 * The items of one pass from number `offset` on, then those in front of it; an offset beyond the end goes round. Items
 * are read again rather than kept: what a dataset makes of an item it makes after this.
 */
export async function* rotate<Item>(pass: () => AsyncIterable<Item>, offset: number): AsyncGenerator<Item> {
  let count = 0
  for await (const item of pass()) {
    if (count >= offset) yield item
    count++
  }
  if (count > offset) return yield* slice(pass(), 0, offset)
  if (count === 0) return
  yield* slice(pass(), offset % count, count)
  yield* slice(pass(), 0, offset % count)
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
