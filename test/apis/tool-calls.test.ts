import { expect, test } from 'vitest'
import { addToolCalls } from '../../src/apis/support/tool-calls.ts'
import type { JsonObject, JsonValue } from '../../src/model/json.ts'

/** The calls of deltas that follow one another. */
const callsOf = (...deltas: JsonValue[]): JsonObject[] => {
  const calls: JsonObject[] = []
  for (const delta of deltas) addToolCalls(calls, delta)
  return calls
}

const begin = (id: string, name: string, more: JsonObject = {}): JsonObject => ({
  ...more,
  id,
  type: 'function',
  function: { name, arguments: '{' },
})
const go = (text: string, more: JsonObject = {}): JsonObject => ({ ...more, function: { arguments: text } })
const call = (id: string, name: string, text: string) => ({ id, type: 'function', function: { name, arguments: text } })
const both = [call('a', 'f', '{1}'), call('b', 'g', '{2}')]

test.each([
  ['from 0', [{ index: 0 }, { index: 1 }]],
  ['from 1', [{ index: 1 }, { index: 2 }]],
  ['from a million', [{ index: 1_000_000 }, { index: 1_000_001 }]],
  ['below 0', [{ index: -1 }, { index: -1 }]],
] as const)('two calls that are numbered %s are joined from their pieces', (_, [first, second]) => {
  const pieces = [begin('a', 'f', first), go('1', first), go('}', first), begin('b', 'g', second), go('2}', second)]
  expect(callsOf(...pieces.map(piece => [piece]))).toEqual(both)
})

test('pieces of several calls may come by turns', () => {
  const [first, second] = [{ index: 0 }, { index: 1 }]
  const pieces = [
    [begin('a', 'f', first), begin('b', 'g', second)],
    [go('1}', first), go('2}', second)],
  ]
  expect(callsOf(...pieces)).toEqual(both)
})

test.each([[{ index: 0 }], [{}]])('whole calls that come one after the other, all with %j, stay apart', number => {
  expect(callsOf([{ ...number, ...both[0] }], [{ ...number, ...both[1] }])).toEqual(both)
})

test('the calls of a whole message are taken as they are, without ids too', () => {
  const nameless = both.map(({ id: _, ...rest }) => rest)
  expect(callsOf(both)).toEqual(both)
  expect(callsOf(nameless)).toEqual(nameless)
})

test('a new id in each piece makes no new call', () => {
  const pieces = [begin('a', 'f', { index: 0 }), go('1', { index: 0, id: 'x' }), go('}', { index: 0, id: 'y' })]
  expect(callsOf(...pieces.map(piece => [piece]))).toEqual([both[0]])
})

test('what is no call is left out', () => {
  expect(callsOf(null, 'x', {}, [], [null, 7, 'x', []])).toEqual([])
})
