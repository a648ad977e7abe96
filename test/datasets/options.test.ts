import { describe, expect, test } from 'vitest'
import { checkOptions, type DatasetOption, type DatasetOptions, rangeOf } from '../../src/datasets/support/options.ts'
import { ArgumentsError } from '../../src/errors.ts'
import type { JsonObject, JsonValue } from '../../src/model/json.ts'

/** What is said of such `--dataset-args`; `undefined` when they are accepted. */
const problemOf = (args: JsonObject, options: DatasetOptions | undefined): string | undefined => {
  try {
    checkOptions(args, options, 'own')
    return undefined
  } catch (error) {
    expect(error).toBeInstanceOf(ArgumentsError)
    expect((error as Error).message).not.toContain('\n')
    return (error as Error).message
  }
}

const option = (given: Omit<DatasetOption, 'help'>): DatasetOption => ({ ...given, help: '' })

describe('a value that its key can hold is accepted', () => {
  test.each<[Omit<DatasetOption, 'help'>, JsonValue[]]>([
    [{ kind: 'int' }, [0, -3, 7.0, Number.MAX_SAFE_INTEGER]],
    [{ kind: 'int', above: 0 }, [1]],
    [{ kind: 'int', min: 0 }, [0, 1]],
    [{ kind: 'number', above: 0 }, [0.001, 3]],
    [{ kind: 'text' }, ['a', ' ', 'books/long text.txt']],
    [{ kind: 'text', choices: ['cap', 'drop'] }, ['cap', 'drop']],
    [{ kind: 'flag' }, [true, false]],
    [{ kind: 'range', min: 1 }, [1, [1, 1], [3, 900]]],
    [{ kind: 'range', min: 1, max: 9 }, [1, 9, [1, 9]]],
    [{ kind: 'texts' }, [{}, { 'gpt-4': 'qwen' }]],
  ])('%j: %j', (kind, values) => {
    for (const value of values) expect(problemOf({ key: value }, { key: option(kind) })).toBeUndefined()
  })
})

describe('a value that its key cannot hold is refused with what it may be', () => {
  test.each<[Omit<DatasetOption, 'help'>, string, JsonValue[]]>([
    [{ kind: 'int' }, 'a whole number', [1.5, '1', true, null, [1], {}, 2 ** 53]],
    [{ kind: 'int', above: 0 }, 'a whole number above 0', [0, -1]],
    [{ kind: 'int', min: 0 }, 'a whole number from 0 on', [-1]],
    [{ kind: 'int', above: 0, max: 9 }, 'a whole number above 0, up to 9', [0, 10]],
    [{ kind: 'range', min: 1, max: 9 }, 'a whole number from 1 on, up to 9, or two such as [100, 200]', [10, [1, 10]]],
    [{ kind: 'number', above: 0 }, 'a number above 0', [0, '3', null]],
    [{ kind: 'text' }, 'a text that is not empty', ['', 3, null, ['a']]],
    [{ kind: 'text', choices: ['cap', 'drop'] }, 'one of cap, drop', ['', 'Cap', 3, null]],
    [{ kind: 'flag' }, 'true or false', ['true', 1, null]],
    [
      { kind: 'range', min: 1 },
      'a whole number from 1 on, or two such as [100, 200]',
      [0, [0, 5], [5], [9, 3], [1, 2, 3], [], 'a', [1, null]],
    ],
    [{ kind: 'texts' }, 'an object of texts', [{ a: 1 }, { a: null }, [], ['a'], 'a', null]],
  ])('%j', (kind, wanted, values) => {
    for (const value of values) {
      expect(problemOf({ key: value }, { key: option(kind) })).toBe(
        `--dataset-args: "key" of dataset own must be ${wanted}, got ${JSON.stringify(value)}`,
      )
    }
  })

  test('a number beyond all bounds is named as what it is', () => {
    expect(problemOf(JSON.parse('{"key": 1e999}'), { key: option({ kind: 'number' }) })).toMatch(/got Infinity$/)
  })

  test('a long value is shown in part', () => {
    const problem = problemOf({ key: ['x'.repeat(10_000)] }, { key: option({ kind: 'int' }) })
    expect(problem).toMatch(/got \["x+ …$/)
    expect(problem?.length).toBeLessThan(200)
  })
})

describe('a key that is not known is refused with those that are', () => {
  const options: DatasetOptions = { speed: option({ kind: 'number' }), model: option({ kind: 'text' }) }

  test.each<[string, JsonObject, DatasetOptions | undefined, string]>([
    ['one misspelt', { Speed: 2 }, options, 'does not know "Speed"; it takes speed, model'],
    ['the second of two', { speed: 2, sped: 2 }, options, 'does not know "sped"; it takes speed, model'],
    ['a dataset that takes none', { a: 1 }, undefined, 'does not know "a"; it takes none'],
    ['what every object has', { toString: 1 }, options, 'does not know "toString"; it takes speed, model'],
    ['of an object', JSON.parse('{"__proto__": 1}'), options, 'does not know "__proto__"; it takes speed, model'],
    ['on several lines', { 'a\nb': 1 }, options, 'does not know "a\\nb"; it takes speed, model'],
  ])('%s', (_what, args, known, problem) => {
    expect(problemOf(args, known)).toBe(`--dataset-args: dataset own ${problem}`)
  })

  test('a key whose value a program left out is none', () => {
    expect(problemOf({ speed: undefined, other: undefined }, options)).toBeUndefined()
  })
})

test.each<[JsonValue | undefined, { min: number; max: number }]>([
  [undefined, { min: 500, max: 500 }],
  [7, { min: 7, max: 7 }],
  [[3, 9], { min: 3, max: 9 }],
])('the range that %j stands for is %j', (value, range) => {
  expect(rangeOf(value, 500)).toEqual(range)
})
