import { describe, expect, test } from 'vitest'
import { AfterBurst } from '../../src/net/after-burst.ts'
import { pause } from '../support/raw-server.ts'

const turn = (): Promise<void> => new Promise(resolve => setImmediate(resolve))

/** A queue on a clock that stands still, and what was told in it. */
const begin = (): { afterBurst: AfterBurst; told: string[]; say: (word: string) => { tell: () => void } } => {
  const told: string[] = []
  return { afterBurst: new AfterBurst(() => 0), told, say: word => ({ tell: () => void told.push(word) }) }
}

describe('after a burst', () => {
  test('nothing is told before the turn’s sockets are read, then all in order', async () => {
    const { afterBurst, told, say } = begin()
    for (const word of ['a', 'b', 'c']) afterBurst.soon(say(word))
    expect(told).toEqual([])
    await turn()
    expect(told).toEqual(['a', 'b', 'c'])
  })

  test('requests that are over come first, one a turn', async () => {
    const { afterBurst, told, say } = begin()
    afterBurst.soon(say('read'))
    afterBurst.over(say('over 1'))
    afterBurst.over(say('over 2'))
    await turn()
    expect(told).toEqual(['over 1'])
    await turn()
    expect(told).toEqual(['over 1', 'read', 'over 2'])
  })

  test('reads are told however many requests are over', async () => {
    const { afterBurst, told, say } = begin()
    // As fast as they are told, more are refused.
    const refused = {
      tell: () => {
        if (told.length === 0) afterBurst.over(refused)
      },
    }
    for (let slot = 0; slot < 10; slot++) afterBurst.over(refused)
    afterBurst.soon(say('read'))
    for (let turns = 0; turns < 5; turns++) await turn()
    expect(told).toEqual(['read'])
  })

  test('what a read ends is worked off before the next is told', async () => {
    const { afterBurst, told, say } = begin()
    afterBurst.soon({
      tell: () => {
        told.push('read 1')
        afterBurst.over(say('over 1'))
      },
    })
    afterBurst.soon(say('read 2'))
    await turn()
    expect(told).toEqual(['read 1', 'over 1'])
    await turn()
    expect(told.at(-1)).toBe('read 2')
  })

  test('a slice ends after its time; the loop turns before the next', async () => {
    const told: number[] = []
    let timeMs = 0
    const afterBurst = new AfterBurst(() => timeMs)
    for (let item = 0; item < 100; item++) {
      afterBurst.soon({
        tell: () => {
          timeMs += 0.2
          told.push(item)
        },
      })
    }
    await turn()
    expect(told.length).toBeGreaterThan(1)
    expect(told.length).toBeLessThan(5)
    for (let turns = 0; turns < 50; turns++) await turn()
    expect(told).toEqual(Array.from({ length: 100 }, (_, item) => item))
  })

  test('what may wait is told by and by, without anything else to do', async () => {
    const startMs = performance.now()
    const afterBurst = new AfterBurst(() => performance.now())
    let toldMs = 0
    afterBurst.later({
      tell: () => {
        toldMs = performance.now() - startMs
      },
    })
    while (toldMs === 0 && performance.now() - startMs < 2000) await pause(5)
    expect(toldMs).toBeGreaterThanOrEqual(490)
    expect(toldMs).toBeLessThan(1500)
  })

  test('what may wait keeps no thread that ends', () => {
    const timers = (): number => process.getActiveResourcesInfo().filter(kind => kind === 'Timeout').length
    const before = timers()
    new AfterBurst(() => performance.now()).later({ tell: () => undefined })
    expect(timers()).toBe(before)
  })

  test('thousands are told in order', async () => {
    const { afterBurst, told, say } = begin()
    const words = Array.from({ length: 5000 }, (_, index) => String(index))
    for (const word of words) afterBurst.soon(say(word))
    await turn()
    for (const word of words) afterBurst.soon(say(word))
    await turn()
    expect(told).toEqual([...words, ...words])
  })
})
