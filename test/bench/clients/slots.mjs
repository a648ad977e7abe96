import { performance } from 'node:perf_hooks'
import { machineOffsetMs } from '../clock.mjs'
import { readNothing } from './readers.mjs'

/** What every client asks. */
export const promptText = 'Why is the sky blue?'

/** The body that the clients written for the comparison send: the fields that ours sends. */
export const requestBody = ({ kind }) =>
  JSON.stringify({
    messages: [{ role: 'user', content: promptText }],
    model: 'm',
    max_tokens: 2048,
    ...(kind === 'plain' ? { stream: false } : { stream: true, stream_options: { include_usage: true } }),
  })

/** Where the load is sent. */
export const loadPath = '/v1/chat/completions'
const warmPath = '/warm'

/**
 * Puts `load` on the source, `load.streams` requests at a time: opens every connection first, as ours does, then starts
 * the meter. `ask(slot, options, onBytes)` sends one request and resolves at the end of its answer.
 */
export const runSlots = async (load, meter, { ask, createReader, close = async () => {} }) => {
  const body = requestBody(load)
  const headers = { 'content-type': 'application/json', authorization: 'Bearer none' }
  const slots = Array.from({ length: load.streams }, (_, slot) => slot)
  await Promise.all(slots.map(slot => ask(slot, { path: warmPath, method: 'POST', headers, body }, () => {})))
  const counts = { chunks: 0, answers: 0 }
  const streams = []
  const offsetMs = machineOffsetMs()
  const send = async (slot, index) => {
    const reader = createReader(counts)
    const id = String(index)
    const options = { path: loadPath, method: 'POST', headers: { ...headers, 'x-request-id': id }, body }
    let onBytes = reader.take
    if (load.record) {
      const arrivalsMs = []
      streams.push({ id, sentMs: performance.now() + offsetMs, arrivalsMs })
      onBytes = bytes => {
        if (arrivalsMs.length < load.tokens) arrivalsMs.push(performance.now() + offsetMs)
        reader.take(bytes)
      }
    }
    await ask(slot, options, onBytes)
    reader.end()
  }
  let next = 0
  const fill = async slot => {
    while (next < load.requests) await send(slot, next++)
  }
  meter.begin()
  await Promise.all(slots.map(fill))
  meter.end()
  await close()
  return { requests: load.requests, streams, ...(createReader === readNothing ? {} : counts) }
}
