import { setTimeout as sleep } from 'node:timers/promises'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runClient, type Source, type SourceLoad, startSource } from '../bench/processes.mjs'
import { createWheel } from '../bench/source/wheel.mjs'
import { createRequestReader } from '../bench/source/wire.mjs'

describe('the benchmark of the client', () => {
  const tokens = 8
  const load: SourceLoad = {
    kind: 'stream',
    streams: 4,
    requests: 12,
    tokens,
    ratePerSec: 200,
    ttftMs: 20,
    record: true,
  }
  let source: Source
  beforeAll(async () => {
    source = await startSource()
  })
  afterAll(() => source.close())

  test.each([
    ['ours', 'lockstep'],
    ['bare', 'spread'],
    ['request', 'lockstep'],
  ] as const)('%s gets every chunk that the source sends, after it was sent', async (name, pace) => {
    const run = await runClient(source, name, { ...load, pace })
    expect(run.client).toMatchObject({ requests: 12, chunks: 12 * tokens })
    expect(run.source).toMatchObject({ requests: 12, chunks: 12 * tokens })
    const sent = new Map(run.source.streams.map(stream => [stream.id, stream]))
    for (const { id, sentMs, arrivalsMs } of run.client.streams) {
      const { arrivalMs, writesMs } = sent.get(id) as (typeof run.source.streams)[number]
      expect(arrivalMs).toBeGreaterThan(sentMs)
      // On a busy machine a read may bring two chunks.
      expect(arrivalsMs.length).toBeGreaterThan(0)
      expect(arrivalsMs.length).toBeLessThanOrEqual(tokens)
      for (const [i, ms] of arrivalsMs.entries()) {
        // Rows hold whole microseconds, two of which add up here.
        expect(ms).toBeGreaterThan((writesMs[i] as number) - 0.002)
        // One client and one source on a busy machine may be late, never early.
        expect(writesMs[i]).toBeGreaterThanOrEqual(arrivalMs + 20 + 5 * i - 0.001)
      }
    }
  })

  test('a held answer waits until it is measured what the client holds', async () => {
    const { client } = await runClient(source, 'fetch', { ...load, kind: 'plain', holdAt: 12 })
    expect(client).toMatchObject({ requests: 12, answers: 12 })
    expect(client.heldMb).toBeGreaterThan(1)
  })
})

test('a source that cannot keep its times says so', async () => {
  const wheel = createWheel({ intervalMs: 4, pace: 'lockstep' })
  let left = 10
  wheel.join(performance.now(), () => {
    for (const until = performance.now() + 8; performance.now() < until; );
    return --left > 0
  })
  for (const deadlineMs = performance.now() + 5000; left > 0 && performance.now() < deadlineMs; ) await sleep(5)
  expect(wheel.account.beats).toBe(10)
  expect(wheel.account.lateBeats).toBeGreaterThanOrEqual(8)
})

test('requests are read whole from any pieces', () => {
  const paths = ['/a', '/warm', '/v1/chat/completions']
  const request = (path: string) => `POST ${path} HTTP/1.1\r\nContent-Length: 3\r\nX-Request-Id: r${path}\r\n\r\n{ }`
  const text = paths.map(request).join('')
  fc.assert(
    fc.property(fc.array(fc.nat({ max: text.length })), cuts => {
      const seen: (string | undefined)[][] = []
      const read = createRequestReader((path, id) => seen.push([path, id]))
      let from = 0
      for (const cut of [...cuts.toSorted((a, b) => a - b), text.length]) {
        read(text.slice(from, cut))
        from = cut
      }
      expect(seen).toEqual(paths.map(path => [path, `r${path}`]))
    }),
  )
})
