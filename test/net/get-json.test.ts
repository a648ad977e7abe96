import { afterEach, expect, test } from 'vitest'
import { getJson } from '../../src/net/get-json.ts'
import { planFor } from '../support/ask.ts'
import { plainAnswer, type RawServer, startRawServer } from '../support/raw-server.ts'

let server: RawServer
afterEach(() => server.close())

/** Asks, and stops after 50 ms. */
const askBriefly = async (url: string, change: object = {}) => {
  const stop = new AbortController()
  setTimeout(() => stop.abort(), 50)
  const startedMs = performance.now()
  const outcome = await getJson(url, { ...planFor(url).target, ...change }, stop.signal)
  return { outcome, tookMs: performance.now() - startedMs }
}

test('a document is asked for', async () => {
  server = await startRawServer(socket => void socket.write(plainAnswer('200 OK', 'application/json', '{"a":1}')))
  expect((await askBriefly(server.url)).outcome).toEqual({ value: { a: 1 } })
})

test.each([
  ['a server that says nothing', 'http:', {}],
  ['a peer that never answers the TLS greeting', 'https:', {}],
])('%s is not waited for once the run is stopped', async (_, protocol, change) => {
  server = await startRawServer(() => {})
  const { outcome, tookMs } = await askBriefly(server.url.replace('http:', protocol), change)
  expect(outcome).toHaveProperty('failure')
  expect(tookMs).toBeLessThan(1500)
})

test('a proxy that never opens its tunnel is not waited for either', async () => {
  server = await startRawServer(() => {})
  const proxyUrl = new URL(server.url).origin
  const { outcome, tookMs } = await askBriefly('https://model.invalid/v1/models', { proxyUrl })
  expect(outcome).toHaveProperty('failure')
  expect(tookMs).toBeLessThan(1500)
})
