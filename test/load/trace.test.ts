import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import type { Dataset } from '../../src/datasets/dataset.ts'
import { workloadTrace } from '../../src/datasets/workload-trace.ts'
import { neverStops } from '../../src/load/stop.ts'
import type { RunPlan } from '../../src/model/run-plan.ts'
import { createContext } from '../datasets/context.ts'
import { planFor } from '../support/ask.ts'
import { load } from '../support/load.ts'
import {
  chatChunk,
  done,
  event,
  httpChunk,
  lastChunk,
  type SeenRequest,
  startRawServer,
  streamHead,
} from '../support/raw-server.ts'

const root = realpathSync(mkdtempSync(join(tmpdir(), 'trace-load-')))
afterAll(() => rmSync(root, { recursive: true }))

const answer = streamHead + httpChunk(event(chatChunk({ content: 'A' }, 'stop')) + done) + lastChunk

/** A prepared dataset of these lines. */
const traceOf = async (lines: readonly string[], args = {}): Promise<Dataset> => {
  const path = join(root, 'trace.jsonl')
  writeFileSync(path, lines.join('\n'))
  return (await workloadTrace.prepare?.(createContext({ path, args }))) as Dataset
}

const request: RunPlan['request'] = { chosen: {}, defaults: {}, extraArgs: {}, queryTemplate: undefined }

/** Replays the trace to a server that keeps what it hears, and answers unless `isSilent`. */
const replay = async (dataset: Dataset, change: Partial<RunPlan>, isSilent = false) => {
  const server = await startRawServer(socket => {
    if (!isSilent) socket.write(answer)
  })
  try {
    const loaded = await load(planFor(server.url, { load: { kind: 'trace' }, request, ...change }), { dataset })
    return { ...loaded, seen: server.seen as readonly SeenRequest[] }
  } finally {
    await server.close()
  }
}

const bodyAt = (n: number): string =>
  `{ "stream":true, "n" : ${n}.0, "messages":[{"content":"h\\u00e9 é 🙂 \u2028","role":"user"}], "stream_options":{"include_usage":true}}`

const lineAt = (n: number, sec: number, more = ''): string => `{"timestamp":${sec},"body":${bodyAt(n)}${more}}`

const headersOf = ({ head }: SeenRequest): Record<string, string> =>
  Object.fromEntries(
    head
      .split('\r\n')
      .slice(1)
      .map(line => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
  )

test.each([1, 2])(
  'bodies arrive to the byte and in the order of their times, with their headers; threads: %d',
  async workers => {
    const headers = ',"headers":{"X-Tenant":"a","Connection":"close","Content-Length":"3"},"request_id":"prod-7"'
    const lines = [lineAt(2, 10.06), lineAt(0, 10), lineAt(1, 10.03, headers), lineAt(3, 10.09)]
    const { seen, records } = await replay(await traceOf(lines), { number: 4, workers })
    expect(seen.map(({ body }) => body)).toEqual([0, 1, 2, 3].map(bodyAt))
    expect(headersOf(seen[1] as SeenRequest)).toMatchObject({
      'x-tenant': 'a',
      'x-request-id': 'prod-7',
      'content-type': 'application/json',
      'content-length': String(Buffer.byteLength(bodyAt(1))),
    })
    expect(headersOf(seen[1] as SeenRequest).connection).not.toBe('close')
    expect(headersOf(seen[0] as SeenRequest)).not.toHaveProperty('x-tenant')
    expect(records.filter(({ failure }) => failure !== undefined)).toEqual([])
  },
)

test('the schedule is that of the trace; the warm-up takes the first, and the clock starts anew at the next', async () => {
  const secs = [0, 0.02, 0.5, 0.52, 0.58, 0.58]
  const dataset = await traceOf(
    secs.map((sec, n) => lineAt(n, sec)),
    { speed: 2 },
  )
  const { records, warmup, watch, startMs } = await replay(dataset, { number: 4, warmupNumber: 2 })
  const wanted = (list: typeof records) => {
    const times = list.toSorted((a, b) => a.index - b.index).map(({ scheduledUs }) => scheduledUs / 1000)
    return times.map(time => Math.round(time - (times[0] as number)))
  }
  expect(wanted(warmup)).toEqual([0, 10])
  expect(wanted(records)).toEqual([0, 10, 40, 40])
  expect(records[0]?.scheduledUs).toBeDefined()
  expect(Math.max(...records.map(({ sentUs, scheduledUs }) => sentUs - scheduledUs))).toBeLessThan(50_000)
  // The first measured one is not kept waiting for the gap behind the warm-up.
  expect(watch.schedule?.outcome).toEqual({ overdueRequests: 0, drawnRatePerSec: expect.closeTo(3 / 0.04, 6) })
  expect(startMs).toBeGreaterThan(0)
})

test('a trace is replayed once, however many are asked for', async () => {
  const { records, watch } = await replay(await traceOf([lineAt(0, 0), lineAt(1, 0.01)]), { number: 5 })
  expect(records).toHaveLength(2)
  expect(watch.schedule?.read()).toMatchObject({ due: 2, left: 2 })
})

test('nothing starts after --duration; what was wanted later is not overdue', async () => {
  const dataset = await traceOf([0, 0.05, 0.1, 30, 31].map((sec, n) => lineAt(n, sec)))
  const { records, watch, startMs, endMs } = await replay(dataset, { number: 5, durationMs: 200 })
  expect(records).toHaveLength(3)
  expect(watch.schedule?.outcome?.overdueRequests).toBe(0)
  expect(endMs - startMs).toBeLessThan(5000)
})

test('what was wanted before the run was stopped but never sent is counted, far beyond the look-ahead', async () => {
  const number = 5000
  const dataset = await traceOf(Array.from({ length: number }, (_, n) => lineAt(n, n / 1e9)))
  const draining = new AbortController()
  const server = await startRawServer(socket => {
    socket.write(answer)
    draining.abort()
  })
  const stop = { ...neverStops(), draining: draining.signal }
  const { records, watch } = await load(planFor(server.url, { load: { kind: 'trace' }, request, number }), {
    dataset,
    stop,
  })
  await server.close()
  const left = watch.schedule?.read().left as number
  expect(left).toBeGreaterThanOrEqual(records.length)
  expect(left).toBeLessThan(number - 1024)
  expect(watch.schedule?.outcome?.overdueRequests).toBe(number - left)
})

test('a plugin that tells its times only with each conversation is replayed at them, too', async () => {
  const plugin: Dataset = {
    names: ['mine'],
    hasArrivals: true,
    *open() {
      for (const arrivalMs of [1000, 1020, 1020]) yield { turns: [{ prompt: { kind: 'text', text: 'hi' } }], arrivalMs }
    },
  }
  const { records, watch } = await replay(plugin, { number: 3, request: { ...request, defaults: { stream: true } } })
  const [first, ...others] = records.map(({ scheduledUs }) => scheduledUs).toSorted((a, b) => a - b) as [number, number]
  expect(others.map(time => time - first)).toEqual([20_000, 20_000])
  expect(watch.schedule?.outcome).toEqual({ overdueRequests: 0, drawnRatePerSec: undefined })
  expect(watch.schedule?.read()).toMatchObject({ due: 3, left: 3 })
})
