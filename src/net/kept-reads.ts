import type { Socket } from 'node:net'
import type { AfterBurst, Deferred } from './after-burst.ts'
import type { Turn } from './turn-watch.ts'

/** Which read of a socket it was that brought what is being told. */
export class ReadMark {
  /** When it was seen, in ms of the transport's clock. */
  stampMs = 0
  /** Counts reads: events with the same number arrived together. */
  seq = 0
  /** The self-delay of that stamp, in ms. */
  delayMs = 0

  /** Goes on to the next read. */
  set(stampMs: number, turn: Turn): void {
    this.stampMs = stampMs
    this.delayMs = turn.delayMs(stampMs)
    this.seq++
  }
}

/** Whether a connection failed by itself, so that what came before is still to be heard; undici and we give no such code. */
export const isOfConnection = (error: Error & { readonly code?: unknown }): boolean =>
  typeof error.code === 'string' && !error.code.startsWith('UND_ERR_')

/**
 * Has a socket of any kind (TLS, a tunnel) stamp and keep its reads while the others of the burst are read, and hand
 * them over afterwards, as a direct socket does: to whoever listens to `readable` from now on and calls `read`.
 */
export const keepReads = (socket: Socket, mark: ReadMark, afterBurst: AfterBurst, nowMs: () => number): Deferred => {
  const kept: { readonly bytes: Buffer; readonly stampMs: number; readonly turn: Turn }[] = []
  const readNow = socket.read.bind(socket)
  const destroyNow = socket.destroy.bind(socket)
  let isTelling = false
  const reads: Deferred = {
    tell: () => {
      if (kept.length === 0 || isTelling || socket.destroyed) return
      isTelling = true
      socket.emit('readable')
      isTelling = false
    },
  }
  socket.on('readable', () => {
    if (isTelling) return
    const stampMs = nowMs()
    const bytes = readNow() as Buffer | null
    if (bytes === null) return
    if (kept.length === 0) afterBurst.soon(reads)
    kept.push({ bytes, stampMs, turn: afterBurst.read(stampMs) })
  })
  socket.read = size => {
    if (size === 0) return readNow(0)
    const next = kept.shift()
    if (next === undefined) return null
    mark.set(next.stampMs, next.turn)
    return next.bytes
  }
  // The end, and a failure, come after what is kept.
  socket.on('end', reads.tell)
  socket.destroy = error => {
    if (error !== undefined && isOfConnection(error)) reads.tell()
    return destroyNow(error)
  }
  return reads
}
