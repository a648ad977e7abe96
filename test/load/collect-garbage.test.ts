import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { collectGarbage } from '../../src/load/collect-garbage.ts'

test('what nobody holds any more is gone, and no program finds a gc of its own afterwards', async () => {
  const had = 'gc' in globalThis
  const forgotten = new WeakRef({ some: 'object' })
  // A WeakRef keeps its object until the turn is over.
  await nextTurn()
  collectGarbage()
  expect(forgotten.deref()).toBeUndefined()
  expect('gc' in globalThis).toBe(had)
})
