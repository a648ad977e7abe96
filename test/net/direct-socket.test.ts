import type { AddressInfo } from 'node:net'
import { createServer, type Socket } from 'node:net'
import type { buildConnector } from 'undici'
import { afterEach, expect, test } from 'vitest'
import { nowMs } from '../../src/load/clock.ts'
import { AfterBurst } from '../../src/net/after-burst.ts'
import { type DirectSocket, directConnector } from '../../src/net/direct-socket.ts'
import { ask, planFor } from '../support/ask.ts'
import {
  chatChunk,
  done,
  event,
  httpChunk,
  lastChunk,
  pause,
  startRawServer,
  streamHead,
} from '../support/raw-server.ts'

const closers: (() => void)[] = []
afterEach(() => {
  for (const close of closers.splice(0)) close()
})

/** A direct socket, connected to the one that `onPeer` gets. */
const connected = (onPeer: (peer: Socket) => void): Promise<DirectSocket> =>
  new Promise((resolve, reject) => {
    const server = createServer(onPeer).listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo
      const options = { hostname: '127.0.0.1', port: String(port), protocol: 'http:' }
      directConnector(new AfterBurst(nowMs), nowMs)(options, (error, socket) =>
        error === null ? resolve(socket as DirectSocket) : reject(error),
      )
    })
    closers.push(() => server.close())
  })

/** All bytes up to the end, as a reader takes them that answers `readable`. */
const readAll = (socket: DirectSocket): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    const pieces: Buffer[] = []
    socket.on('readable', () => {
      for (let bytes = socket.read(); bytes !== null; bytes = socket.read()) pieces.push(Buffer.from(bytes))
    })
    socket.once('end', () => resolve(Buffer.concat(pieces)))
    socket.once('error', reject)
  })

const megabyte = Buffer.from(Array.from({ length: 1024 * 1024 }, (_, index) => (index * 7919) % 251))

test.each([true, false])('everything comes, in order, with a bytes count; lent: %s', async lends => {
  const socket = await connected(peer => peer.end(megabyte))
  socket.lendsBytes = lends
  expect((await readAll(socket)).equals(megabyte)).toBe(true)
})

test('what comes before anybody reads is kept', async () => {
  const socket = await connected(peer => {
    peer.write('first ')
    setTimeout(() => peer.end('second'), 50)
  })
  socket.lendsBytes = true
  await pause(20)
  expect((await readAll(socket)).toString()).toBe('first second')
})

test('a reader that stops for a while finds all that came meanwhile', async () => {
  const megabytes = Buffer.concat(Array<Buffer>(16).fill(megabyte))
  const socket = await connected(peer => peer.end(megabytes))
  socket.lendsBytes = true
  const pieces: Buffer[] = []
  let isPaused = true
  const take = (): void => {
    for (let bytes = isPaused ? null : socket.read(); bytes !== null; bytes = socket.read())
      pieces.push(Buffer.from(bytes))
  }
  socket.on('readable', take)
  const ended = new Promise(resolve => socket.once('end', resolve))
  await pause(50)
  // Nobody reads, so the sender is held back.
  expect(socket.bytesRead).toBeLessThan(megabytes.length / 2)
  isPaused = false
  take()
  await ended
  expect(Buffer.concat(pieces).equals(megabytes)).toBe(true)
})

test('bytes that are not lent are the reader’s own', async () => {
  const socket = await connected(peer => {
    peer.write('one')
    setTimeout(() => peer.end('two'), 30)
  })
  const kept: Buffer[] = []
  socket.on('readable', () => {
    for (let bytes = socket.read(); bytes !== null; bytes = socket.read()) kept.push(bytes)
  })
  await new Promise(resolve => socket.once('end', resolve))
  expect(Buffer.concat(kept).toString()).toBe('onetwo')
})

test('a refused connection is told once', async () => {
  const error = await new Promise<Error | null>(resolve => {
    const answer: buildConnector.Callback = (...[failure]) => resolve(failure)
    directConnector(new AfterBurst(nowMs), nowMs)({ hostname: '127.0.0.1', port: '1', protocol: 'http:' }, answer)
  })
  expect(error).toMatchObject({ code: 'ECONNREFUSED' })
})

test('a head that comes byte by byte is read whole, and bodies of many reads are', async () => {
  const texts = Array.from({ length: 50 }, (_, index) => `word ${index} é你🙂 `)
  const server = await startRawServer(async socket => {
    for (const byte of streamHead) {
      socket.write(byte)
      await new Promise(resolve => setImmediate(resolve))
    }
    for (const content of texts) {
      const wire = Buffer.from(httpChunk(event(chatChunk({ content }))))
      // Cut within a character, too.
      socket.write(wire.subarray(0, wire.length - 12))
      await new Promise(resolve => setImmediate(resolve))
      socket.write(wire.subarray(wire.length - 12))
    }
    socket.write(httpChunk(event(chatChunk({}, 'stop')) + done) + lastChunk)
  })
  const [record] = await ask(planFor(server.url.replace('127.0.0.1', 'localhost')))
  await server.close()
  expect(record?.failure).toBeUndefined()
  const events = JSON.parse(record?.responseJson ?? '') as { choices: [{ delta: { content?: string } }] }[]
  expect(events.map(({ choices }) => choices[0].delta.content ?? '').join('')).toBe(texts.join(''))
})
