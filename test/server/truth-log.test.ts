import { expect, test } from 'vitest'
import { TruthLog } from '../../src/server/truth-log.ts'

const request = (requestId: string) => ({ requestId, receivedMs: 1000, promptTokens: 3, outputTokens: 2 })

/** A finished request with this many writes. */
const finish = (log: TruthLog, requestId: string, writes = 2): void => {
  const entry = log.open(request(requestId))
  for (let write = 0; write < writes; write++) log.addWrite(entry, 1100 + write, 1100.5 + write)
  log.close(entry, 'done')
}

test('a request is told as it stands, in pairs of scheduled and written times', () => {
  const log = new TruthLog()
  const entry = log.open(request('a'))
  log.addWrite(entry, 1100, 1100.25)
  const running = { ...request('a'), outcome: 'running', scheduledMs: [1100], writtenMs: [1100.25] }
  expect(log.find('a')).toEqual(running)
  log.addWrite(entry, 1110, 1110.123_456)
  log.close(entry, 'done')
  // Microseconds are kept, not nanoseconds.
  expect(log.find('a')).toEqual({
    ...running,
    outcome: 'done',
    scheduledMs: [1100, 1110],
    writtenMs: [1100.25, 1110.123],
  })
})

test('the oldest requests are forgotten beyond the limit of requests', () => {
  const log = new TruthLog({ requests: 2, writes: 1000 })
  for (const id of ['a', 'b', 'c']) finish(log, id)
  expect(['a', 'b', 'c'].map(id => log.find(id)?.requestId)).toEqual([undefined, 'b', 'c'])
  expect(log.summary()).toMatchObject({ requests: 3, writes: 6 })
})

test('the oldest requests are forgotten beyond the limit of writes', () => {
  const log = new TruthLog({ requests: 1000, writes: 10 })
  for (const id of ['a', 'b', 'c']) finish(log, id, 4)
  expect(['a', 'b', 'c'].map(id => log.find(id)?.requestId)).toEqual([undefined, 'b', 'c'])
})

test('a repeated id stands for the newer request, and does not count as kept twice', () => {
  const log = new TruthLog({ requests: 1000, writes: 10 })
  for (const writes of [4, 5, 6, 3]) finish(log, 'a', writes)
  finish(log, 'b', 6)
  expect([log.find('a')?.writtenMs.length, log.find('b')?.writtenMs.length]).toEqual([3, 6])
})

test('a request that is forgotten while it runs can still end', () => {
  const log = new TruthLog({ requests: 1, writes: 1000 })
  const old = log.open(request('old'))
  finish(log, 'new')
  log.addWrite(old, 1, 1)
  log.close(old, 'aborted')
  expect([log.find('old'), log.find('new')?.outcome]).toEqual([undefined, 'done'])
  expect(log.summary()).toMatchObject({ requests: 2, inFlight: 0, maxInFlight: 2 })
})

test('the lateness is that of all writes, absent before the first', () => {
  const log = new TruthLog()
  expect(log.summary().latenessMs).toBeUndefined()
  const entry = log.open(request('a'))
  for (let late = 0; late <= 100; late++) log.addWrite(entry, 50, 50 + late / 10)
  expect(log.summary().latenessMs).toEqual({ p50: 5, p99: 9.9, max: 10 })
})
