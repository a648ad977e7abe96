// Node's own `fetch` and web streams, parsed as by the bare client.
import { readerFor } from './readers.mjs'
import { runSlots } from './slots.mjs'

/** Puts `load` on the source. */
export const run = (load, meter) => {
  const { origin } = new URL(load.url)
  const decoder = new TextDecoder()
  const isPlain = load.kind === 'plain'
  const ask = async (_, { path, ...options }, onBytes) => {
    const { body } = await fetch(origin + path, options)
    // Its bytes are no Buffer, whose `toString` the reader of streams uses.
    for await (const bytes of body) onBytes(isPlain ? bytes : decoder.decode(bytes))
  }
  return runSlots(load, meter, { ask, createReader: readerFor(load) })
}
