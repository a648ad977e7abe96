import fc from 'fast-check'
import { expect, test } from 'vitest'
import { DueQueue } from '../../src/server/due-queue.ts'

test('whatever goes in and out, the earliest item comes out first', () => {
  const steps = fc.array(fc.oneof(fc.integer({ min: 0, max: 50 }), fc.constant('pop' as const)), { maxLength: 200 })
  fc.assert(
    fc.property(steps, sequence => {
      const queue = new DueQueue<{ dueMs: number }>()
      const model: number[] = []
      for (const step of sequence) {
        if (step === 'pop') expect(queue.pop()?.dueMs).toBe(model.shift())
        else {
          queue.push({ dueMs: step })
          model.push(step)
          model.sort((a, b) => a - b)
        }
        expect(queue.nextMs).toBe(model[0] ?? Infinity)
      }
    }),
  )
})
