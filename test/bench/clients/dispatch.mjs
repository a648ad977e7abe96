import { performance } from 'node:perf_hooks'
import { Client } from 'undici'
import { machineOffsetMs } from '../clock.mjs'
import { addresses, fillSlots, requestBody } from './slots.mjs'

const dispatch = (client, options, { onData, onEnd }) =>
  new Promise((resolve, reject) => {
    client.dispatch(options, {
      onRequestStart: () => {},
      onResponseStart: () => {},
      onResponseData: (_, bytes) => onData(bytes),
      onResponseEnd: () => {
        onEnd()
        resolve()
      },
      onResponseError: (_, error) => reject(error),
    })
  })

const nothing = () => {}

/** Puts `load` on the source with undici's `dispatch`; `createReader(counts)` makes what takes each answer's bytes. */
export const runDispatch = async (load, meter, createReader) => {
  const { origin, path, warmPath } = addresses(load)
  const body = requestBody(load)
  const headers = { 'content-type': 'application/json', authorization: 'Bearer none' }
  const clients = Array.from(
    { length: load.streams },
    () => new Client(origin, { bodyTimeout: 0, headersTimeout: 0, pipelining: 1 }),
  )
  const warm = client =>
    dispatch(client, { path: warmPath, method: 'POST', headers, body }, { onData: nothing, onEnd: nothing })
  await Promise.all(clients.map(warm))
  const counts = { chunks: 0 }
  const streams = []
  const offsetMs = machineOffsetMs()
  const send = (slot, index) => {
    const reader = createReader(counts)
    const options = { path, method: 'POST', headers: { ...headers, 'x-request-id': String(index) }, body }
    if (!load.record) return dispatch(clients[slot], options, { onData: reader.data, onEnd: reader.end })
    const stamps = []
    streams.push({ id: String(index), sentMs: performance.now() + offsetMs, stamps })
    const onData = bytes => {
      stamps.push(performance.now() + offsetMs)
      reader.data(bytes)
    }
    return dispatch(clients[slot], options, { onData, onEnd: reader.end })
  }
  meter.begin()
  await fillSlots(load, send)
  meter.end()
  await Promise.all(clients.map(client => client.destroy()))
  return {
    ...counts,
    requests: load.requests,
    streams: streams.map(({ stamps, ...each }) => ({ ...each, arrivalsMs: stamps.slice(0, load.tokens) })),
  }
}
