import { expect, test } from 'vitest'
import { onePerTurn } from '../../src/load/one-per-turn.ts'

const nextTurn = (): Promise<void> => new Promise(resolve => setImmediate(resolve))

test('the first starts at once, each other in a turn of its own, in order', async () => {
  const start = onePerTurn()
  const started: number[] = []
  for (const number of [1, 2, 3]) start(() => started.push(number))
  expect(started).toEqual([1])
  await nextTurn()
  expect(started).toEqual([1, 2])
  start(() => started.push(4))
  expect(started).toEqual([1, 2])
  await nextTurn()
  expect(started).toEqual([1, 2, 3])
  await nextTurn()
  expect(started).toEqual([1, 2, 3, 4])
  for (let turn = 0; turn < 3; turn++) await nextTurn()
  start(() => started.push(5))
  expect(started).toEqual([1, 2, 3, 4, 5])
})
