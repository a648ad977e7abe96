import type { Dispatcher } from 'undici'
import { expect, test } from 'vitest'
import { Call } from '../../src/net/call.ts'
import { transportFailure } from '../../src/net/failure.ts'
import type { LanePool } from '../../src/net/lane-pool.ts'

/** Sends a request on a lane whose latest read is `readMs` old when it is written; gives what its listener heard. */
const answeredBefore = async (requestsOnSocket: number, freshToo: boolean): Promise<readonly string[]> => {
  const heard: string[] = []
  let timeMs = 0
  const mark = { stampMs: 0, seq: 1, delayMs: 0 }
  const lane = {
    mark,
    requestsOnSocket,
    bodyBegins: () => undefined,
    bodyEnds: () => undefined,
    dispatcher: {
      dispatch: (_: unknown, call: Dispatcher.DispatchHandler) => {
        timeMs += 10
        const controller = { abort: (error: Error) => call.onResponseError?.(controller, error) } as never
        call.onRequestStart?.(controller, {})
        call.onResponseStart?.(controller, 200, {})
        // What comes from now on is a fresh connection's.
        lane.requestsOnSocket = 0
        if (!freshToo) mark.stampMs = 100
      },
    },
  }
  const pool = { take: () => lane, give: () => undefined, afterBurst: { over: () => undefined } }
  const listener = {
    onWritten: () => heard.push('written'),
    onHead: (status: number) => heard.push(`head ${status}`) === 0,
    onBytes: () => false,
    onEnd: () => undefined,
    onFailed: (error: Error, wasWritten: boolean) => heard.push(transportFailure(error, wasWritten).kind),
    onResent: () => heard.push('resent'),
    onOver: () => undefined,
  }
  new Call(pool as unknown as LanePool, { path: '/', method: 'POST' }, listener, () => timeMs).dispatch()
  await Promise.resolve()
  return heard
}

test('what stood on a used connection before the request was written is no answer to it: it is sent again', async () => {
  expect(await answeredBefore(1, false)).toEqual(['written', 'resent', 'written', 'head 200'])
})

test('on a fresh connection it is a failure, and nothing is sent more than twice', async () => {
  expect(await answeredBefore(0, true)).toEqual(['written', 'protocol'])
  expect(await answeredBefore(1, true)).toEqual(['written', 'resent', 'written', 'protocol'])
})
