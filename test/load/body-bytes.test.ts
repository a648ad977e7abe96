import fc from 'fast-check'
import { expect, test } from 'vitest'
import { BodyBytes, BodyPool } from '../../src/load/body-bytes.ts'

test('pieces of any size stand in it one after the other', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'grapheme', maxLength: 5000 }), { maxLength: 12 }), texts => {
      const body = new BodyBytes()
      for (const text of texts) body.append(Buffer.from(text))
      expect(body.text()).toBe(texts.join(''))
      body.clear()
      expect(body.text()).toBe('')
    }),
    { numRuns: 100 },
  )
})

test('elements come out as one JSON array', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'grapheme', maxLength: 2000 }), { maxLength: 30 }), texts => {
      const body = new BodyBytes()
      for (const text of texts) body.appendElement(JSON.stringify({ text }))
      expect(JSON.parse(body.elementsJson())).toEqual(texts.map(text => ({ text })))
    }),
    { numRuns: 100 },
  )
})

test('a body that is used again knows nothing of its last use; one that grew huge is not', () => {
  const pool = new BodyPool()
  const first = pool.take()
  first.appendElement('1')
  pool.give(first)
  expect(pool.take()).toBe(first)
  expect(first.elementsJson()).toBe('[]')
  first.append(new Uint8Array(2 * 1024 * 1024))
  pool.give(first)
  expect(pool.take()).not.toBe(first)
})
