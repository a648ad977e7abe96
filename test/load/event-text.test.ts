import fc from 'fast-check'
import { expect, test } from 'vitest'
import { EventText } from '../../src/load/event-text.ts'

test('any events come out as the JSON array of them, in order', () => {
  expect(new EventText().toString()).toBe('[]')
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'grapheme', maxLength: 3000 }), { maxLength: 30 }), texts => {
      const events = new EventText()
      for (const text of texts) events.add(JSON.stringify(text))
      expect(JSON.parse(events.toString())).toEqual(texts)
    }),
    { numRuns: 100 },
  )
})
