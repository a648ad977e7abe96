// What it costs to know each stamp's self-delay: `npm run build && node test/bench/self-delay.mjs`.
import { eventLoop } from '../../dist/load/event-loop.js'
import { SelfDelays } from '../../dist/load/self-delays.js'
import { ReadMark } from '../../dist/net/kept-reads.js'
import { TurnWatch } from '../../dist/net/turn-watch.js'

const sockets = 150
/** Reads that wait on a socket until they are told, as of streams with 100 chunks a second. */
const held = 50
const reads = 500_000

/** A loop that begins a turn after so many reads, and is asked what the real one is. */
const turning = readsPerTurn => {
  let asked = 0
  const counts = () => {
    const { eventsWaiting } = eventLoop.counts()
    return { loopCount: Math.floor(asked++ / readsPerTurn), eventsWaiting }
  }
  return { idleMs: eventLoop.idleMs, counts }
}

/** CPU time of a read in ns, stamped and told; with the self-delay of its stamp where there are `turns`. */
const costNs = turns => {
  const kept = Array.from({ length: sockets }, () => ({ stampsMs: [], turns: [] }))
  const [mark, delays] = [new ReadMark(), new SelfDelays()]
  const before = process.cpuUsage()
  for (let read = 0; read < reads; read++) {
    const socket = kept[read % sockets]
    const stampMs = performance.now()
    socket.stampsMs.push(stampMs)
    if (turns !== undefined) socket.turns.push(turns.read(stampMs))
    if (socket.stampsMs.length < held) continue
    for (let at = 0; at < held; at++) {
      if (turns === undefined) {
        mark.stampMs = socket.stampsMs[at]
        mark.seq++
      } else {
        mark.set(socket.stampsMs[at], socket.turns[at])
        delays.add(mark.delayMs, 1, at === 0)
      }
    }
    socket.stampsMs.length = 0
    socket.turns.length = 0
  }
  const { user, system } = process.cpuUsage(before)
  return (1000 * (user + system)) / reads
}

const median = values => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]

for (const readsPerTurn of [1, 20]) {
  const added = []
  for (let round = 0; round < 7; round++) {
    const bare = costNs(undefined)
    added.push(costNs(new TurnWatch(performance.now(), turning(readsPerTurn))) - bare)
  }
  // The first round compiles.
  console.log(`${readsPerTurn} reads a turn: ${median(added.slice(1)).toFixed(0)} ns a chunk`)
}
