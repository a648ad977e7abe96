import { Client } from 'undici'
import { runSlots } from './slots.mjs'

/** undici clients of one connection each, without limits of time. */
export const createClients = ({ streams, url }) => {
  const { origin } = new URL(url)
  return Array.from({ length: streams }, () => new Client(origin, { bodyTimeout: 0, headersTimeout: 0 }))
}

/** Puts `load` on the source with undici's `dispatch`. */
export const runDispatch = (load, meter, createReader) => {
  const clients = createClients(load)
  const ask = (slot, options, onBytes) =>
    new Promise((resolve, reject) => {
      clients[slot].dispatch(options, {
        onRequestStart: () => {},
        onResponseStart: () => {},
        onResponseData: (_, bytes) => onBytes(bytes),
        onResponseEnd: () => resolve(),
        onResponseError: (_, error) => reject(error),
      })
    })
  const close = async () => {
    await Promise.all(clients.map(client => client.destroy()))
  }
  return runSlots(load, meter, { ask, createReader, close })
}
