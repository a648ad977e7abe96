// undici's `request`, its body read with `for await`, parsed as by the bare client.
import { createClients } from './dispatch.mjs'
import { readerFor } from './readers.mjs'
import { runSlots } from './slots.mjs'

/** Puts `load` on the source. */
export const run = (load, meter) => {
  const clients = createClients(load)
  const ask = async (slot, options, onBytes) => {
    const { body } = await clients[slot].request(options)
    for await (const bytes of body) onBytes(bytes)
  }
  const close = async () => {
    await Promise.all(clients.map(client => client.destroy()))
  }
  return runSlots(load, meter, { ask, createReader: readerFor(load), close })
}
