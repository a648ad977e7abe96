import fc from 'fast-check'
import { expect, test } from 'vitest'
import { beyondStudentT, studentT } from '../../src/stats/student-t.ts'

test.each([
  // Printed in every table of the distribution.
  [0.05, 1, 12.706],
  [0.05, 2, 4.303],
  [0.01, 5, 4.032],
  [0.05, 10, 2.228],
  [0.001, 20, 3.85],
  [0.01, 30, 2.75],
  [0.05, 1e7, 1.96],
])('%d of Student’s t with %d degrees of freedom lie beyond ±%d', (probability, freedom, t) => {
  expect(studentT(probability, freedom)).toBeCloseTo(t, 3)
  expect(beyondStudentT(t, freedom)).toBeCloseTo(probability, 4)
})

test('one is the inverse of the other, far out and with broken degrees of freedom, too', () => {
  const probability = fc.double({ min: 1e-9, max: 0.999, noNaN: true })
  fc.assert(
    fc.property(probability, fc.double({ min: 0.8, max: 200, noNaN: true }), (wanted, freedom) => {
      expect(beyondStudentT(studentT(wanted, freedom), freedom) / wanted).toBeCloseTo(1, 6)
    }),
  )
})

test('nothing lies beyond infinity, and all beyond 0', () => {
  expect([beyondStudentT(Number.POSITIVE_INFINITY, 3), beyondStudentT(0, 3)]).toEqual([0, 1])
})
