import fc from 'fast-check'
import { expect, test } from 'vitest'
import { BodyBytes } from '../../src/load/body-bytes.ts'

test('pieces of any size stand in it one after the other', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 9000 }), { maxLength: 12 }), pieces => {
      const body = new BodyBytes()
      for (const piece of pieces) body.append(piece)
      expect(body.view(0, body.length).equals(Buffer.concat(pieces))).toBe(true)
      body.clear()
      expect(body.length).toBe(0)
    }),
    { numRuns: 100 },
  )
})

test('the first events come out as a JSON array, however they were cut', () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ unit: 'grapheme', maxLength: 200 })),
      fc.nat(30),
      fc.nat(500),
      (texts, count, cut) => {
        const wire = Buffer.from(texts.map(text => `: ping\n\nid: 1\ndata: ${JSON.stringify({ text })}\n\n`).join(''))
        const body = new BodyBytes()
        body.append(wire.subarray(0, cut))
        body.append(wire.subarray(cut))
        expect(JSON.parse(body.eventsJson(count))).toEqual(texts.slice(0, count).map(text => ({ text })))
      },
    ),
    { numRuns: 100 },
  )
})
