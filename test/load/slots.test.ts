import { expect, test } from 'vitest'
import { Slots } from '../../src/load/slots.ts'

test('the wait for a slot is the time in which all were taken', () => {
  const slots = new Slots(2)
  slots.take(0)
  slots.take(10)
  expect(slots.isFull).toBe(true)
  slots.release(50)
  // Full from 10 to 50.
  expect([slots.fullSince(0), slots.fullSince(20), slots.fullSince(50)]).toEqual([40, 30, 0])
  slots.take(80)
  slots.release(100)
  slots.take(130)
  slots.release(150)
  // And from 80 to 100, and from 130 to 150; between them was a place.
  expect([slots.fullSince(60), slots.fullSince(90), slots.fullSince(140), slots.fullSince(151)]).toEqual([
    40, 30, 10, 0,
  ])
})

test('the moment that a refill takes is no end of the wait of those further back', () => {
  const slots = new Slots(1)
  for (const startMs of [0, 101, 202]) {
    slots.take(startMs)
    slots.release(startMs + 100)
  }
  expect(slots.fullSince(50)).toBe(252)
})

test('an answer that ended before its slot was counted as taken is no time at all', () => {
  const slots = new Slots(1)
  slots.take(10)
  slots.release(9)
  expect(slots.fullSince(0)).toBe(0)
  expect(slots.isEmpty).toBe(true)
})
