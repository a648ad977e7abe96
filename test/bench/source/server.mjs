import { createServer } from 'node:net'
import { performance } from 'node:perf_hooks'
import { machineOffsetMs } from '../clock.mjs'
import { createWheel } from './wheel.mjs'
import { createRequestReader, makeWire } from './wire.mjs'

/** Share of beats that may be late before a run is not the client's measurement any more. */
const mostLateBeats = 0.02

/**
 * A server on raw sockets that answers each POST as `load` says: `kind` is `stream` (tokens at `ratePerSec`, the first
 * after `ttftMs`), `instant` (a whole stream in one write) or `plain` (one JSON). The answer to request number `holdAt`
 * waits for `release`; `onHeld` hears of it. Paths that contain `warm` get a JSON that is not counted.
 */
export const createSource = ({ onHeld = () => {} } = {}) => {
  let [load, wire, wheel, account] = [undefined, makeWire(1), undefined, undefined]
  let answerHeld = () => {}
  const sockets = new Set()

  const respond = (socket, id) => {
    const arrivalMs = performance.now()
    account.busySince ??= performance.eventLoopUtilization()
    if (load.kind === 'stream') return stream(socket, id, arrivalMs)
    socket.write(load.kind === 'plain' ? wire.plain : wire.wholeStream)
    ended(load.kind === 'plain' ? 0 : load.tokens)
  }

  const ended = chunks => {
    account.chunks += chunks
    account.lastWriteMs = performance.now()
    account.answered++
    if (account.answered === account.requests) {
      account.utilization = performance.eventLoopUtilization(account.busySince).utilization
    }
  }

  const stream = (socket, id, arrivalMs) => {
    const writesMs = load.record ? new Float64Array(load.tokens) : undefined
    if (load.record) account.streams.push({ id, arrivalMs, writesMs })
    let sent = 0
    wheel.join(arrivalMs + load.ttftMs, () => {
      if (socket.destroyed) return false
      if (writesMs !== undefined) writesMs[sent] = performance.now()
      // What the kernel does not take at once would leave later than its stamp.
      if (socket.writableLength > 0) account.stuckWrites++
      socket.write(sent === 0 ? wire.first : wire.token)
      if (++sent < load.tokens) return true
      socket.write(wire.tail)
      ended(sent)
      return false
    })
  }

  const onRequest = (socket, path, id) => {
    // What a client asks for the record's sake is no request either.
    if (path.includes('warm') || id === 'server-facts') return socket.write(wire.plain)
    if (++account.requests !== load.holdAt) return respond(socket, id)
    answerHeld = () => respond(socket, id)
    onHeld()
  }

  const server = createServer({ noDelay: true }, socket => {
    sockets.add(socket)
    socket.setEncoding('latin1')
    socket.on(
      'data',
      createRequestReader((path, id) => onRequest(socket, path, id)),
    )
    socket.on('error', () => {})
    socket.on('close', () => sockets.delete(socket))
  })

  return {
    listen: () =>
      new Promise(resolve =>
        server.listen(0, '127.0.0.1', 1024, () => resolve(`http://127.0.0.1:${server.address().port}/v1`)),
      ),
    /** Sets what every answer is from now on, and starts a new account. */
    configure: next => {
      wheel?.stop()
      load = { pace: 'spread', ttftMs: 200, ratePerSec: 100, record: false, ...next }
      wire = makeWire(load.tokens)
      wheel = createWheel({ intervalMs: 1000 / load.ratePerSec, pace: load.pace })
      account = { requests: 0, answered: 0, chunks: 0, stuckWrites: 0, streams: [] }
    },
    release: () => answerHeld(),
    /** What was sent and when (ms of the machine's clock), and whether the source kept its times. */
    report: () => {
      const offsetMs = machineOffsetMs()
      const { beats, lateBeats, worstLateMs } = wheel.account
      const { busySince, streams, lastWriteMs, ...counts } = account
      for (const { writesMs } of streams) for (const [i, ms] of writesMs.entries()) writesMs[i] = ms + offsetMs
      return {
        ...counts,
        lastWriteMs: lastWriteMs + offsetMs,
        streams: streams.map(each => ({ ...each, arrivalMs: each.arrivalMs + offsetMs })),
        ...{ beats, lateBeats, worstLateMs },
        wasLimit: lateBeats > mostLateBeats * beats,
      }
    },
    close: () => {
      wheel?.stop()
      for (const socket of sockets) socket.destroy()
      return new Promise(resolve => server.close(resolve))
    },
  }
}
