import { describe, expect, test } from 'vitest'
import { TurnWatch } from '../../src/net/turn-watch.ts'

/** An event loop by hand: `poll` is its next look for events, after `workMs` of work and `idleMs` of rest. */
const createLoop = () => {
  let [timeMs, idleMs, loopCount, eventsWaiting] = [1000, 0, 0, 0]
  const turns = new TurnWatch(timeMs, { idleMs: () => idleMs, counts: () => ({ loopCount, eventsWaiting }) })
  const poll = ({ workMs = 0, restMs = 0, reads = 0, readMs = 0.01 }): readonly number[] => {
    timeMs += workMs + restMs
    idleMs += restMs
    loopCount++
    const delays: (() => number)[] = []
    for (let read = 0; read < reads; read++) {
      const stampMs = timeMs
      const turn = turns.read(stampMs)
      delays.push(() => turn.delayMs(stampMs))
      timeMs += readMs
    }
    // Libuv counts them when all are worked off; without a rest they had come while it was busy.
    if (restMs === 0) eventsWaiting += reads
    turns.end()
    return delays.map(delay => Math.round(delay() * 1000) / 1000)
  }
  return { poll, turns }
}

describe('the self-delay of a stamp', () => {
  test('is nothing for what the loop rested for, however much it worked before that', () => {
    const { poll } = createLoop()
    poll({ restMs: 5, reads: 1 })
    expect(poll({ workMs: 3, restMs: 5, reads: 1 })).toEqual([0])
  })

  test('grows with each read of the turn', () => {
    const { poll } = createLoop()
    poll({ restMs: 5, reads: 1 })
    expect(poll({ restMs: 5, reads: 4, readMs: 0.25 })).toEqual([0, 0.25, 0.5, 0.75])
    expect(poll({ restMs: 5, reads: 2, readMs: 0.25 })).toEqual([0, 0.25])
  })

  test('has half of the work that went on since the turn before, without a rest', () => {
    const { poll } = createLoop()
    poll({ restMs: 5, reads: 1, readMs: 0 })
    expect(poll({ workMs: 40, reads: 2, readMs: 0.5 })).toEqual([20, 20.5])
  })

  test('has half of the work of a timer that went off after a rest', () => {
    const { poll } = createLoop()
    poll({ restMs: 5, reads: 1, readMs: 0 })
    poll({ restMs: 7 })
    expect(poll({ workMs: 40, reads: 1 })).toEqual([20])
  })

  test('has nothing of the work of a timer for which nothing waited', () => {
    const { poll } = createLoop()
    poll({ restMs: 5, reads: 1 })
    poll({ restMs: 7 })
    expect(poll({ workMs: 40, restMs: 1, reads: 1 })).toEqual([0])
  })

  test('does not know work too short to notice', () => {
    const { poll } = createLoop()
    poll({ restMs: 5, reads: 1, readMs: 0 })
    expect(poll({ workMs: 0.09, reads: 1 })).toEqual([0])
    expect(poll({ workMs: 0.2, reads: 1, readMs: 0 })).toEqual([0.105])
  })

  test('counts on from one turn to the next when the loop never rests', () => {
    const { poll, turns } = createLoop()
    poll({ restMs: 5, reads: 3, readMs: 0.1 })
    for (let turn = 0; turn < 2; turn++) {
      expect(poll({ workMs: 0.5, reads: 3, readMs: 0.1 })).toEqual([0.3, 0.4, 0.5])
    }
    expect(turns.reads).toBe(9)
  })
})
