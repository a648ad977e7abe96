import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { custom } from '../../src/datasets/custom.ts'
import type { Dataset } from '../../src/datasets/dataset.ts'
import { lineByLine } from '../../src/datasets/line-by-line.ts'
import type { JsonObject } from '../../src/model/json.ts'
import { createContext, take } from './context.ts'

const root = mkdtempSync(join(tmpdir(), 'objects-'))
afterAll(() => rmSync(root, { recursive: true }))

const fileOf = (name: string, content: string): string => {
  const path = join(root, name)
  writeFileSync(path, content)
  return path
}

const readAll = (dataset: Dataset, path: string, args: JsonObject, said: string[]) =>
  take(dataset.open(createContext({ spec: 'own', path, args, chat: false }, { said })))

describe('lines that hold objects, where no field is named', () => {
  const sends = (field: string): string => `--dataset-args '{"field":"${field}"}' sends one of its values`
  test.each<[string, Dataset, string, string, JsonObject, string[]]>([
    [
      'custom',
      custom,
      'a.jsonl',
      '{"id":"7","question":"a"}\n{"question":"b"}\n',
      {},
      [`line 1 of a.jsonl is a JSON object, sent as text; ${sends('question')}`],
    ],
    [
      'custom',
      custom,
      'a.txt',
      '\n{"frage":"Warum?","id":7}\n',
      {},
      [`line 2 of a.txt is a JSON object, sent as text; ${sends('frage')}`],
    ],
    ['custom', custom, 'a.jsonl', '{"question":"a"}\n', { field: 'question' }, []],
    ['custom', custom, 'a.jsonl', 'Why?\n{"question":"a"}\n{}\n', {}, []],
    ['custom', custom, 'a.jsonl', '{no object}\n', {}, []],
    [
      'line_by_line',
      lineByLine,
      'a.jsonl',
      '{"question":"a"}\n',
      {},
      [`line 1 of a.jsonl is a JSON object without messages or prompt, sent as it is; ${sends('question')}`],
    ],
    ['line_by_line', lineByLine, 'a.jsonl', '{"model":"m","messages":[]}\n', {}, []],
    ['line_by_line', lineByLine, 'a.jsonl', '{"inputs":"a"}\n', {}, []],
  ])('%s: %j', async (_name, dataset, name, content, args, lines) => {
    const said: string[] = []
    await readAll(dataset, fileOf(name, content), args, said)
    expect(said.map(line => line.replace(`${root}/`, ''))).toEqual(lines)
  })

  test('a column whose texts are objects is one that was found, and no line', async () => {
    const said: string[] = []
    await readAll(custom, fileOf('a.csv', 'q\n"{""a"":""b""}"\n'), {}, said)
    expect(said.map(line => line.replace(`${root}/`, ''))).toEqual(['own: prompts are in "q" of a.csv'])
  })
})
