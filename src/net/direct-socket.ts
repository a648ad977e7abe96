import { Socket } from 'node:net'
import type { buildConnector } from 'undici'

/** What one read may bring; also what undici asks of a socket. */
const readBytes = 64 * 1024
/** As undici's own connector has it. */
const tcpKeepAliveMs = 60_000

/**
 * A TCP socket that reads into one buffer for all, where Node's own makes a new one of 64 KiB for each read: 17.7 us a
 * chunk against 15.8 in a bare client. To undici it is a socket like others: it emits `readable`, and `read` hands the
 * bytes over. They last until the next read.
 */
export class DirectSocket extends Socket {
  /**
   * Whether bytes are handed over where they are, because whoever reads copies what it keeps. undici keeps pieces of a
   * head that comes in several reads, so only bodies are.
   */
  lendsBytes = false
  #held: Buffer | undefined

  constructor(buffer: Buffer) {
    // Types of Node know this option only for `connect`; the constructor is where it is read.
    super({
      highWaterMark: readBytes,
      onread: { buffer, callback: (count: number) => this.#onRead(buffer.subarray(0, count)) },
    } as ConstructorParameters<typeof Socket>[0])
  }

  override read(size?: number): Buffer | null {
    const held = this.#held
    if (held === undefined) return super.read(size) as Buffer | null
    this.#held = undefined
    return held
  }

  /** Whether more may be read at once. */
  #onRead(bytes: Buffer): boolean {
    // What nobody has taken yet comes first.
    if (this.readableLength > 0) return this.push(Buffer.from(bytes))
    this.#held = this.lendsBytes ? bytes : Buffer.from(bytes)
    this.emit('readable', bytes.length)
    const left = this.#held
    this.#held = undefined
    return left === undefined || this.push(Buffer.from(left))
  }
}

/** A connector that makes direct sockets; for plain TCP. */
export const directConnector = (): ((options: buildConnector.Options, callback: buildConnector.Callback) => Socket) => {
  const buffer = Buffer.allocUnsafeSlow(readBytes)
  return ({ hostname, port }, callback) => {
    const socket = new DirectSocket(buffer)
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
