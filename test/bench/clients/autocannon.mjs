// autocannon: an HTTP load tester for Node, which parses no events. No dependency of ours: used where it is installed.
import { createRequire } from 'node:module'
import { loadPath, requestBody } from './slots.mjs'

/** Puts `load` on the source; its connections are opened within what is measured. */
export const run = async (load, meter) => {
  const autocannon = createRequire(import.meta.url)('autocannon')
  const { streams, requests, url } = load
  meter.begin()
  const result = await autocannon({
    url: new URL(url).origin + loadPath,
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: requestBody(load),
    connections: streams,
    amount: requests,
    timeout: 60,
  })
  meter.end()
  return { requests: result['2xx'], streams: [] }
}
