import { Socket } from 'node:net'
import type { buildConnector } from 'undici'
import type { AfterBurst, Deferred } from './after-burst.ts'
import { isOfConnection, ReadMark } from './kept-reads.ts'
import type { Turn } from './turn-watch.ts'

/** What one read may bring; also what undici asks of a socket. */
const readBytes = 64 * 1024
/** More than this does not wait for more. */
const mostHeldBytes = 16 * 1024
/** With this much kept the socket reads no more until it is handed over. */
const mostKeptBytes = 1024 * 1024
/** Room for more than this is let go of once it is handed over: with 2000 connections it would be 4 GB. */
const mostRoomBytes = 256 * 1024
/** As undici's own connector has it. */
const tcpKeepAliveMs = 60_000

/** What direct sockets share. */
export interface SocketParts {
  /** Every read goes through it. */
  readonly buffer: Buffer
  readonly afterBurst: AfterBurst
  readonly nowMs: () => number
}

/**
 * A TCP socket that only stamps and keeps its reads while the others of the burst are read, and hands them over
 * afterwards. It reads into one buffer for all, where Node's own makes a new one of 64 KiB for each read: 17.7 us a
 * chunk against 15.8 in a bare client. To undici it is a socket like others: it emits `readable`, and `read` hands the
 * bytes over, one socket read at a time.
 */
export class DirectSocket extends Socket implements Deferred {
  /** Set to each read before its bytes are handed over. */
  mark = new ReadMark()
  /**
   * Whether bytes are handed over where they are, to last until the next read, because whoever reads copies what it
   * keeps. undici keeps pieces of a head that comes in several reads, so only bodies are.
   */
  lendsBytes = false
  /** Whether reads that end an event in the middle of a stream may wait for more. */
  holdsEvents = false
  readonly #parts: SocketParts
  #kept = Buffer.alloc(0)
  #keptBytes = 0
  /** Where each kept read ends, its stamp, and the turn of the event loop it came in. */
  readonly #ends: number[] = []
  readonly #stampsMs: number[] = []
  readonly #turns: Turn[] = []
  #next = 0
  #isQueued = false
  #isHeld = false
  #isTelling = false
  #isStopped = false

  constructor(parts: SocketParts) {
    const { buffer } = parts
    // Types of Node know this option only for `connect`; the constructor is where it is read.
    super({
      highWaterMark: readBytes,
      onread: { buffer, callback: (count: number) => this.#onRead(buffer, count) },
    } as ConstructorParameters<typeof Socket>[0])
    this.#parts = parts
  }

  /** Hands over what is kept, now. */
  tell(): void {
    this.#isQueued = false
    this.#isHeld = false
    if (this.#next === this.#ends.length || this.#isTelling || this.destroyed) return
    this.#isTelling = true
    this.emit('readable')
    this.#isTelling = false
    // What nobody has taken is kept as by any socket.
    for (let bytes = this.#take(); bytes !== undefined; bytes = this.#take()) super.push(Buffer.from(bytes))
    if (this.#kept.length > mostRoomBytes) this.#kept = Buffer.alloc(0)
    if (!this.#isStopped || this.readableLength > 0 || this.destroyed) return
    this.#isStopped = false
    // Node has no other way to have a socket with `onread` read on.
    this._read(readBytes)
  }

  override read(size?: number): Buffer | null {
    if (size === 0 || this.readableLength > 0 || this.#next === this.#ends.length) {
      return super.read(size) as Buffer | null
    }
    const bytes = this.#take() as Buffer
    return this.lendsBytes ? bytes : Buffer.from(bytes)
  }

  /** The end of the stream comes after what is kept. */
  override push(chunk: unknown, encoding?: BufferEncoding): boolean {
    if (chunk === null) this.tell()
    return super.push(chunk, encoding)
  }

  /** What came before the connection failed is handed over before the failure is. */
  override destroy(error?: Error): this {
    if (error !== undefined && isOfConnection(error)) this.tell()
    return super.destroy(error)
  }

  /** Whether more may be read at once. */
  #onRead(buffer: Buffer, count: number): boolean {
    this.#keep(buffer, count)
    if (this.holdsEvents && this.#keptBytes < mostHeldBytes && endsEvent(buffer, count)) {
      if (!this.#isHeld && !this.#isQueued) {
        this.#isHeld = true
        this.#parts.afterBurst.later(this)
      }
    } else if (!this.#isQueued) {
      this.#isQueued = true
      this.#parts.afterBurst.soon(this)
    }
    this.#isStopped = this.#keptBytes > mostKeptBytes || this.readableLength > 0
    return !this.#isStopped
  }

  #keep(buffer: Buffer, count: number): void {
    if (this.#next === this.#ends.length) {
      this.#keptBytes = 0
      this.#ends.length = 0
      this.#stampsMs.length = 0
      this.#turns.length = 0
      this.#next = 0
    }
    const end = this.#keptBytes + count
    if (end > this.#kept.length) {
      const grown = Buffer.allocUnsafeSlow(Math.max(end, 2 * this.#kept.length, 4096))
      grown.set(this.#kept.subarray(0, this.#keptBytes))
      this.#kept = grown
    }
    this.#kept.set(buffer.subarray(0, count), this.#keptBytes)
    this.#keptBytes = end
    const stampMs = this.#parts.nowMs()
    this.#ends.push(end)
    this.#stampsMs.push(stampMs)
    this.#turns.push(this.#parts.afterBurst.read(stampMs))
  }

  /** The next kept read, where it is. */
  #take(): Buffer | undefined {
    const at = this.#next
    if (at === this.#ends.length) return undefined
    this.#next++
    this.mark.set(this.#stampsMs[at] as number, this.#turns[at] as Turn)
    return this.#kept.subarray(at === 0 ? 0 : this.#ends[at - 1], this.#ends[at])
  }
}

const lineFeed = 0x0a
const carriageReturn = 0x0d
const closingBrace = 0x7d

/** Whether the last thing read is the end of a JSON object: neither `[DONE]` nor the end of a body. */
const endsEvent = (buffer: Buffer, count: number): boolean => {
  let at = count - 1
  while (at > 0 && (buffer[at] === lineFeed || buffer[at] === carriageReturn)) at--
  return buffer[at] === closingBrace
}

/** A connector that makes direct sockets; for plain TCP. */
export const directConnector = (
  afterBurst: AfterBurst,
  nowMs: () => number,
): ((options: buildConnector.Options, callback: buildConnector.Callback) => Socket) => {
  const parts = { buffer: Buffer.allocUnsafeSlow(readBytes), afterBurst, nowMs }
  return ({ hostname, port }, callback) => {
    const socket = new DirectSocket(parts)
    let isAnswered = false
    const answer = (error: Error | null): void => {
      if (isAnswered) return
      isAnswered = true
      if (error === null) callback(null, socket)
      else callback(error, null)
    }
    socket
      .setNoDelay(true)
      .setKeepAlive(true, tcpKeepAliveMs)
      .once('connect', () => answer(null))
      .on('error', answer)
      .connect({ host: hostname, port: Number(port || 80) })
    return socket
  }
}
